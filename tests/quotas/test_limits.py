"""Changing limits: exactly what was seen, all or nothing, with an entry for each."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboard.audit.models import Entry
from dashboard.audit.verify import first_broken
from dashboard.quotas import plans
from dashboard.quotas.actions import (
    Change,
    Meanwhile,
    PlanChanged,
    change_limits,
    change_plan,
    create_plan,
    delete_plan,
)
from dashboard.quotas.models import DEFAULT_LIMITS, Plan, Quota, Resource, TenantPlan
from dashboard.quotas.plans import NotPossible, key_of
from dashboard.tenancy.models import Tenant

LIMITS = {resource.value: 7 for resource in Resource}


def asked(tenant, resource="instances", *, was=10, limit=20):
    return Change(tenant_id=tenant.pk, resource=resource, was=was, limit=limit)


def test_each_limit_that_is_changed_is_one_entry_with_what_it_was(lab, other, as_root, limit_of):
    changes = [
        asked(lab),
        asked(lab, "vcpus", was=20, limit=None),
        asked(other),
        asked(other, "vcpus", was=20, limit=20),
    ]
    assert change_limits(as_root, changes) == 3
    assert (limit_of(lab, "instances"), limit_of(lab, "vcpus"), limit_of(other, "instances")) == (20, None, 20)
    entries = Entry.objects.filter(verb="quota.change").order_by("object_name")
    assert [(e.object_name, e.before, e.after, e.actor) for e in entries] == [
        ("instances of lab", {"instances": 10}, {"instances": 20}, "root"),
        ("instances of other", {"instances": 10}, {"instances": 20}, "root"),
        ("vcpus of lab", {"vcpus": 20}, {"vcpus": None}, "root"),
    ]
    assert first_broken(str(lab.pk)) is None


def test_what_somebody_else_changed_meanwhile_changes_nothing_and_says_what_it_is(lab, as_root, limit_of):
    change_limits(as_root, [asked(lab, limit=15)])
    with pytest.raises(Meanwhile) as refused:
        change_limits(as_root, [asked(lab, "vcpus", was=20, limit=30), asked(lab, limit=20)])
    assert [(c.was, c.limit) for c in refused.value.changes] == [(15, 20)]
    assert limit_of(lab, "vcpus") == 20
    assert change_limits(as_root, refused.value.changes) == 1
    assert limit_of(lab, "instances") == 20


def test_what_somebody_else_made_the_same_is_no_conflict_and_no_entry(lab, as_root):
    change_limits(as_root, [asked(lab)])
    assert change_limits(as_root, [asked(lab)]) == 0
    assert Entry.objects.filter(verb="quota.change").count() == 1


def test_a_tenant_without_a_row_gets_one(lab, as_root, limit_of):
    Quota.objects.filter(tenant=lab, resource="buckets").delete()
    change_limits(as_root, [asked(lab, "buckets", was=0, limit=3)])
    assert limit_of(lab, "buckets") == 3


def test_of_many_tenants_the_limits_are_few_queries(as_root, db):
    """Only the audit trail is written tenant by tenant: each has a chain of its own."""
    tenants = Tenant.objects.bulk_create(Tenant(slug=f"t{n}", name=f"T{n}") for n in range(200))
    Quota.objects.bulk_create(Quota(tenant=tenant, resource="vcpus", limit=1) for tenant in tenants)
    with CaptureQueriesContext(connection) as asked_for:
        assert change_limits(as_root, [asked(t, "vcpus", was=1, limit=2) for t in tenants]) == 200
    assert len([query for query in asked_for.captured_queries if '"quotas_' in query["sql"]]) <= 5
    assert Quota.objects.filter(resource="vcpus", limit=2).count() == 200


# --- plans ----------------------------------------------------------------------------


def test_a_new_tenant_begins_with_the_default_plan(as_root, db, limit_of):
    plan = create_plan(as_root, name="Small", limits=LIMITS | {"vcpus": None}, is_default=True)
    tenant = Tenant.objects.create(slug="new", name="New")
    plans.begin(tenant)
    assert (limit_of(tenant, "instances"), limit_of(tenant, "vcpus")) == (7, None)
    assert TenantPlan.objects.get(tenant=tenant).plan == plan
    assert Plan.objects.filter(is_default=True).count() == 1


def test_where_there_is_no_plan_it_begins_with_the_usual_limits(db, limit_of):
    Plan.objects.all().delete()
    tenant = Tenant.objects.create(slug="new", name="New")
    plans.begin(tenant)
    assert {r: limit_of(tenant, r) for r in Resource} == DEFAULT_LIMITS


def test_names_that_look_alike_clash(as_root, db):
    create_plan(as_root, name="Große", limits=LIMITS)
    for name in ("GROSSE", "  große ", "\uff27rosse"):
        with pytest.raises(NotPossible) as refused:
            create_plan(as_root, name=name, limits=LIMITS)
        assert refused.value.field == "name"
    assert key_of("قسم") != key_of("قسمة")


def test_a_plan_that_somebody_else_saved_meanwhile_is_not_overwritten(as_root, db):
    plan = create_plan(as_root, name="Small", limits=LIMITS)
    change_plan(as_root, plan, version=1, name="Small", limits=LIMITS | {"vcpus": 8})
    with pytest.raises(PlanChanged) as refused:
        change_plan(as_root, plan, version=1, name="Small", limits=LIMITS | {"vcpus": 9})
    assert (refused.value.now.limits["vcpus"], refused.value.now.version) == (8, 2)


def test_a_plan_is_not_deleted_while_used_or_the_default(as_root, lab):
    plan = create_plan(as_root, name="Small", limits=LIMITS)
    change_limits(as_root, [], plan=plan, planned=[lab.pk])
    with pytest.raises(NotPossible):
        delete_plan(as_root, plan)
    another = create_plan(as_root, name="Large", limits=LIMITS, is_default=True)
    with pytest.raises(NotPossible):
        delete_plan(as_root, another)
    change_limits(as_root, [], plan=another, planned=[lab.pk])
    delete_plan(as_root, plan)
    verbs = Entry.objects.filter(object_kind="plan").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["plan.create", "plan.give", "plan.create", "plan.give", "plan.delete"]
