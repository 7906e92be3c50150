"""Every verb from its page to the cloud, on a fake cloud that can do all of them."""

import pytest

from dashboard.clouds.drivers.fake import outside
from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.interface import Status
from dashboard.images.models import Image
from dashboard.instances import actions
from dashboard.instances.menu import GROUPS, groups_of
from dashboard.instances.notes import tags_of, tags_text
from dashboard.instances.verb_forms import FORMS
from dashboard.instances.verbs import VERBS
from dashboard.operations.models import Operation
from tests.instances.conftest import again, look

from .conftest import HTMX, resize, url

# verb -> (the status to begin in, the status that it ends in)
PLAIN = {
    "pause": (Status.ACTIVE, Status.PAUSED),
    "unpause": (Status.PAUSED, Status.ACTIVE),
    "suspend": (Status.ACTIVE, Status.SUSPENDED),
    "resume": (Status.SUSPENDED, Status.ACTIVE),
    "shelve": (Status.ACTIVE, Status.SHELVED),
    "unshelve": (Status.SHELVED, Status.ACTIVE),
    "unrescue": (Status.RESCUE, Status.ACTIVE),
}


def remote(instance):
    return instance.cloud.driver_for(instance.tenant_id).compute.get(instance.remote_id)


@pytest.mark.parametrize(("verb", "begin", "end"), [(verb, *both) for verb, both in PLAIN.items()])
def test_a_plain_verb_goes_from_its_button_to_the_cloud(browser, active, work, fake_path, cloud, verb, begin, end):
    outside.set_status(str(fake_path), active.remote_id, status=begin)
    look(cloud)
    assert browser.post(url(active, verb), headers=HTMX).status_code == 204
    work()
    assert again(active).status == end
    assert Operation.objects.get(kind=f"instance.{verb}").state == "done"


NO_NETWORK = "Failed to allocate the network(s), not rescheduling."
CRASHED = "It crashed: its process on the host ended, or the cloud reports an error for it."


@pytest.mark.parametrize("fault", [NO_NETWORK, "Nobody has heard of this before."])
@pytest.mark.parametrize(
    ("verb", "begin"), [("pause", Status.ACTIVE), ("start", Status.SHUTOFF), ("hard-reboot", Status.ACTIVE)]
)
def test_a_verb_that_ends_in_error_says_the_same_cause_as_its_instance(
    browser, active, work, fake_path, cloud, verb, begin, fault
):
    outside.set_status(str(fake_path), active.remote_id, status=begin)
    look(cloud)
    Faults(str(fake_path)).end_in_error(fault, call=verb.removeprefix("hard-"))
    browser.post(url(active, verb), headers=HTMX)
    work()
    failed = Operation.objects.get(kind=f"instance.{verb}")
    assert (failed.error_code, failed.error_values) == (
        again(active).failure,
        active.failure_values | failed.cloud.place_value,
    )
    said = str(failed.failure.cause)
    assert (
        said == CRASHED if fault != NO_NETWORK else said.startswith("The cloud could not connect the instance to its")
    )


@pytest.mark.parametrize("verb", ["describe", "snapshot"])
def test_a_name_that_is_too_long_is_refused_and_not_cut(browser, active, verb):
    assert "maxlength" not in browser.get(url(active, verb), headers=HTMX).content.decode()
    refused = browser.post(url(active, verb), {"name": "x" * 256}, headers=HTMX)
    assert (refused.status_code, "The name has 256 characters; 255 are possible." in refused.content.decode()) == (
        422,
        True,
    )
    assert not Operation.objects.filter(kind=f"instance.{verb}").exists()


def test_a_name_of_as_many_characters_as_are_possible_comes_back_whole_whatever_their_bytes(browser, active, work):
    browser.post(url(active, "describe"), {"name": "ü" * 255})
    work()
    assert (again(active).name, remote(active).name) == ("ü" * 255, "ü" * 255)


def test_the_notice_of_a_verb_that_asked_for_something_is_a_sentence(browser, active):
    answer = browser.post(url(active, "describe"), {"name": "db-1"}, headers=HTMX)
    assert "web-1: Changing name and description." in answer["HX-Trigger"]


def test_lock_keeps_everything_else_away_until_unlock(browser, active, work):
    browser.post(url(active, "lock"))
    work()
    assert again(active).is_locked
    answer = browser.post(url(active, "stop"), headers=HTMX)
    assert (answer.status_code, "It is locked. Unlock it first." in answer["HX-Trigger"]) == (409, True)
    browser.post(url(active, "unlock"))
    work()
    assert not again(active).is_locked


def test_rescue_takes_an_image_or_leaves_it_to_the_cloud(browser, active, work):
    assert browser.post(url(active, "rescue"), {"image": ""}, headers=HTMX).status_code == 204
    work()
    assert again(active).status == Status.RESCUE


