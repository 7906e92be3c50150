"""The administrator's pages of flavors, and what a launch, a resize and a template make of them."""

import re
import uuid

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from dashboard.audit.models import Entry
from dashboard.clouds.models import Cloud
from dashboard.flavors import actions
from dashboard.instances import inventory
from dashboard.instances.actions import change as change_instance
from dashboard.instances.models import Flavor, Instance, LaunchTemplate
from dashboard.quotas.models import Quota
from dashboard.tenancy.access import Administrator
from tests.instances.conftest import again, placed  # noqa: F401

HTMX = {"HX-Request": "true"}
LIST = "/flavors/"
TYPED = {"name": "huge", "vcpus": "6", "ram_mib": "3072", "disk_gib": "12"}
WANTED = {"name": "huge", "vcpus": 6, "ram_mib": 3072, "disk_gib": 12}
LAUNCH = "/t/lab/instances/launch/"


@pytest.fixture
def admin(root):
    client = Client()
    client.force_login(root)
    return client


@pytest.fixture
def as_root(root):
    return Administrator(user=root)


@pytest.fixture
def browser(bob):
    client = Client()
    client.force_login(bob)
    return client


@pytest.fixture
def huge(cloud, as_root):
    return actions.create(as_root, cloud.pk, dict(WANTED))


def at(flavor, verb=""):
    return f"{LIST}{flavor.pk}/{verb}"


def shown(flavor, **typed):
    """The form as it is shown, with some of it typed over."""
    values = {name: str(getattr(flavor, name)) for name in actions.FIELDS}
    return values | {f"was-{name}": value for name, value in values.items()} | typed


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def said(client, url, typed=None):
    """What the next page says after a form without JavaScript."""
    answer = client.post(url, typed or {})
    assert answer.status_code == 303
    return words(client.get(answer["Location"]))


def launched(browser, cloud, image, flavor, name="web"):
    typed = {"name": name, "cloud": cloud.pk, "image": image.pk, "flavor": flavor.pk, "key": uuid.uuid4().hex}
    return browser.post(LAUNCH, typed)


# --- the list ------------------------------------------------------------------------


def test_the_list_takes_at_most_eight_queries_whatever_there_is(admin, cloud, django_assert_max_num_queries):
    Flavor.objects.bulk_create(
        Flavor(cloud=cloud, name=f"f{n}", vcpus=1, ram_mib=64, disk_gib=n + 1) for n in range(200)
    )
    Cloud.objects.bulk_create(Cloud(name=f"c{n}", kind="fake") for n in range(30))
    with django_assert_max_num_queries(8):
        answer = admin.get(LIST)
    assert (answer.status_code, "f199" in words(answer)) == (200, True)


def test_it_is_among_the_links_of_administrators(admin, cloud):
    assert f'href="{LIST}"' in admin.get(reverse("instances:all")).content.decode()


def test_a_clouds_own_flavors_are_only_shown(admin, as_root, placed):  # noqa: F811
    answer = admin.get(LIST)
    text = answer.content.decode()
    assert "These are the cloud's own flavors." in text.replace("&#x27;", "'")
    assert "m1.tiny" in text
    assert "/retire/" not in text
    tiny = Flavor.objects.get(cloud=placed, name="m1.tiny")
    assert admin.get(at(tiny)).status_code == 404
    for verb in ("retire/", "restore/", "delete/"):
        assert admin.post(at(tiny, verb)).status_code == 404
    assert admin.post(f"{LIST}clouds/{placed.pk}/create/", TYPED).status_code == 404
    with pytest.raises(Cloud.DoesNotExist):
        actions.create(as_root, placed.pk, dict(WANTED))


def test_each_says_how_many_instances_use_it_and_the_grey_button_why(admin, launch, small):
    launch("web-1")
    launch("web-2")
    text = admin.get(LIST).content.decode()
    assert 'aria-label="Delete small" role="link" tabindex="0" aria-disabled="true"' in text
    assert "2 instances use it. Retire it instead." in text
    answer = admin.post(at(small, "delete/"))
    assert (answer.status_code, "2 instances use it" in words(answer)) == (422, True)
    assert not again(small).is_gone


def test_without_a_cloud_it_says_what_to_do(admin):
    assert "Connect a cloud first." in words(admin.get(LIST))


def test_a_cloud_without_flavors_says_what_to_do(admin, cloud):
    Flavor.objects.all().delete()
    assert "without a flavor nothing can be launched" in words(admin.get(LIST))


# --- what is typed -------------------------------------------------------------------


