"""The rule editor: what it takes, what it says, what it warns of."""

import pytest
from django.test import Client

from dashboard.clouds.interface import Feature, RuleSpec
from dashboard.networks import actions
from dashboard.networks.models import Rule, SecurityGroup
from dashboard.networks.rules import said, warning

ANY = {"direction": "ingress", "family": "IPv4"}


def rule(**fields) -> Rule:
    return Rule(group=SecurityGroup(remote_id="own"), **(ANY | fields))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Lets in everything from anybody, over IPv4."),
        ({"direction": "egress", "family": "IPv6"}, "Lets out everything to anybody, over IPv6."),
        ({"protocol": "tcp", "port_min": 22, "port_max": 22}, "Lets in TCP port 22 (SSH) from anybody, over IPv4."),
        ({"protocol": "udp", "port_min": 7, "port_max": 9}, "Lets in UDP ports 7 to 9 from anybody, over IPv4."),
        ({"protocol": "tcp"}, "Lets in all TCP from anybody, over IPv4."),
        ({"protocol": "icmp"}, "Lets in ping and all other ICMP from anybody, over IPv4."),
        ({"protocol": "icmp", "port_min": 8}, "Lets in ICMP of type 8 from anybody, over IPv4."),
        ({"cidr": "192.0.2.0/24"}, "Lets in everything from 192.0.2.0/24, over IPv4."),
        ({"peer_group_id": "own"}, "Lets in everything from members of this group, over IPv4."),
        ({"peer_group_id": "web"}, "Lets in everything from members of the group Web, over IPv4."),
        ({"peer_group_id": "gone"}, "Lets in everything from members of another group, over IPv4."),
        ({"cidr": "address group 7"}, "Lets in everything from address group 7, over IPv4."),
    ],
)
def test_a_rule_says_plainly_what_it_opens(fields, sentence):
    assert said(rule(**fields), {"web": "Web"}) == sentence


SSH = {"protocol": "tcp", "port_min": 22, "port_max": 22}


@pytest.mark.parametrize("open_to_all", ["", "0.0.0.0/0", "::/0"])
@pytest.mark.parametrize("fields", [SSH, {"protocol": "tcp"}, {"protocol": "tcp", "port_min": 1, "port_max": 65535}])
def test_ssh_for_everybody_is_warned_of(fields, open_to_all):
    assert "SSH" in warning(rule(**fields, cidr=open_to_all))
    assert "open to everybody" in warning(rule(**fields, cidr=open_to_all))


def test_everything_for_everybody_is_warned_of():
    assert "every port" in warning(rule())


@pytest.mark.parametrize(
    "fields",
    [
        SSH | {"cidr": "192.0.2.0/24"},
        SSH | {"peer_group_id": "own"},
        SSH | {"direction": "egress"},
        {"protocol": "tcp", "port_min": 443, "port_max": 443},
        {"protocol": "icmp"},
        {"cidr": "address group 7"},
    ],
)
def test_what_many_need_is_not_warned_of(fields):
    assert warning(rule(**fields)) == ""


# --- the editor -------------------------------------------------------------------


@pytest.fixture
def group(cloud, lab) -> SecurityGroup:
    return SecurityGroup.objects.for_tenant(lab).get(name="default")


@pytest.fixture
def browser(bob) -> Client:
    client = Client()
    client.force_login(bob)
    return client


def post(browser, of, /, **fields):
    return browser.post(f"/t/lab/networks/security-groups/{of.pk}/rules/", ANY | fields)


