"""Pages run our own modules only: no inline code but the import map, nothing from elsewhere."""

import json
import re

import pytest
from django.urls import reverse


@pytest.fixture
def page(project, admin, browser_of):
    response = browser_of(admin).get(reverse("pages:library", args=[project.slug]))
    assert response.status_code == 200
    return response


def test_the_policy_allows_own_files_and_the_nonce_only(page):
    policy = dict(part.split(" ", 1) for part in page["Content-Security-Policy"].split("; "))
    nonce = re.search(r"'nonce-([\w-]{20,})'", policy["script-src"])[1]
    assert policy["script-src"] == f"'self' 'nonce-{nonce}'"
    assert policy["default-src"] == policy["style-src"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert f'nonce="{nonce}"' in page.content.decode()


def test_nonces_are_never_used_twice(project, admin, browser_of):
    browser, url = browser_of(admin), reverse("pages:library", args=[project.slug])
    assert len({browser.get(url)["Content-Security-Policy"] for _ in range(3)}) == 3


def test_inline_scripts_are_data_only(page):
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page.content.decode(), re.DOTALL)
    kinds = [re.search(r'type="([^"]+)"', attributes)[1] for attributes, text in scripts if text]
    assert sorted(kinds) == ["application/json", "importmap"]


def test_nothing_is_inlined_that_the_policy_would_block(page):
    text = page.content.decode()
    assert not re.search(r"\son\w+=", text)
    assert not re.search(r"\sstyle=", text)


def test_nothing_comes_from_another_host(page):
    addresses = re.findall(r'(?:src|href|action)="([^"]*)"', page.content.decode())
    assert addresses
    assert all(a.startswith(("/", "#")) and not a.startswith("//") for a in addresses)


def test_the_boot_data_cannot_break_out_of_its_element(project, admin, browser_of):
    project.name = "</script><script>alert(1)</script>"
    project.save()
    text = browser_of(admin).get(reverse("pages:library", args=[project.slug])).content.decode()
    assert "<script>alert" not in text


def test_the_boot_data_says_who_may_do_what(project, reviewer, browser_of):
    url = reverse("pages:clip", args=[project.slug, 12])
    text = browser_of(reviewer).get(url).content.decode()
    boot = json.loads(re.search(r'<script id="boot"[^>]*>(.*?)</script>', text)[1])
    assert boot["role"] == "reviewer"
    assert boot["can"] == {"review": True, "admin": False}
    assert boot["video_id"] == 12
    assert boot["project"] == {"id": project.pk, "name": project.name, "slug": project.slug}


def test_pages_with_names_of_people_are_not_cached(page):
    assert "no-store" in page["Cache-Control"]
