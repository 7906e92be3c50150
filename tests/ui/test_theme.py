"""Light, dark, or as the system has it: by the form, without a script."""

import pytest


def choose(client, theme, referer="http://testserver/accounts/login/?next=/t/lab/"):
    return client.post("/theme/", {"theme": theme}, headers={"Referer": referer})


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_choice_is_kept_and_shown_without_a_flash(client, db, theme):
    choose(client, theme)
    assert f'<html lang="en" data-theme="{theme}">' in client.get("/accounts/login/").content.decode()


@pytest.mark.parametrize("theme", ["", "<script>"])
def test_anything_else_is_as_the_system_has_it(client, db, theme):
    choose(client, "dark")
    choose(client, theme)
    assert '<html lang="en">' in client.get("/accounts/login/").content.decode()


def test_a_cookie_of_somebody_elses_making_is_not_shown(client, db):
    client.cookies["theme"] = '"><script>'
    assert "<script>" not in client.get("/accounts/login/").content.decode().split("<head>")[0]


def test_it_leads_back_to_the_page_before(client, db):
    assert choose(client, "dark")["Location"] == "/accounts/login/?next=/t/lab/"


@pytest.mark.parametrize(
    "referer", ["", "https://evil.example/t/lab/", "javascript:alert(1)", "http://testserver//evil.example/"]
)
def test_it_never_leads_to_another_host(client, db, referer):
    assert choose(client, "dark", referer)["Location"] == "/"
