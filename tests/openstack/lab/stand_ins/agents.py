"""Stands in for Neutron's agents: says that they live, and does what can be seen of a real L3 agent in the API.

That is: it binds router ports to its host, and sets floating IPs ACTIVE or DOWN within 5 s. No network is configured.
"""

from __future__ import annotations

import sys
import time

from oslo_service import backend

backend.init_backend(backend.BackendType.THREADING)  # before anything of Neutron is imported

from neutron.agent import rpc as agent_rpc  # noqa: E402
from neutron.agent.l3.agent import L3PluginApi  # noqa: E402
from neutron.common import config as common_config  # noqa: E402
from neutron.conf import service as service_config  # noqa: E402
from neutron.conf.agent import common as agent_config  # noqa: E402
from neutron_lib import constants  # noqa: E402
from neutron_lib import context as neutron_context  # noqa: E402
from neutron_lib.agent import topics  # noqa: E402
from oslo_config import cfg  # noqa: E402
from oslo_log import log as logging  # noqa: E402

LOG = logging.getLogger(__name__)
ROUND_S = 5
REPORT_EVERY_S = 30
L3_HOST = "net1"
L2_HOSTS = ("fake1", "fake2", L3_HOST)


def main():
    common_config.register_common_config_options()
    agent_config.register_agent_state_opts_helper(cfg.CONF)
    service_config.register_service_opts(service_config.RPC_EXTRA_OPTS, cfg.CONF)
    common_config.init(sys.argv[1:])
    common_config.setup_logging()
    context = neutron_context.get_admin_context_without_session()
    reports = agent_rpc.PluginReportStateAPI(topics.REPORTS)
    l3, agents, active = L3PluginApi(topics.L3PLUGIN, L3_HOST), _agents(), {}
    due = 0.0
    while True:
        try:
            if time.monotonic() >= due:
                _report(context, reports, agents)
                due = time.monotonic() + REPORT_EVERY_S
            _serve_floating_ips(context, l3, active)
        except Exception:
            LOG.exception("one round failed")
        time.sleep(ROUND_S)


def _agents():
    l3 = {"agent_mode": "legacy", "handle_internal_only_routers": True, "interface_driver": "none"}
    l2 = {"bridge_mappings": {"public": "br-ex"}, "tunnel_types": ["vxlan"]}
    return [
        _agent("neutron-l3-agent", L3_HOST, constants.AGENT_TYPE_L3, topics.L3_AGENT, l3),
        *(_agent("neutron-openvswitch-agent", host, constants.AGENT_TYPE_OVS, "N/A", l2) for host in L2_HOSTS),
    ]


def _agent(binary, host, kind, topic, configurations):
    return {
        "binary": binary,
        "host": host,
        "agent_type": kind,
        "topic": topic,
        "availability_zone": "nova",
        "configurations": configurations,
        "start_flag": True,
    }


def _report(context, reports, agents):
    for agent in agents:
        reports.report_state(context, agent, use_call=True)
        agent.pop("start_flag", None)


def _serve_floating_ips(context, l3, active):
    """`active` holds for each router the floating IPs that were ACTIVE in the last round."""
    for router in l3.get_routers(context):
        wanted = dict.fromkeys(active.get(router["id"], {}), "DOWN")
        for floating_ip in router.get("_floatingips", []):
            wanted[floating_ip["id"]] = "ACTIVE" if floating_ip.get("port_id") else "DOWN"
        if wanted != active.get(router["id"], {}):
            l3.update_floatingip_statuses(context, router["id"], wanted)
        active[router["id"]] = {name: status for name, status in wanted.items() if status == "ACTIVE"}


if __name__ == "__main__":
    main()
