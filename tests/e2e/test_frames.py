"""The number that the player shows is the number of the frame whose pixels are on screen."""

import random
import re
import time
from contextlib import suppress
from itertools import pairwise
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.bench.frame_truth import (
    AS_RECORDED,
    PROBE,
    SEED,
    Kind,
    decoded,
    kinds,
    make,
    operations,
    wrong_rows,
)
from tests.bench.upload_folder import Api, upload
from tests.e2e.conftest import SETTLED_S

OPERATIONS = 16
PLAY_MS = 1500
FRAMES = 90
KINDS = kinds(frames=FRAMES, long_frames=1500)
SEGMENT = (40, 52)
LABEL = {"name": "Walk", "colour": "#9ef01a", "hotkey": "1"}


@pytest.fixture(scope="module")
def clips(admin: Api, tmp_path_factory) -> dict:
    """A clip of each kind in a project of their own, read but not looked through for people."""
    project = admin.call("POST", "projects/", {"name": "Frame truth"})
    folder = tmp_path_factory.mktemp("kinds")
    found = {}
    for number, kind in enumerate(KINDS):
        path = make(kind, folder / str(number))
        found[kind.name] = (upload(admin, project["id"], path), *decoded(path))
    for video, *_ in found.values():
        spare_the_analysis(admin, video)
    draw_a_segment(admin, project["id"], found[KINDS[1].name][0])
    return {"slug": project["slug"], "kinds": found}


def spare_the_analysis(admin: Api, video: int) -> None:
    """Wait until a clip was read, and stop what looks for people in it: there are none."""
    deadline = time.monotonic() + SETTLED_S
    while not (runs := admin.call("GET", f"videos/{video}/runs/")["results"]):
        assert time.monotonic() < deadline, "The clip was not read."
        time.sleep(0.2)
    with suppress(SystemExit):  # it is over already
        admin.call("POST", f"runs/{runs[0]['id']}/cancellation/")


def draw_a_segment(admin: Api, project: int, video: int) -> None:
    labels = admin.call("GET", f"projects/{project}/label-set/")["labels"]
    if not labels:
        labels = [admin.call("POST", f"projects/{project}/labels/", LABEL)]
    start, end = SEGMENT
    data = {"person": None, "start_frame": start, "end_frame": end, "origin": None}
    edit = {"id": str(uuid4()), "kind": "segment.create", "target": str(uuid4())}
    edit |= {"data": data | {"label": labels[0]["id"]}, "if_version": None, "group": None}
    edit["made_at"] = "2026-11-23T00:00:00Z"
    admin.call("POST", f"videos/{video}/edits/", {"edits": [edit]})


@pytest.fixture
def open_kind(clips, stack, open_page):
    def open_it(kind: Kind) -> Page:
        video = clips["kinds"][kind.name][0]
        page = open_page(*stack.first_admin, path=f"/projects/{clips['slug']}/clips/{video}/")
        player = page.locator("nj-player")
        expect(player).to_have_attribute("data-frames", str(kind.frames))
        expect(player).to_have_attribute("data-frame", "0")
        assert page.evaluate(AS_RECORDED) == "raw"
        page.evaluate(PROBE)
        return page

    return open_it


@pytest.fixture
def player_page(open_kind) -> Page:
    return open_kind(KINDS[1])


def expect_frame(page: Page, number: int) -> None:
    """The page says the number, and the pixels carry it."""
    expect(page.locator("nj-player")).to_have_attribute("data-frame", str(number))
    expect(page.get_by_test_id("frame")).to_have_text(str(number))
    [row] = page.evaluate("(wanted) => truth.go([{ seek: wanted, wanted }])", number)
    assert {row[name] for name in ("pixels", "text", "player", "attribute", "overlay")} == {number}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name.replace(" ", "-"))
