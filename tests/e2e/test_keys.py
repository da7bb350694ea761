"""Keys of the workbench in a real browser: each does its thing, can be bound; judging needs few.

The web server is real, the clips are analysed already: no worker is needed for any of this.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.bench.quiet_house import PASSWORD, USER, serving
from tests.e2e.stack import ROOT

KEYS = {
    "play.toggle": ["Space", "K"],
    "play.step-back": ["ArrowLeft", ","],
    "play.step-on": ["ArrowRight", "."],
    "play.ten-back": ["Shift+ArrowLeft"],
    "play.ten-on": ["Shift+ArrowRight"],
    "play.shuttle-back": ["J"],
    "play.shuttle-on": ["L"],
    "play.slower": ["<"],
    "play.faster": [">"],
    "play.rate-1": ["Backspace"],
    "review.accept": ["Enter"],
    "review.reject": ["X"],
    "review.comment": ["C"],
    "skeleton.keyframe-previous": ["E"],
    "skeleton.keyframe-next": ["R"],
    "skeleton.keyframe": ["Shift+K"],
    "skeleton.mark": ["O"],
    "skeleton.swap": ["T"],
    "skeleton.toggle": ["H"],
    "timeline.in": ["["],
    "timeline.out": ["]"],
    "timeline.to-in": ["Shift+["],
    "timeline.to-out": ["Shift+]"],
    "light.preset": ["G"],
    "edits.undo": ["Mod+Z"],
    "edits.redo": ["Mod+Shift+Z"],
    "clip.next": ["Mod+ArrowRight"],
    "clip.previous": ["Mod+ArrowLeft"],
    "help": ["?"],
}
"""What the keys are until somebody binds others; an action may have more."""


@dataclass(frozen=True)
class House:
    address: str
    slug: str
    video_ids: list[int]
    truth: dict[int, str]
    wrong: set[int]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Six analysed clips, two of them with a wrong prediction, behind a real web server."""
    folder = tmp_path_factory.mktemp("house")
    command = [sys.executable, "-m", "tests.bench.quiet_house", "--fill-only"]
    command += ["--state-dir", str(folder), "--clips", "6", "--wrong", "2"]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    seeded = json.loads(said.splitlines()[-1])
    truth = {int(video): label for video, label in seeded["truth"].items()}
    with serving(folder) as address:
        yield House(address, seeded["slug"], seeded["video_ids"], truth, set(seeded["wrong"]))


@pytest.fixture
def open_clip(browser: Browser, house: House) -> Iterator[Callable[..., Page]]:
    """A clip in a browser of its own, looked at by the reviewer."""
    contexts = []

    def open_as(video: int) -> Page:
        context = browser.new_context(base_url=house.address, viewport=dict(width=1360, height=900))
        contexts.append(context)
        page = context.new_page()
        page.goto(f"/login/?next=/projects/{house.slug}/clips/{video}/")
        page.get_by_label("User name").fill(USER)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_test_id("login-submit").click()
        expect(page.locator("nj-player")).to_have_attribute("data-frame", "0")
        expect(page.get_by_test_id("label-row").first).to_be_visible()
        return page

    yield open_as
    for context in contexts:
        context.close()


def open_keys(page: Page) -> dict[str, list[str]]:
    """The sheet of keys: action to its keys."""
    page.keyboard.press("?")
    expect(page.get_by_test_id("help")).to_be_visible()
    rows = page.get_by_test_id("keys-row").evaluate_all(
        "rows => rows.map((row) => [row.dataset.actionId, row.dataset.bound.split(' ')])"
    )
    return dict(rows)


def shown_frame(page: Page, frame: int) -> None:
    expect(page.locator("nj-player")).to_have_attribute("data-frame", str(frame))
    expect(page.get_by_test_id("frame")).to_have_text(str(frame))


def test_the_keys_are_those_that_were_promised_and_no_two_actions_want_one(open_clip, house):
    page = open_clip(house.video_ids[0])
    bound = open_keys(page)
    missing = {i: keys for i, keys in KEYS.items() if not set(keys) <= set(bound.get(i, []))}
    assert missing == {}
    labels = [keys[0] for action, keys in bound.items() if action.startswith("label.")]
    assert labels == [*"1234567890-"]
    expect(page.get_by_test_id("keys-conflict")).to_have_count(0)


def test_keys_move_through_the_clip_frame_by_frame(open_clip, house):
    page = open_clip(house.video_ids[0])
    for key, frame in [
        ("ArrowRight", 1), (".", 2), ("Shift+ArrowRight", 12), (",", 11), ("ArrowLeft", 10),
        ("Shift+ArrowLeft", 0), ("End", 47), ("Home", 0), ("Shift+}", 47), ("Shift+{", 0),
    ]:  # fmt: skip
        page.keyboard.press(key)
        shown_frame(page, frame)
    player = page.locator("nj-player")
    page.keyboard.press(" ")
    expect(player).to_have_attribute("data-playing", "true")
    page.keyboard.press("k")
    expect(player).to_have_attribute("data-playing", "false")


