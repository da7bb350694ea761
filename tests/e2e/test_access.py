"""Everybody can use every page: axe finds nothing, no mouse is needed, zoom and language hold.

The web server is real, the clips are analysed already: no worker is needed for any of this.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.bench.quiet_house import PASSWORD, USER, serving
from tests.e2e.axe import violations_in_both_themes
from tests.e2e.stack import ROOT

PROMOTE = "from webapp.accounts.models import Membership as M; M.objects.update(role='admin')"


@dataclass(frozen=True)
class House:
    address: str
    project: str  # the path of its library
    videos: list[int]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Three analysed clips and a reviewer who is made admin, so that every page opens."""
    folder = tmp_path_factory.mktemp("house")
    command = [sys.executable, "-m", "tests.bench.quiet_house", "--fill-only"]
    command += ["--state-dir", str(folder), "--clips", "3", "--wrong", "1"]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    seeded = json.loads(said.splitlines()[-1])
    promote(folder)
    with serving(folder) as address:
        yield House(address, f"/projects/{seeded['slug']}/", seeded["video_ids"])


def promote(folder: Path) -> None:
    env = os.environ | {"STATE_DIR": str(folder)}
    command = [sys.executable, "manage.py", "shell", "-c", PROMOTE]
    subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True)


@pytest.fixture
def visit(browser: Browser, house: House) -> Iterator[Callable[..., Page]]:
    """A signed-in browser of its own, with whatever the device is like."""
    contexts = []

    def signed_in(path: str = "", **device: Any) -> Page:
        options = {"viewport": {"width": 1360, "height": 860}} | device
        context = browser.new_context(base_url=house.address, **options)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"/login/?next={house.project}{path}")
        page.locator("input[name=username]").fill(USER)
        page.locator("input[name=password]").fill(PASSWORD)
        page.get_by_test_id("login-submit").click()
        page.wait_for_url(re.compile("/projects/"))
        settle(page)
        return page

    yield signed_in
    for context in contexts:
        context.close()


def settle(page: Page) -> None:
    """Wait until the page shows what it has read."""
    expect(page.locator(".booting, .ghost")).to_have_count(0)
    player = page.locator("nj-player")
    if player.count():
        expect(player).to_have_attribute("data-frame", re.compile(r"\d+"))
        expect(page.get_by_test_id("label-row").first).to_be_visible()


PAGES = ["", "clips/{video}/", "review/", "training/", "pose/", "labels/", "members/"]


def path_of(house: House, page: str) -> str:
    return house.project + page.format(video=house.videos[0])


def out_of_order(route: Route) -> None:
    route.fulfill(status=500, json={"error": {"code": "internal", "message": "Out of order."}})


def test_axe_finds_nothing_on_any_page_in_either_theme(visit, house):
    page = visit()
    faults = []
    for name in PAGES:
        page.goto(path_of(house, name))
        settle(page)
        faults += [f"{name or 'library'}: {fault}" for fault in violations_in_both_themes(page)]
    page.goto("/projects/")
    faults += [f"projects: {fault}" for fault in violations_in_both_themes(page)]
    assert not faults, "\n".join(faults)


def test_axe_finds_nothing_in_the_states_between(visit, house, expected_faults):
    expected_faults += ["status of 500", "status of 404"]
    page = visit(f"clips/{house.videos[0]}/")
    faults = []

    def look(name: str) -> None:
        faults.extend(f"{name}: {fault}" for fault in violations_in_both_themes(page))

    page.keyboard.press("?")
    expect(page.get_by_test_id("help")).to_be_visible()
    look("sheet of keys")
    page.keyboard.press("Escape")
    page.get_by_test_id("user-menu").click()
    look("menu")
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    expect(page.get_by_test_id("comment-text")).to_be_visible()
    look("comment")
    page.goto(f"{house.project}?q=no-clip-is-called-so")
    expect(page.get_by_test_id("library-no-match")).to_be_visible()
    look("no match")
    page.route("**/api/projects/*/videos/**", out_of_order)
    page.goto(house.project)
    expect(page.get_by_test_id("library-error")).to_be_visible()
    look("error")
    page.goto("/nowhere/")
    look("nothing there")
    assert not faults, "\n".join(faults)