def test_a_snapshot_is_an_image_of_the_tenant_alone(browser, active, work, lab, other):
    browser.post(url(active, "snapshot"), {"name": "before-upgrade"})
    work()
    image = Image.objects.get(name="before-upgrade")
    assert (image.tenant, image.is_snapshot) == (lab, True)
    assert image not in Image.objects.for_tenant(other)


def test_a_rebuild_wants_the_name_typed_and_an_image_that_fits(browser, active, work, image):
    debian = Image.objects.get(name="Debian 12")
    wrong = browser.post(url(active, "rebuild"), {"image": image.pk, "typed": "web-2"}, headers=HTMX)
    assert (wrong.status_code, "This is not its name." in wrong.content.decode()) == (422, True)
    large = browser.post(url(active, "rebuild"), {"image": debian.pk, "typed": "web-1"}, headers=HTMX)
    assert "Debian 12 needs a disk of 4 GiB; this instance has 1 GiB." in large.content.decode()
    demo = Image.objects.get(name="Demo Linux")
    assert browser.post(url(active, "rebuild"), {"image": demo.pk, "typed": "web-1"}, headers=HTMX).status_code == 204
    work()
    assert again(active).image == demo


def test_rename_tags_and_metadata_reach_the_cloud(browser, active, work):
    for verb, typed in (
        ("rename", {"name": "web-9"}),
        ("tags", {"tags": "green, blue\ngreen"}),
        ("metadata", {"metadata": "role = web\n\nteam=a=b"}),
    ):
        assert browser.post(url(active, verb), typed, headers=HTMX).status_code == 204
        work()
    seen = remote(again(active))
    assert (seen.name, sorted(seen.tags), dict(seen.metadata)) == (
        "web-9", ["blue", "green"], {"role": "web", "team": "a=b"},
    )  # fmt: skip
    assert (active.name, active.metadata) == ("web-9", {"role": "web", "team": "a=b"})


@pytest.mark.parametrize(
    ("verb", "typed", "says"),
    [
        ("rename", {"name": ""}, "Give the instance a name."),
        ("rename", {"name": "a\u202eb"}, "cannot be seen"),
        ("snapshot", {"name": " "}, "Give the image a name."),
        ("tags", {"tags": "x" * 61}, "has 61 characters; a tag has 60 at most."),
        ("tags", {"tags": "a/b"}, "has a slash"),
        ("tags", {"tags": "skydeck-1"}, "own"),
        ("tags", {"tags": ",".join(map(str, range(50)))}, "These are 50 tags; 49 are possible."),
        ("metadata", {"metadata": "a=1\nb"}, "Line 2 has no “=”"),
        ("metadata", {"metadata": "a=1\na=2"}, "Line 2: a is there twice."),
        ("metadata", {"metadata": "ü=1"}, "Line 1: a key has"),
        ("metadata", {"metadata": "a=" + "x" * 256}, "255 characters at most"),
        ("metadata", {"metadata": "skydeck_instance=1"}, "own"),
        ("resize", {"flavor": ""}, "Choose a flavor."),
        ("rebuild", {"typed": "web-1"}, "Choose an image."),
    ],
)
def test_a_wrong_answer_is_said_at_its_field_and_changes_nothing(browser, active, verb, typed, says):
    answer = browser.post(url(active, verb), typed)
    page = answer.content.decode()
    assert (answer.status_code, says in page, 'aria-invalid="true"' in page) == (422, True, True)
    assert Operation.objects.open().count() == 0


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_has_a_page_that_works_without_javascript(browser, active, verb):
    page = browser.get(url(active, verb)).content.decode()
    assert 'method="post"' in page
    assert "web-1" in page
    for name in FORMS[verb].base_fields if verb in FORMS else []:
        assert f'name="{name}"' in page or "wait" in page or "Not possible" in page


# --- menus ----------------------------------------------------------------------------


def names(instance):
    return [name for group in groups_of(instance) for name in group.names]


def test_every_verb_is_in_one_group(active):
    assert sorted(name for _label, members in GROUPS for name in members) == sorted(VERBS)


@pytest.mark.parametrize(
    ("status", "there", "not_there"),
    [
        ("ACTIVE", {"pause", "suspend", "shelve", "rescue", "resize", "lock"}, {"unpause", "resume", "unlock"}),
        ("PAUSED", {"unpause", "suspend"}, {"pause", "resume"}),
        ("SUSPENDED", {"resume", "pause"}, {"suspend", "unpause"}),
        ("SHELVED", {"unshelve"}, {"shelve"}),
        ("RESCUE", {"unrescue"}, {"rescue"}),
        ("RESIZED", {"confirm-resize", "revert-resize"}, {"resize"}),
    ],
)
def test_of_a_pair_the_menu_shows_the_one_that_makes_sense(active, status, there, not_there):
    active.status = status
    shown = set(names(active))
    assert there <= shown
    assert not not_there & shown