@pytest.mark.parametrize(
    ("fields", "wrong", "message"),
    [
        ({"protocol": "tcp", "ports": "x"}, "ports", "Type one port, such as 22"),
        ({"protocol": "tcp", "ports": "0"}, "ports", "Ports go from 1 to 65535."),
        ({"protocol": "tcp", "ports": "65536"}, "ports", "Ports go from 1 to 65535."),
        ({"protocol": "tcp", "ports": "90-80"}, "ports", "Did you mean 80-90?"),
        ({"protocol": "tcp", "ports": "1-2-3"}, "ports", "Type one port, such as 22"),
        ({"protocol": "", "ports": "22"}, "protocol", "Ports belong to TCP or UDP."),
        ({"protocol": "icmp", "ports": "22"}, "ports", "ICMP has no ports."),
        ({"protocol": "bogus"}, "protocol", "Select a valid choice."),
        ({"direction": "sideways"}, "direction", "Select a valid choice."),
        ({"cidr": "10.0.0.1/8"}, "cidr", "Did you mean 10.0.0.0/8?"),
        ({"cidr": "everywhere"}, "cidr", "This is no address range."),
        ({"cidr": "fd00::/8"}, "family", "fd00::/8 is IPv6."),
        ({"group": "nobody"}, "group", "Select a valid choice."),
        ({"description": "a\u202eb"}, "description", "cannot be seen"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_is_kept(browser, group, fields, wrong, message):
    answer = post(browser, group, **fields)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert message in page
    assert f'id="{wrong}-error"' in page
    assert f'value="{fields.get("ports", "")}"' in page
    assert group.rules.count() == 4


def test_a_range_and_a_group_at_once_are_refused(browser, group):
    page = post(browser, group, cidr="192.0.2.0/24", group=group.remote_id).content.decode()
    assert "Either an address range or a group" in page


def test_one_address_is_a_range_of_one(browser, group):
    assert post(browser, group, cidr="192.0.2.7").status_code == 303
    assert group.rules.get(remote_id="").cidr == "192.0.2.7/32"


def test_a_rule_that_is_there_is_not_added_again(browser, group):
    assert post(browser, group, direction="egress").status_code == 422
    assert post(browser, group, direction="egress", cidr="0.0.0.0/0").status_code == 422


def test_ping_over_ipv6_is_its_own_protocol(browser, group):
    post(browser, group, protocol="icmp", family="IPv6")
    assert group.rules.get(remote_id="").protocol == "ipv6-icmp"


@pytest.mark.parametrize(
    ("template", "shown"),
    [("ssh", 'value="22"'), ("rdp", 'value="3389"'), ("http", 'value="80"'), ("https", 'value="443"'),
     ("ping", '<option value="icmp" selected>'), ("out", '<option value="egress" selected>')],
)  # fmt: skip
def test_a_template_fills_the_form(browser, group, template, shown):
    here = f"/t/lab/networks/security-groups/{group.pk}/"
    assert shown in browser.get(here, {"template": template}).content.decode()
    part = browser.get(here, {"template": template}, headers={"HX-Request": "true"}).content.decode()
    assert shown in part
    assert "<html" not in part


@pytest.mark.parametrize(("template", "warned"), [("ssh", True), ("rdp", True), ("https", False), ("within", False)])
def test_the_editor_warns_before_a_rule_is_added(browser, group, template, warned):
    page = browser.get(f"/t/lab/networks/security-groups/{group.pk}/", {"template": template}).content.decode()
    assert ("is open to everybody" in page) is warned


def test_all_within_the_group_makes_the_group_the_other_side(browser, group):
    page = browser.get(f"/t/lab/networks/security-groups/{group.pk}/", {"template": "within"}).content.decode()
    assert f'<option value="{group.remote_id}" selected>' in page


def test_the_page_of_a_group_says_the_warning_beside_the_rule(browser, group):
    Rule.objects.create(group=group, remote_id="r", **(ANY | SSH | {"cidr": "0.0.0.0/0"}))
    assert "SSH is open to everybody" in browser.get(f"/t/lab/networks/security-groups/{group.pk}/").content.decode()


# --- a cloud that has not every kind of rule ----------------------------------------------

KINDS = {Feature.RULES_EGRESS, Feature.RULES_IPV6, Feature.RULES_ANY_PROTOCOL}


@pytest.fixture
def plain(cloud, group) -> SecurityGroup:
    """Of a cloud whose rules are for what gets in, over IPv4, each for one protocol."""
    cloud.features = sorted(set(cloud.features) - KINDS)
    cloud.save()
    return group


NO_EGRESS = "The cloud pretend has no rules for what gets out: everything does."
NO_IPV6 = "The cloud pretend has no IPv6."
NO_ANY = "On the cloud pretend each rule is for one protocol: choose TCP, UDP or ICMP."


def test_what_the_cloud_has_not_is_not_offered_and_a_hint_says_so(browser, plain):
    page = browser.get(f"/t/lab/networks/security-groups/{plain.pk}/").content.decode()
    for value in ("egress", "IPv6", ""):
        assert f'<option value="{value}"' not in page.replace('<option value="" selected>None', "")
    for name, why in (("direction", NO_EGRESS), ("family", NO_IPV6), ("protocol", NO_ANY)):
        assert f'id="{name}-hint">{why}' in page
    for label, why in (("All outgoing", NO_EGRESS), ("All within the group", NO_ANY)):
        assert f'aria-disabled="true" title="{why}">{label}<' in page
    assert "?template=ssh" in page
    assert "?template=out" not in page


def test_every_kind_is_offered_where_the_cloud_has_it(browser, group):
    page = browser.get(f"/t/lab/networks/security-groups/{group.pk}/").content.decode()
    for value in ("egress", "IPv6", "ingress", "IPv4"):
        assert f'<option value="{value}"' in page
    assert "?template=out" in page
    assert "All outgoing traffic is allowed" not in page


@pytest.mark.parametrize(
    ("fields", "wrong", "message"),
    [
        ({"direction": "egress"}, "direction", NO_EGRESS),
        ({"family": "IPv6"}, "family", NO_IPV6),
        ({"cidr": "fd00::/8"}, "cidr", f"{NO_IPV6} Type a range of IPv4 addresses."),
        ({"protocol": "", "ports": ""}, "protocol", NO_ANY),
    ],
)
def test_what_the_cloud_has_not_is_refused_at_its_field(browser, plain, fields, wrong, message):
    answer = post(browser, plain, **({"protocol": "tcp", "ports": "22", "description": "kept"} | fields))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="{wrong}-error"' in page
    assert message in page
    assert 'value="kept"' in page
    assert not plain.rules.filter(remote_id="").exists()


def test_what_the_cloud_has_is_added_as_before(browser, plain):
    assert post(browser, plain, protocol="tcp", ports="22", cidr="192.0.2.0/24").status_code == 303
    assert plain.rules.get(remote_id="").port_min == 22


@pytest.mark.parametrize(
    "spec",
    [
        RuleSpec(direction="egress", protocol="tcp"),
        RuleSpec(direction="ingress", protocol="tcp", family="IPv6"),
        RuleSpec(direction="ingress"),
    ],
)
def test_the_action_refuses_what_the_cloud_has_not(plain, as_bob, spec):
    with pytest.raises(actions.NotPossible, match="cloud pretend"):
        actions.add_rule(as_bob, plain.pk, spec=spec)


def test_a_template_that_the_cloud_has_not_fills_in_nothing(browser, plain):
    page = browser.get(f"/t/lab/networks/security-groups/{plain.pk}/", {"template": "within"}).content.decode()
    assert f'<option value="{plain.remote_id}" selected>' not in page


def test_where_nothing_holds_it_back_the_page_says_that_all_gets_out(browser, plain):
    here = f"/t/lab/networks/security-groups/{plain.pk}/"
    assert "All outgoing traffic is allowed" in browser.get(here).content.decode()
    plain.rules.all().delete()
    page = browser.get(here).content.decode()
    assert "None: nothing gets in. All outgoing" in page
    assert "All outgoing traffic is allowed" in page
    assert "nothing gets out" not in page
