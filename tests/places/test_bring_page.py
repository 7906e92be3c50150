"""The page on which a manager brings a credential of their own."""

import pytest
from django.test import Client

from dashboard.audit.models import Entry
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.operations.models import Operation

from .conftest import words


class TestBring:
    @pytest.fixture
    def brought(self, placed):
        Cloud.objects.update(tenants_bring=True)
        return placed

    @pytest.fixture
    def key(self, brought):
        """Of a project that somebody made on the cloud."""
        places = brought.driver().places
        return dict(places.grant(places.create(mark="", name="own").id, label="own").settings)

    @pytest.fixture
    def manager(self, alice):
        client = Client()
        client.force_login(alice)
        return client

    @pytest.fixture
    def url(self, brought):
        return f"/t/lab/clouds/{brought.pk}/credential/"

    def test_a_manager_finds_the_cloud_and_the_form(self, manager, brought, url):
        assert "east" in words(manager.get("/t/lab/clouds/"))
        assert url in manager.get(f"/t/lab/clouds/{brought.pk}/").content.decode()

    def test_it_counts_once_a_worker_has_proved_it(self, manager, url, key, work):
        manager.post(url, key)
        account = CloudAccount.objects.get()
        assert account.sealed == ""
        assert "Sign in with it" in words(manager.get(url))
        work()
        account.refresh_from_db()
        assert (account.remote_name, account.origin, account.brought) == ("own", "brought", "")
        assert account.driver().place().id == key["place_id"]
        assert "You work in the project own." in words(manager.get(url))

    def test_a_wrong_one_is_said_and_forgotten(self, manager, url, key, work):
        manager.post(url, key | {"key": "wrong"})
        work()
        assert "The cloud does not accept this credential." in words(manager.get(url))
        assert not CloudAccount.objects.exists()

    def test_a_wrong_one_leaves_the_good_one(self, manager, url, key, work):
        manager.post(url, key)
        work()
        manager.post(url, key | {"key": "wrong"})
        work()
        account = CloudAccount.objects.get()
        assert account.driver().place().id == key["place_id"]
        assert account.brought == ""

    def test_an_empty_field_is_said_and_no_secret_comes_back(self, manager, url, key):
        answer = manager.post(url, key | {"place_id": ""})
        assert answer.status_code == 422
        assert key["key"] not in answer.content.decode()
        assert not CloudAccount.objects.exists()

    def test_a_secret_is_in_no_operation_and_in_no_trail(self, manager, url, key, work):
        manager.post(url, key)
        work()
        for row in (*Operation.objects.all(), *Entry.objects.all()):
            assert key["key"] not in str(vars(row))

    def test_the_project_of_another_tenant_is_refused(self, manager, url, key, work, charlie):
        manager.post(url, key)
        work()
        theirs = Client()
        theirs.force_login(charlie)
        theirs.post(url.replace("/lab/", "/other/"), key)
        work()
        assert "belongs to another tenant" in words(theirs.get(url.replace("/lab/", "/other/")))
        assert CloudAccount.objects.count() == 1

    def test_it_is_no_way_in_where_an_administrator_makes_projects(self, manager, placed):
        assert manager.get(f"/t/lab/clouds/{placed.pk}/credential/").status_code == 404