def test_what_the_cloud_cannot_do_is_in_no_menu_and_named_once(browser, active, cloud):
    cloud.features = [name for name in cloud.features if name != "shelve"]
    cloud.save()
    page = browser.get(f"/t/lab/instances/{active.pk}/").content.decode()
    assert f"{active.pk}/shelve/" not in page
    assert "does not offer: Console, Shelve." in page


def test_a_resized_instance_asks_for_a_word_on_both_pages(browser, active, work):
    resize(browser, active, "m1.small")
    work()
    for path in ("/t/lab/instances/", f"/t/lab/instances/{active.pk}/"):
        page = browser.get(path).content.decode()
        assert "Confirm the new size" in page
        assert "Go back" in page


def test_what_the_cloud_does_by_itself_is_the_word_of_the_row(browser, active, fake_path, cloud, as_bob):
    for task, word in (
        ("powering-off", "Stopping"),
        ("image_uploading", "Taking a snapshot"),
        ("odd_thing", "Odd thing"),
    ):
        outside.change_instance(str(fake_path), active.remote_id, task=task)
        look(cloud)
        assert f">{word}</span>" in browser.get("/t/lab/instances/").content.decode()
    with pytest.raises(actions.NotPossible, match="at work on it"):
        actions.change(as_bob, active.pk, "stop")


def test_a_locked_instance_shows_its_lock(browser, active, fake_path, cloud):
    outside.change_instance(str(fake_path), active.remote_id, is_locked=1)
    look(cloud)
    assert 'aria-label="Locked"' in browser.get("/t/lab/instances/").content.decode()


# --- names, descriptions and tags as people type them -----------------------------------


def post_words(browser, instance, verb, typed):
    answer = browser.post(url(instance, verb), typed, headers=HTMX)
    return answer.status_code, answer.content.decode()


def test_a_name_of_300_bytes_and_100_letters_is_a_name_and_one_of_256_letters_is_not(browser, active, work):
    assert post_words(browser, active, "rename", {"name": "雲" * 100})[0] == 204
    work()
    assert again(active).name == "雲" * 100
    status, page = post_words(browser, active, "rename", {"name": "x" * 300})
    assert (status, "The name has 300 characters; 255 are possible." in page, "x" * 300 in page) == (422, True, True)


def test_name_and_description_are_changed_together(browser, active, work):
    typed = {"name": "web-9", "initial-name": "web-1", "description": "Front end; “quoted” & <b>bold</b> 🚀"}
    assert post_words(browser, active, "describe", typed)[0] == 204
    work()
    assert (again(active).name, active.description) == ("web-9", typed["description"])
    page = browser.get(f"/t/lab/instances/{active.pk}/").content.decode()
    assert "&lt;b&gt;bold&lt;/b&gt; 🚀" in page
    assert "web-9: Front end" in browser.get("/t/lab/instances/").content.decode()


def test_who_only_describes_does_not_take_back_the_name_that_another_gave(browser, active, work, cloud, lab):
    form = {"name": "web-1", "initial-name": "web-1", "description": "mine", "initial-description": ""}
    cloud.driver_for(lab.pk).lifecycle.rename(active.remote_id, name="renamed")
    look(cloud)
    assert post_words(browser, active, "describe", form)[0] == 204
    work()
    assert (again(active).name, active.description) == ("renamed", "mine")


@pytest.mark.parametrize(
    ("text", "says"), [("x" * 256, "It has 256 characters; 255 are possible."), ("a\u202eb", "cannot be seen")]
)
def test_a_wrong_description_is_said_at_its_field_and_kept(browser, active, text, says):
    status, page = post_words(browser, active, "describe", {"name": "web-1", "description": text})
    assert (status, says in page, text in page) == (422, True, True)
    assert Operation.objects.open().count() == 0


def test_tags_with_emoji_are_tags_commas_divide_them_and_quotes_are_those_of_csv(browser, active, work):
    assert post_words(browser, active, "tags", {"tags": 'it\'s, "quoted",""" so """,🚀\n<b>'})[0] == 204
    work()
    tags = again(active).tags
    assert sorted(tags) == sorted(["it's", "quoted", '" so "', "🚀", "<b>"])
    assert tags_of(tags_text(tags)) == tags
    assert "&lt;b&gt;" in browser.get(f"/t/lab/instances/{active.pk}/").content.decode()
    status, page = post_words(browser, active, "tags", {"tags": "x" * 300})
    assert (status, "has 300 characters; a tag has 60 at most." in page) == (422, True)