def test_guests_meet_no_hurdle_either(browser, house):
    context = browser.new_context(base_url=house.address)
    page = context.new_page()
    page.goto("/login/")
    faults = violations_in_both_themes(page)
    context.close()
    assert not faults, "\n".join(faults)


def tab_to(page: Page, selector: str, most: int = 80) -> None:
    """Walk with the Tab key alone; each stop must show where the focus is."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            assert page.evaluate(FOCUS_SHOWS), f"{selector} does not show the focus"
            return
    raise AssertionError(f"{most} times Tab never led to {selector}")


FOCUS_SHOWS = """() => {
  const focused = document.activeElement;
  const style = getComputedStyle(focused);
  const around = getComputedStyle(focused.closest(".card") ?? focused);
  const shows = (one) => one.outlineStyle !== "none" && parseFloat(one.outlineWidth) >= 2;
  return shows(style) || shows(around);
}"""


def test_a_whole_review_needs_no_mouse(browser, house):
    context = browser.new_context(base_url=house.address, viewport={"width": 1280, "height": 720})
    page = context.new_page()
    keys = page.keyboard
    page.goto(f"/login/?next={house.project}")
    keys.type(USER)  # the field has the focus from the start
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    expect(page.get_by_test_id("clip-card")).to_have_count(3)
    keys.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    keys.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    tab_to(page, ".card-link")
    keys.press("Enter")
    settle(page)
    name = page.get_by_test_id("clip-name")
    first = name.inner_text()

    keys.press("Shift+ArrowRight")
    expect(page.locator("nj-player")).to_have_attribute("data-frame", "10")
    row = page.locator('[data-testid="label-row"]').nth(2)
    wanted = row.get_attribute("data-name")
    keys.press(row.locator("kbd").inner_text())
    expect(page.get_by_test_id("judgement")).to_have_attribute("data-label", wanted)
    expect(page.get_by_test_id("judgement")).to_have_attribute("data-source", "correction")
    keys.press("Control+z")
    expect(page.get_by_test_id("judgement")).to_have_attribute("data-source", "prediction")
    keys.press("Control+Shift+z")
    expect(page.get_by_test_id("judgement")).to_have_attribute("data-source", "correction")
    keys.press("c")
    keys.type("Too dark to tell")
    keys.press("Control+Enter")
    expect(page.get_by_test_id("comment")).to_contain_text("Too dark to tell")
    keys.press("Enter")
    expect(name).not_to_have_text(first)
    second = name.inner_text()
    settle(page)
    keys.press("x")
    expect(name).not_to_have_text(second)
    settle(page)
    keys.press("Enter")
    expect(page.get_by_test_id("toast").last).to_contain_text("everything has been reviewed")
    keys.press("?")
    expect(page.get_by_test_id("help")).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_test_id("help")).to_have_count(0)
    tab_to(page, "[data-testid=nav-review]")
    keys.press("Enter")
    expect(page.get_by_test_id("tab-queue")).to_have_attribute("aria-selected", "true")
    tab_to(page, "[data-testid=user-menu]")
    keys.press("Enter")
    tab_to(page, "[data-testid=theme-light]")
    keys.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    keys.press("Escape")
    assert page.evaluate("document.activeElement.dataset.testid") == "user-menu"
    context.close()


# What is wider than the page, and which element makes it so.
WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width + 1) return "";
  const wide = [...document.body.querySelectorAll("*")]
    .filter((one) => one.getBoundingClientRect().right > width + 1)
    .map((one) => `${one.tagName}.${one.getAttribute("class")}`);
  return `${document.documentElement.scrollWidth} of ${width}: ${wide.slice(0, 6).join(" ")}`;
}"""


