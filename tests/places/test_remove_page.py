"""The page on which a cloud is removed."""

from dashboard.audit.models import Entry
from dashboard.clouds.models import Cloud

from .conftest import words


class TestRemove:
    def test_it_lists_what_stands_against_it(self, made, placed, admin_browser):
        page = words(admin_browser.get(f"/clouds/{placed.pk}/remove/"))
        assert "Lab has a project there" in page
        answer = admin_browser.post(f"/clouds/{placed.pk}/remove/", {"name": "east"})
        assert answer.status_code == 422
        assert Cloud.objects.exists()

    def test_an_instance_stands_against_it(self, cloud, launch, work, admin_browser):
        launch("web-1")
        work()
        assert "web-1 an instance of Lab" in words(admin_browser.get(f"/clouds/{cloud.pk}/remove/"))
        admin_browser.post(f"/clouds/{cloud.pk}/remove/", {"name": "pretend"})
        assert Cloud.objects.exists()

    def test_it_wants_the_name_typed_and_keeps_the_audit_trail(self, made, placed, do, work, admin_browser):
        do("unlink", name="lab")
        work()
        assert admin_browser.post(f"/clouds/{placed.pk}/remove/", {"name": "no"}).status_code == 422
        assert admin_browser.post(f"/clouds/{placed.pk}/remove/", {"name": "east"})["Location"] == "/clouds/"
        assert not Cloud.objects.exists()
        assert Entry.objects.filter(verb="place.make").exists()
        assert Entry.objects.get(verb="cloud.remove").object_name == "east"

    def test_a_draft_goes_at_once(self, placed, admin_browser):
        Cloud.objects.update(is_draft=True)
        admin_browser.post(f"/clouds/{placed.pk}/remove/")
        assert not Cloud.objects.exists()
