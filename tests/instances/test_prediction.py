"""What is said of a launch before it is asked for: quota, hosts, time, other clouds. From rows; no cloud is called."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.clouds import tasks as cloud_tasks
from dashboard.clouds.models import Cloud, CloudAccount, Fetched
from dashboard.clouds.standing import standings_of
from dashboard.images.models import Image
from dashboard.instances import actions
from dashboard.instances.models import Flavor, Instance
from dashboard.instances.prediction import Wanted, predict, problems
from dashboard.networks.models import Network
from dashboard.operations.models import Operation
from dashboard.quotas.models import Quota, Resource


@pytest.fixture
def wanted(lab, cloud, image, small):
    def want(**changed):
        return Wanted(**{"tenant": lab, "cloud": cloud, "image": image, "flavor": small} | changed)

    return want


def ask(lab, wanted):
    return predict(wanted, standings_of(lab))


def test_the_quota_afterwards_is_exact_and_so_is_what_is_missing(lab, wanted):
    Quota.objects.filter(tenant=lab, resource="ram_mib").update(limit=1100, used=100)
    prediction = ask(lab, wanted(count=3, boot_volume_gib=7))
    assert {one.resource: (one.after, one.is_over) for one in prediction.usage if one.adds} == {
        "instances": (3, False), "vcpus": (3, False), "ram_mib": (1636, True), "volumes": (3, False),
        "volume_gib": (21, False),
    }  # fmt: skip
    assert [(one.resource, one.missing) for one in prediction.over] == [(Resource.RAM_MIB, 536)]


@pytest.mark.parametrize(("limit", "within"), [(0, 0), (100, 0), (1124, 2), (1636, 3), (None, 5)])
def test_it_says_for_how_many_there_is_quota(lab, wanted, limit, within):
    Quota.objects.filter(tenant=lab, resource="ram_mib").update(limit=limit, used=100)
    assert ask(lab, wanted(count=5)).within_quota == within


def test_of_several_it_says_for_how_many_the_hosts_have_room(lab, wanted, figures):
    outlook = ask(lab, wanted(count=3)).outlook
    assert (outlook.fits, outlook.is_short, outlook.able) == (2, True, 1)
    assert [group.text for group in outlook.alike] == ["room for 2", "down"]


def test_only_the_zone_in_which_the_network_lies_has_room(lab, wanted, figures):
    there = Network(zone="two")
    assert [group.text for group in ask(lab, wanted(networks=[there])).outlook.alike] == ["in the zone one", "down"]
    assert [group.text for group in ask(lab, wanted(networks=[Network()])).outlook.alike] == ["room for it", "down"]


def test_what_was_launched_since_the_figures_were_read_is_counted_in(lab, wanted, figures, launch, work):
    launch()
    assert (ask(lab, wanted(count=3)).outlook.fits, ask(lab, wanted()).outlook.under_way) == (1, 1)
    work()
    assert ask(lab, wanted(count=3)).outlook.fits == 1
    cloud_tasks.fetch(str(wanted().cloud.pk), "hosts")
    assert (ask(lab, wanted(count=3)).outlook.fits, ask(lab, wanted()).outlook.under_way) == (1, 0)


@pytest.mark.parametrize("was_asked", [False, True])
def test_a_cloud_that_tells_of_no_hosts_is_not_said_to_be_full(lab, wanted, cloud, was_asked):
    if was_asked:  # an administrator may ask any cloud
        Fetched.objects.create(cloud=cloud, what=Fetched.What.HOSTS, items=[], read_at=timezone.now())
        cloud.features = [name for name in cloud.features if name != "capacity"]
        cloud.save()
    outlook = ask(lab, wanted()).outlook
    assert (outlook.fits, outlook.is_short, list(outlook.rooms)) == (None, False, [])


def test_the_clouds_own_limit_counts_with_what_was_launched_since(lab, wanted, cloud, launch):
    limits = {
        "instances": {"limit": 3, "used": 1},
        "vcpus": {"limit": None, "used": 9},
        "ram_mib": {"limit": 9, "used": None},
    }
    cloud.accounts.filter(tenant=lab).update(limits=limits, limits_read_at=timezone.now())
    assert list(ask(lab, wanted(count=2)).outlook.limits) == []
    launch()
    (limit,) = ask(lab, wanted(count=2)).outlook.limits
    assert (limit.resource, limit.missing, ask(lab, wanted(count=2)).fits) == (Resource.INSTANCES, 1, False)


def test_the_time_is_that_of_the_images_own_launches(lab, wanted, cloud, image, launch, work):
    assert ask(lab, wanted()).estimate is None
    other = Image.objects.filter(cloud=cloud).exclude(pk=image.pk).first()
    for name in ("a", "b", "c"):
        launch(name)
    work()
    now = timezone.now()
    for operation, seconds in zip(Operation.objects.all(), (10, 20, 90), strict=True):
        Operation.objects.filter(pk=operation.pk).update(created_at=now, finished_at=now + timedelta(seconds=seconds))
    told = ask(lab, wanted()).estimate
    assert (told.median.seconds, told.most.seconds, told.launches, told.is_of_image) == (20, 90, 3, True)
    assert ask(lab, wanted(image=other)).estimate.is_of_image is False


def test_other_clouds_say_whether_they_could_and_why_not(lab, wanted, second, cloud):
    (other,) = ask(lab, wanted()).elsewhere
    assert (other.outlook.cloud, other.could) == (second, True)
    (other,) = ask(lab, wanted(flavor=Flavor.objects.get(cloud=cloud, name="medium"))).elsewhere
    assert (other.could, other.why_not) == (False, "The flavor medium is not offered there.")
    Image.objects.filter(cloud=second).update(min_disk_gib=20)
    assert ask(lab, wanted()).elsewhere[0].why_not.endswith("needs a disk of 20 GiB; this flavor has 5 GiB.")


def test_three_clouds_take_no_more_queries_than_two(lab, wanted, second, tmp_path, django_assert_num_queries):
    standings = standings_of(lab)
    with django_assert_num_queries(8):
        predict(wanted(), standings)
    third = Cloud.objects.create(name="third", kind="fake", settings={"path": str(tmp_path / "third")})
    CloudAccount.objects.create(tenant=lab, cloud=third)
    standings = standings_of(lab)
    with django_assert_num_queries(8):
        predict(wanted(), standings)


def test_the_action_refuses_what_the_form_refuses(lab, wanted, launch, image):
    Image.objects.filter(pk=image.pk).update(min_ram_mib=1000)
    image.refresh_from_db()
    (problem,) = problems(wanted(image=image))
    assert (problem.field, "488 MiB are missing" in problem.text) == ("flavor", True)
    with pytest.raises(actions.NotPossible, match="488 MiB are missing"):
        launch(image=image)
    assert Instance.objects.count() == 0