def test_one_key_confirms_two_correct_and_the_page_is_loaded_once(open_clip, house):
    page = open_clip(house.video_ids[0])
    page.evaluate("window.neverReloaded = true")
    name = page.get_by_test_id("clip-name")
    pressed = 0
    for number, _ in enumerate(house.video_ids):
        video = int(re.search(r"clips/(\d+)", page.evaluate("location.pathname"))[1])
        expect(page.get_by_test_id("judgement")).to_have_attribute("data-source", "prediction")
        if video in house.wrong:
            row = page.locator(f'[data-testid="label-row"][data-name="{house.truth[video]}"] kbd')
            page.keyboard.press(row.inner_text())
            pressed += 1
        before = name.inner_text()
        page.keyboard.press("Enter")
        pressed += 1
        if number < len(house.video_ids) - 1:
            expect(name).not_to_have_text(before)
    expect(page.get_by_test_id("toast").last).to_contain_text("everything has been reviewed")
    assert pressed == len(house.video_ids) + len(house.wrong)
    assert page.evaluate("window.neverReloaded") is True
    expect(page.get_by_test_id("queue-left")).to_have_text("All reviewed")
    cards = page.evaluate("fetch('/api/projects/1/videos/').then((answer) => answer.json())")
    given = {card["id"]: card["corrected"]["label"]["name"] for card in cards["results"]}
    assert given == house.truth


def test_a_key_is_bound_anew_shown_as_rival_kept_for_the_person_and_given_back(open_clip, house):
    page = open_clip(house.video_ids[0])
    open_keys(page)
    page.get_by_test_id("keys-search").fill("skeleton")
    row = page.locator('[data-action-id="skeleton.toggle"]')
    row.locator("button.keys-caps").click()
    page.keyboard.press("n")
    expect(row).to_have_attribute("data-bound", "N")
    expect(page.get_by_test_id("keys-conflict")).to_be_visible()
    expect(row).to_contain_text("Next clip")
    row.locator("button.keys-caps").click()
    with page.expect_response(lambda answer: answer.request.method == "PATCH"):
        page.keyboard.press("F9")
    expect(page.get_by_test_id("keys-conflict")).to_have_count(0)
    page.keyboard.press("Escape")

    other = open_clip(house.video_ids[1])
    overlay = other.locator("#overlay")
    expect(overlay).not_to_have_attribute("data-joints", "[]")
    other.keyboard.press("F9")
    expect(overlay).to_have_attribute("data-joints", "[]")
    assert open_keys(other)["skeleton.toggle"] == ["F9"]
    with other.expect_response(lambda answer: answer.request.method == "PATCH"):
        other.get_by_test_id("keys-reset").click()
    expect(other.locator('[data-action-id="skeleton.toggle"]')).to_have_attribute("data-bound", "H")


def test_a_clip_is_commented_rejected_and_sent_back_by_keys_and_by_mouse(open_clip, house):
    first, second = house.video_ids[0], house.video_ids[1]
    page = open_clip(first)
    page.keyboard.press("Shift+ArrowRight")
    shown_frame(page, 10)
    page.keyboard.press("c")
    page.get_by_test_id("comment-text").fill("Too dark to tell")
    page.keyboard.press("Control+Enter")
    comment = page.get_by_test_id("comment")
    expect(comment).to_contain_text("Too dark to tell")
    expect(comment).to_contain_text("Frame 10, Person 1")
    page.keyboard.press("Home")
    comment.get_by_role("button", name="Frame 10").click()
    shown_frame(page, 10)
    page.keyboard.press("x")
    expect(page.get_by_test_id("decision")).to_have_attribute("data-decision", "reject")
    page.keyboard.press("Control+z")
    expect(page.get_by_test_id("decision")).to_have_count(0)

    other = open_clip(second)
    other.get_by_test_id("send-back").click()
    other.get_by_test_id("comment-text").fill("Two people, one label")
    other.get_by_test_id("comment-submit").click()
    decision = other.get_by_test_id("decision")
    expect(decision).to_have_attribute("data-decision", "send_back")
    expect(decision).to_contain_text("Two people, one label")
    expect(decision).to_contain_text(USER)


def test_whatever_has_a_key_can_be_done_from_the_sheet_with_the_mouse(open_clip, house):
    page = open_clip(house.video_ids[0])
    page.get_by_test_id("help-open").click()
    page.locator('[data-action-id="play.ten-on"] .keys-run').click()
    expect(page.get_by_test_id("help")).to_have_count(0)
    shown_frame(page, 10)