@pytest.mark.parametrize(
    ("width", "height"), [(640, 360), (820, 1180)], ids=["zoom at 200 %", "tablet"]
)
def test_no_page_scrolls_both_ways(visit, house, width, height):
    page = visit(viewport={"width": width, "height": height})
    wide = {}
    for name in PAGES:
        page.goto(path_of(house, name))
        settle(page)
        wide[name] = page.evaluate(WIDE)
    assert {name: said for name, said in wide.items() if said} == {}


def test_chinese_pages_say_nothing_in_english(visit, house):
    page = visit(locale="zh-CN")
    found = {}
    for name in PAGES:
        page.goto(path_of(house, name))
        settle(page)
        expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
        words = page.evaluate(WORDS)
        found[name or "library"] = sorted({word for word in words if not known(word)})
    assert {name: words for name, words in found.items() if words} == {}


# All texts and names that are shown or read out, but not what people or files are called.
WORDS = """() => {
  const said = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const place = walker.currentNode.parentElement;
    if (!place.closest("script, noscript, kbd, [lang], .crumb, .clip-name, [hidden]:not(main)")) {
      said.push(walker.currentNode.nodeValue);
    }
  }
  for (const one of document.querySelectorAll("[aria-label], [title], [placeholder]")) {
    for (const name of ["aria-label", "title", "placeholder"]) {
      said.push(one.getAttribute(name) ?? "");
    }
  }
  return said;
}"""

# Words of the field and names that are the same in Chinese.
SAME = re.compile(
    r"Nightjar|API|F1|ECE|UTC|COCO|PoseTrack|CPU|MB|KB|GB|px|fps|mp4|npz|Jump_8\S*|night-\d+\S*|"
    r"reviewer|Bench|Drink|Jump|Pick|Pour|Push|Run|Sit|Stand|Turn|Walk|Wave|Ctrl|Shift|Alt|Enter|"
    r"Escape|Home|End|Delete|Backspace|Space|Tab|F\d+|WebGL|CLAHE|skeleton-statistics-\d|"
    r"[0-9a-f]{8,}|v\d+|\b[A-Z]\b|\b[kMsx]\b|admin|English"
)


def known(said: str) -> bool:
    return not re.search(r"[A-Za-z]{2,}", SAME.sub("", said))


def test_the_theme_is_worn_at_once_and_by_every_page(visit, house):
    page = visit()
    page.get_by_test_id("user-menu").click()
    with page.expect_response(lambda answer: answer.request.method == "PATCH"):
        page.get_by_test_id("theme-light").click()
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.goto(path_of(house, "clips/{video}/"))
    settle(page)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == light
    beside = page.evaluate("getComputedStyle(document.querySelector('.transport')).backgroundColor")
    assert max(map(int, re.findall(r"\d+", beside)[:3])) < 60  # dark beside a dark picture
    page.get_by_test_id("user-menu").click()
    with page.expect_response(lambda answer: answer.request.method == "PATCH"):
        page.get_by_test_id("theme-dark").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


MOST_BYTES = 150_000


def test_the_first_load_of_library_and_workbench_is_small(visit, house):
    """What the server sends of scripts and styles, compressed as it sends them, each file once."""
    page = visit()
    sizes = {}
    for name in PAGES[:2]:
        page.goto(path_of(house, name))
        settle(page)
        found = page.evaluate(
            "() => performance.getEntriesByType('resource')"
            ".filter(({name}) => /\\.(js|css)$/.test(new URL(name).pathname))"
            ".map(({name, encodedBodySize}) => [name, encodedBodySize])"
        )
        sizes.update({url: size for url, size in found if size})
    assert len(sizes) > 20
    assert sum(sizes.values()) <= MOST_BYTES, sorted(sizes.items(), key=lambda one: -one[1])[:20]