def test_page_api_and_pyav_name_the_same_frame(clips, open_kind, kind):
    page = open_kind(kind)
    video, codes, times = clips["kinds"][kind.name]
    assert codes == list(range(kind.frames))
    api = page.evaluate("(id) => fetch(`/api/videos/${id}/frames/`).then((a) => a.json())", video)
    wanted = operations(kind.frames, OPERATIONS, random.Random(SEED))
    rows = page.evaluate("(wanted) => truth.go(wanted)", wanted)
    rows += page.evaluate("() => truth.seen.splice(0)")
    for rate in (1, 2) if kind.frames > 1 else ():
        played = page.evaluate("([...how]) => truth.play(...how)", [rate, 0, PLAY_MS])
        assert len(played) > 2
        rows += played
    assert wrong_rows(rows, codes, times, api["times_s"]) == []


def test_keys_step_and_stop_at_the_ends(player_page: Page):
    press = player_page.keyboard.press
    for key, number in [("ArrowRight", 1), (".", 2), (".", 3), (",", 2), ("ArrowLeft", 1)]:
        press(key)
        expect_frame(player_page, number)
    press("Shift+ArrowRight")
    expect_frame(player_page, 11)
    for key, number in [("End", 89), ("ArrowRight", 89), ("Home", 0), ("Shift+ArrowLeft", 0)]:
        press(key)
        expect_frame(player_page, number)


def test_the_frame_is_right_where_play_was_paused(player_page: Page):
    player = player_page.locator("nj-player")
    player_page.keyboard.press("Space")
    expect(player).to_have_attribute("data-playing", "true")
    expect(player).to_have_attribute("data-frame", re.compile(r"[1-7]\d"))
    player_page.keyboard.press("k")
    expect(player).to_have_attribute("data-playing", "false")
    player_page.wait_for_timeout(200)
    expect_frame(player_page, int(player.get_attribute("data-frame")))


def test_the_shuttle_runs_back_faster_with_each_press_and_stops(player_page: Page):
    player = player_page.locator("nj-player")
    player_page.keyboard.press("End")
    expect_frame(player_page, FRAMES - 1)
    player_page.evaluate("truth.seen.length = 0")
    player_page.keyboard.press("j")
    expect(player).to_have_attribute("data-speed", "-1")
    player_page.keyboard.press("j")
    expect(player_page.get_by_test_id("speed")).to_have_text(re.compile("^.2.$"))
    expect(player).to_have_attribute("data-frame", re.compile(r"^([1-6]?\d)$"))
    player_page.keyboard.press("l")
    expect(player).to_have_attribute("data-speed", "1")
    player_page.keyboard.press("k")
    expect(player).to_have_attribute("data-speed", "0")
    shown = player_page.evaluate("truth.seen")
    back = [
        row["player"]
        for row in shown[
            : [row["player"] for row in shown].index(min(row["player"] for row in shown)) + 1
        ]
    ]
    assert len(back) > 3 and all(b < a for a, b in pairwise(back))
    assert all(row["pixels"] == row["player"] == row["text"] for row in shown)


@pytest.mark.parametrize("loops", [True, False])
def test_play_locked_to_a_segment_shows_nothing_else(player_page: Page, loops: bool):
    start, end = SEGMENT
    player = player_page.locator("nj-player")
    segment = player_page.get_by_test_id("drawn-segment")
    segment.focus()
    player_page.keyboard.press("Enter")
    expect(segment).to_have_attribute("aria-pressed", "true")
    player_page.keyboard.press("Shift+Space")
    expect(player_page.get_by_test_id("lock")).to_have_attribute("aria-pressed", "true")
    if not loops:
        player_page.keyboard.press("Shift+L")
    expect(player_page.get_by_test_id("loop")).to_have_attribute("aria-pressed", str(loops).lower())
    player_page.evaluate("truth.go([{ seek: 5, wanted: 5 }]).then(() => truth.seen.length = 0)")
    player_page.get_by_test_id("play").click()
    if loops:
        turned = "!truth.seen.some(({ player }, i) => i && player < truth.seen[i - 1].player)"
        while player_page.evaluate(turned):
            player_page.wait_for_timeout(100)
        expect(player).to_have_attribute("data-playing", "true")
        player_page.get_by_test_id("play").click()
    expect(player).to_have_attribute("data-playing", "false")
    expect(player).to_have_attribute("data-seeking", "false")
    frames = player_page.evaluate("truth.seen.map(({ player }) => player)")
    assert len(frames) > 1 and set(frames) <= set(range(start, end))
    if not loops:
        assert frames[-1] == end - 1 and all(a < b for a, b in pairwise(frames))