def test_one_is_added_and_said_to_be_there(admin, cloud):
    assert "pretend offers huge now." in said(admin, f"{LIST}clouds/{cloud.pk}/create/", TYPED)
    made = Flavor.objects.get(name="huge")
    assert (made.vcpus, made.ram_mib, made.disk_gib, made.remote_id) == (6, 3072, 12, str(made.pk))


@pytest.mark.parametrize("field", ["vcpus", "ram_mib", "disk_gib"])
@pytest.mark.parametrize("typed", ["0", "-5", "1e30", "ten", "", "9" * 40, "1.5", "٣", "\0"])
def test_what_is_no_number_is_said_at_its_field_and_kept(admin, cloud, field, typed):
    answer = admin.post(f"{LIST}clouds/{cloud.pk}/create/", TYPED | {field: typed})
    assert answer.status_code == 422
    assert [*answer.context["form"].errors] == [field]
    assert answer.context["form"]["name"].value() == "huge"
    assert f'id="{field}-error"' in answer.content.decode()
    assert not Flavor.objects.filter(name="huge").exists()


@pytest.mark.parametrize(
    ("field", "low", "high"), [("vcpus", 1, 256), ("ram_mib", 64, 4 * 1024 * 1024), ("disk_gib", 1, 65536)]
)
def test_the_bounds(admin, cloud, field, low, high):
    url = f"{LIST}clouds/{cloud.pk}/create/"
    for number, status in ((low - 1, 422), (low, 303), (high, 303), (high + 1, 422), (100000000, 422)):
        assert admin.post(url, TYPED | {field: str(number), "name": f"f{number}"}).status_code == status, number


@pytest.mark.parametrize("name", ["small", "SMALL", " small ", "ｓmall"])
def test_a_name_that_the_cloud_has_is_refused_at_the_field(admin, cloud, name):
    answer = admin.post(f"{LIST}clouds/{cloud.pk}/create/", TYPED | {"name": name})
    assert answer.status_code == 422
    assert "has a flavor “small” already" in str(answer.context["form"].errors["name"])


@pytest.mark.parametrize("name", ["", " ", "a\u202eb", "a\0b", "x" * 65])
def test_a_name_that_will_not_do(admin, cloud, name):
    answer = admin.post(f"{LIST}clouds/{cloud.pk}/create/", TYPED | {"name": name})
    assert (answer.status_code, [*answer.context["form"].errors]) == (422, ["name"])


def test_another_cloud_may_have_the_same_name_and_a_deleted_one_gives_it_free(as_root, cloud, huge):
    bare = Cloud.objects.create(name="bare", kind="fake", features=["flavor-edit"])
    actions.create(as_root, bare.pk, dict(WANTED))
    actions.delete(as_root, huge.pk)
    actions.create(as_root, cloud.pk, dict(WANTED))
    with pytest.raises(IntegrityError), transaction.atomic():
        Flavor.objects.create(cloud=cloud, **WANTED)


# --- changing ------------------------------------------------------------------------


def test_of_two_administrators_the_second_sees_both_values(admin, huge):
    opened = shown(huge)
    assert admin.post(at(huge), opened | {"vcpus": "7"}).status_code == 303
    answer = admin.post(at(huge), opened | {"vcpus": "9"})
    assert answer.status_code == 422
    assert "from 6 to 7 since you opened this page. Save again to make it 9." in words(answer)
    assert again(huge).vcpus == 7
    sent = dict(re.findall(r'name="(was-\w+)" value="([^"]*)"', answer.content.decode()))
    assert sent["was-vcpus"] == "7"
    assert admin.post(at(huge), opened | {"vcpus": "9"} | sent).status_code == 303
    assert again(huge).vcpus == 9


def test_saving_what_is_so_already_is_no_change(admin, huge):
    before = Entry.objects.count()
    assert "huge is as it was." in said(admin, at(huge), shown(huge))
    assert Entry.objects.count() == before


def test_large_numbers_come_back_as_they_were_shown(admin, huge):
    Flavor.objects.filter(pk=huge.pk).update(ram_mib=4194304)
    text = admin.get(at(huge)).content.decode()
    assert 'name="was-ram_mib" value="4194304"' in text
    assert 'name="ram_mib" value="4194304"' in text


def test_an_edit_is_for_new_launches_and_a_sync_leaves_it_alone(
    admin, browser, cloud, image, small, launch, work, lab, as_bob
):
    old = launch("old")
    work()
    assert admin.post(at(small), shown(small, vcpus="3", ram_mib="1536")).status_code == 303
    assert launched(browser, cloud, image, small, "new").status_code == 303
    work()
    assert inventory.sync_cloud(cloud.pk)
    assert (again(old).vcpus, again(old).flavor.name) == (1, "small")
    new = Instance.objects.get(name="new")
    assert (new.status, new.vcpus, new.ram_mib) == ("ACTIVE", 3, 1536)
    assert Quota.objects.get(tenant=lab, resource="vcpus").used == 4
    assert not again(small).is_gone


