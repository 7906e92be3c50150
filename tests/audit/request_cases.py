"""What people do with requests for more quota, as cases of test_every_change.py."""

from dashboard.quota_requests import actions
from dashboard.quota_requests.models import CarriedLaunch
from dashboard.quota_requests.wanted import limits_of

from .world import Case

ASKED = "vCPUs 40"


def request_of(world):
    vcpus = next(limit for limit in limits_of(world.lab) if limit.name == "vcpus")
    return actions.ask(world.bob, wanted=[(vcpus, 40)], reason="for the course", key="k")


def new(_world):
    data = {"key": "k", "vcpus": "40", "reason": "for the course"}
    return Case("quota-requests:new", [("quota-request.ask", ASKED)], ["lab"], data)


def decide(decision, entries, by="root", **data):
    def case(world):
        request = request_of(world)
        limits = {f"limit-{wish.pk}": data.get("vcpus", "40") for wish in request.wishes.all()}
        typed = {"decision": decision, "comment": "so it is"} | limits
        return Case("quota-requests:decide", entries, ["lab", request.pk], typed, by=by)

    return case


def withdraw(world):
    entries = [("quota-request.withdraw", ASKED)]
    return Case("quota-requests:withdraw", entries, ["lab", request_of(world).pk])


def take_back(world):
    request = request_of(world)
    CarriedLaunch.objects.create(tenant=world.lab, user=world.people["bob"], request=request, state="waiting")
    return Case("quota-requests:take-back", [("quota-request.take-back", ASKED)], ["lab", request.pk])


def rules(_world):
    data = {"version": "0", "percent": "10", "days": "30", "resources": ["vcpus"], "managers_percent": "0"}
    entries = [("quota-rules.change", "Rules for quota requests")]
    return Case("quota-requests:rules", entries, [], data, by="root")


LIMIT = ("quota.change", "vcpus of lab")
CASES = {
    "quota-requests:new": new,
    "quota-requests:decide approve": decide("approve", [("quota-request.approve", ASKED), LIMIT]),
    "quota-requests:decide less": decide("approve", [("quota-request.approve-less", ASKED), LIMIT], vcpus="30"),
    "quota-requests:decide endorse": decide("endorse", [("quota-request.endorse", ASKED)], by="alice"),
    "quota-requests:decide deny": decide("deny", [("quota-request.deny", ASKED)], by="alice"),
    "quota-requests:withdraw": withdraw,
    "quota-requests:take-back": take_back,
    "quota-requests:rules": rules,
}
