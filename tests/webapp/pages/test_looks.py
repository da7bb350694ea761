"""Pages come in the language and the theme that a person chose; guests get what they ask for."""

import json
import re

import pytest
from django.urls import reverse

from webapp.accounts.models import User

CHINESE = "zh-CN,zh;q=0.9,en;q=0.5"


@pytest.fixture
def library(project) -> str:
    return reverse("pages:library", args=[project.slug])


def html_tag(response) -> str:
    return re.search(r"<html[^>]*>", response.content.decode())[0]


def choose(browser, **fields):
    return browser.post("/looks/", {"next": "/projects/", **fields})


def test_guests_are_met_in_the_language_of_their_browser(client, db):
    assert 'lang="en"' in html_tag(client.get("/login/"))
    assert 'lang="zh-hans"' in html_tag(client.get("/login/", headers={"accept-language": CHINESE}))
    assert 'lang="en"' in html_tag(client.get("/login/", headers={"accept-language": "xx"}))


def test_a_guest_s_choice_is_kept_in_the_browser(client, db):
    choose(client, language="zh-hans")
    choose(client, theme="light")
    tag = html_tag(client.get("/login/"))
    assert 'lang="zh-hans"' in tag
    assert 'data-theme="light"' in tag


def test_a_person_s_choice_holds_in_every_browser(library, viewer, browser_of):
    answer = choose(browser_of(viewer), language="zh-hans", theme="dark")
    assert answer["Location"] == "/projects/"
    tag = html_tag(browser_of(viewer).get(library, headers={"accept-language": "en"}))
    assert 'lang="zh-hans"' in tag
    assert 'data-theme="dark"' in tag


def test_the_choice_leads_to_no_other_host(viewer, browser_of):
    answer = choose(browser_of(viewer), theme="dark", next="https://elsewhere.example/")
    assert answer["Location"] == "/"


def test_unknown_choices_change_nothing(viewer, browser_of):
    assert choose(browser_of(viewer), theme="pink").status_code == 400
    assert User.objects.get(pk=viewer.pk).theme == "system"


def test_choosing_needs_a_post(client, db):
    assert client.get("/looks/").status_code == 405


def test_scripts_get_the_catalogue_of_the_language(library, viewer, browser_of):
    browser, catalogues = browser_of(viewer), []
    for language in ("en", "zh-hans"):
        choose(browser, language=language)
        text = browser.get(library).content.decode()
        imports = json.loads(re.search(r'type="importmap"[^>]*>(.*?)</script>', text)[1])["imports"]
        catalogues.append(imports["nightjar/locale/messages.js"])
        assert f'rel="modulepreload" href="{catalogues[-1]}"' in text
    assert "messages" in catalogues[0]
    assert "zh-hans" in catalogues[1]


def test_the_api_answers_in_the_person_s_language(viewer, browser_of):
    browser = browser_of(viewer)
    choose(browser, language="zh-hans")
    assert "不被允许" in browser.put("/api/me/").json()["error"]["message"]