# --- launching, resizing -------------------------------------------------------------


def test_a_launch_with_an_own_flavor_has_its_numbers_on_the_cloud(browser, cloud, image, huge, work):
    assert launched(browser, cloud, image, huge).status_code == 303
    work()
    instance = Instance.objects.get(name="web")
    assert (instance.status, instance.flavor, instance.vcpus) == ("ACTIVE", huge, 6)
    remote = next(iter(cloud.driver().compute.list()))
    assert (remote.vcpus, remote.ram_mib, remote.disk_gib, remote.flavor_id) == (6, 3072, 12, str(huge.pk))


def test_a_resize_has_the_numbers_that_were_reserved(as_root, as_bob, launch, work, huge):
    instance = launch()
    work()
    arguments = {"flavor": huge.remote_id, "flavor_row": str(huge.pk)}
    change_instance(as_bob, instance.pk, "resize", arguments=arguments, size=huge)
    actions.change(as_root, huge.pk, WANTED | {"vcpus": 11}, was=dict(WANTED))
    actions.delete(as_root, huge.pk)  # nothing has it yet
    work()
    resized = again(instance)
    assert (resized.status, resized.vcpus, resized.ram_mib) == ("RESIZED", 6, 3072)
    assert resized.flavor == huge


def test_of_two_of_the_same_size_a_resize_finds_the_one_that_was_chosen(as_root, as_bob, cloud, launch, work, huge):
    twin = actions.create(as_root, cloud.pk, WANTED | {"name": "a-twin"})
    instance = launch()
    work()
    arguments = {"flavor": twin.remote_id, "flavor_row": str(twin.pk)}
    change_instance(as_bob, instance.pk, "resize", arguments=arguments, size=twin)
    work()
    assert again(instance).flavor == twin


# --- retired -------------------------------------------------------------------------


@pytest.fixture
def retired(admin, small, launch, work):
    launch("old")
    work()
    assert "small is retired" in said(admin, at(small, "retire/"))
    return again(small)


def test_what_is_retired_is_kept_by_instances_and_offered_to_nothing_new(browser, cloud, image, retired):
    old = Instance.objects.get(name="old")
    assert (old.flavor, old.status) == (retired, "ACTIVE")
    assert f'value="{retired.pk}"' not in browser.get(LAUNCH).content.decode()
    answer = launched(browser, cloud, image, retired, "new")
    assert answer.status_code == 422
    assert "An administrator retired this flavor" in str(answer.context["form"].errors["flavor"])
    Instance.objects.filter(pk=old.pk).update(flavor=Flavor.objects.get(name="medium"))
    resize = f"/t/lab/instances/{old.pk}/resize/"
    assert f'value="{retired.pk}"' not in browser.get(resize).content.decode()
    answer = browser.post(resize, {"flavor": retired.pk})
    assert (answer.status_code, "An administrator retired this flavor" in words(answer)) == (422, True)


def test_a_template_and_one_more_like_this_say_why_it_is_left_out(browser, cloud, image, lab, retired):
    pk = str(retired.pk)
    template = LaunchTemplate.objects.create(
        tenant=lab, cloud=cloud, name="web", values={"flavor": pk}, labels={"flavor": {pk: "small"}}
    )
    for query in ({"template": template.pk}, {"like": Instance.objects.get(name="old").pk}):
        text = words(browser.get(LAUNCH, query))
        assert re.search("An administrator retired the flavor “small[^”]*”; choose another.", text)


def test_brought_back_it_is_offered_again(admin, browser, cloud, image, retired):
    assert "small is offered again." in said(admin, at(retired, "restore/"))
    assert launched(browser, cloud, image, retired, "new").status_code == 303


def test_verbs_twice_leave_one_entry(admin, small):
    for verb in ("retire", "retire", "restore", "restore", "delete", "delete"):
        admin.post(at(small, f"{verb}/"))
    verbs = Entry.objects.filter(object_kind="flavor").order_by("pk").values_list("verb", flat=True)
    assert [*verbs] == ["flavor.retire", "flavor.restore", "flavor.delete"]
    assert admin.post(at(small, "retire/")).status_code == 404


def test_htmx_gets_the_form_or_nothing_and_the_page_looks_again(admin, cloud, huge):
    answer = admin.post(at(huge, "retire/"), headers=HTMX)
    assert (answer.status_code, '"changed"' in answer["HX-Trigger"]) == (204, True)
    answer = admin.post(at(huge), shown(huge, vcpus="ten"), headers=HTMX)
    assert answer.content.decode().lstrip().startswith('<form id="form"')