def test_zooming_keeps_what_is_under_the_pointer_and_the_overlay_follows(player_page: Page):
    box = player_page.locator("nj-player .screen").bounding_box()
    spot = round(box["x"] + 0.3 * box["width"]), round(box["y"] + 0.7 * box["height"])
    under = "(spot) => document.querySelector('nj-player').toVideo(...spot)"
    scale = "() => Number(document.getElementById('overlay').dataset.scale)"
    before, fit = player_page.evaluate(under, spot), player_page.evaluate(scale)
    assert before == pytest.approx([0.3 * 320 - 0.5, 0.7 * 240 - 0.5], abs=1)

    player_page.mouse.move(*spot)
    player_page.mouse.wheel(0, -500)
    expect(player_page.locator("nj-player")).not_to_have_attribute("data-zoom", "1.00")
    assert player_page.evaluate(under, spot) == pytest.approx(before, abs=0.01)
    assert player_page.evaluate(scale) > 1.5 * fit

    player_page.mouse.down()
    player_page.mouse.move(spot[0] + 40, spot[1] - 30)
    player_page.mouse.up()
    moved = player_page.evaluate(under, [spot[0] + 40, spot[1] - 30])
    assert moved == pytest.approx(before, abs=0.01)
    expect(player_page.locator("nj-player")).not_to_have_attribute("data-playing", "true")

    player_page.keyboard.press("f")
    expect(player_page.get_by_test_id("zoom")).to_have_text("100 %")
    assert player_page.evaluate(scale) == pytest.approx(fit)


def test_the_strip_shows_where_a_frame_is_and_leads_there(player_page: Page):
    strip = player_page.get_by_test_id("strip")
    expect(strip).to_have_attribute("data-ready", "true")
    box = strip.bounding_box()
    player_page.mouse.move(box["x"] + box["width"] / 3, box["y"] + 10)
    glimpse = player_page.get_by_test_id("glimpse")
    expect(glimpse).to_be_visible()
    expect(glimpse).to_contain_text(re.compile(r"(29|30) · "))
    player_page.mouse.down()
    for share in (0.4, 0.6, 0.9, 0.5):
        player_page.mouse.move(box["x"] + box["width"] * share, box["y"] + 10)
    player_page.mouse.up()
    expect(strip).to_have_attribute("aria-valuenow", re.compile("^4[45]$"))
    expect_frame(player_page, int(strip.get_attribute("aria-valuenow")))


def test_a_prefetched_clip_is_on_screen_at_once(clips, player_page: Page):
    video = clips["kinds"][KINDS[3].name][0]
    shown = player_page.evaluate(
        """async (id) => {
            const player = document.querySelector("nj-player");
            const { FrameClock } = await import("nightjar/clip/frames.js");
            const table = await (await fetch(`/api/videos/${id}/frames/`)).json();
            const { width, height } = table;
            const clock = new FrameClock(table.times_s);
            const reel = { src: `/api/videos/${id}/proxy.mp4`, clock, width, height, frame: 33 };
            player.prefetch(reel);
            await new Promise((done) => setTimeout(done, 3000));
            truth.seen.length = 0;
            player.load(reel);
            return truth.seen;
        }""",
        video,
    )
    assert [(row["player"], row["pixels"], row["overlay"]) for row in shown] == [(33, 33, 33)]
