"""Skeletons are put right in a browser, and what was done is still there after a reload."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.bench.upload_folder import Api, upload, wait
from tests.e2e.conftest import SETTLED_S

FRAME = 20


@pytest.fixture
def clip(admin: Api, project, rendered_clip) -> int:
    video = upload(admin, project["id"], rendered_clip)
    wait(admin, project["id"], {video}, SETTLED_S)
    return video


@pytest.fixture
def page(clip, project, stack, open_page) -> Page:
    page = open_page(*stack.first_admin, path=f"/projects/{project['slug']}/clips/{clip}/")
    show_frame(page)
    return page


def show_frame(page: Page) -> None:
    expect(page.locator("nj-player")).to_have_attribute("data-ready", "true")
    page.locator("nj-player").evaluate("(player, n) => player.seek(n)", FRAME)
    expect(page.locator("#overlay")).to_have_attribute("data-frame", str(FRAME))
    expect(page.locator("#overlay")).to_have_attribute("data-joints", re.compile(r"\[\["))


def joints(page: Page) -> dict[tuple[int, int], list[float]]:
    """Place and score of each joint that is drawn, by person and joint."""
    drawn = json.loads(page.locator("#overlay").get_attribute("data-joints"))
    return {(person, joint): rest for person, joint, *rest in drawn}


def place_of(page: Page, person: int, joint: int) -> tuple[float, float]:
    x, y, _ = joints(page)[person, joint]
    return x, y


def point_of(page: Page, x: float, y: float) -> list[float]:
    """Where a pixel of the frame lies on the page."""
    to_screen = "(player, [x, y]) => player.toScreen(x, y)"
    return page.locator("nj-player").evaluate(to_screen, [x, y])


def edits_of(admin: Api, clip: int, family: str) -> list[dict]:
    found = admin.call("GET", f"videos/{clip}/annotations/")[family]
    return [one for one in found if not one.get("deleted")]


def expect_saved(page: Page, admin: Api, clip: int, family: str, count: int) -> list[dict]:
    """The server has so many of them, within the second or so that saving may take."""
    for _ in range(100):
        if len(found := edits_of(admin, clip, family)) == count:
            return found
        page.wait_for_timeout(100)
    raise AssertionError(f"Expected {count} of {family}, the server has {found}")


def drag(page: Page, start: list[float], end: list[float], *, steps: int = 5) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=steps)
    page.mouse.up()


def test_a_dragged_joint_stays_where_it_was_put(page: Page, admin: Api, clip: int):
    wrist = 9
    x, y = place_of(page, 0, wrist)
    drag(page, point_of(page, x, y), point_of(page, x + 20, y + 10))
    (saved,) = expect_saved(page, admin, clip, "poses", 1)
    assert (saved["target"], list(saved["joints"])) == (f"0:{FRAME}", ["left_wrist"])
    assert saved["joints"]["left_wrist"] == [
        pytest.approx(x + 20, abs=1),
        pytest.approx(y + 10, abs=1),
        "seen",
    ]
    page.reload()
    show_frame(page)
    assert place_of(page, 0, wrist) == pytest.approx((x + 20, y + 10), abs=1)
    page.keyboard.press("Control+z")
    expect_saved(page, admin, clip, "poses", 0)
    assert place_of(page, 0, wrist) == pytest.approx((x, y), abs=0.2)


def test_joints_are_moved_and_marked_by_keys_alone(page: Page, admin: Api, clip: int):
    press = page.keyboard.press
    press("'")
    before = place_of(page, 0, 0)
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowDown"):
        press(key)
    (saved,) = expect_saved(page, admin, clip, "poses", 1)
    assert saved["joints"]["nose"][:2] == [
        pytest.approx(before[0] + 2, abs=0.2),
        pytest.approx(before[1] + 10, abs=0.2),
    ]
    press("o")
    page.wait_for_timeout(300)
    assert expect_saved(page, admin, clip, "poses", 1)[0]["joints"]["nose"][2] == "occluded"
    press("Escape")
    press("ArrowRight")  # the key is the player's again
    expect(page.locator("nj-player")).to_have_attribute("data-frame", str(FRAME + 1))


def test_frames_between_keyframes_are_interpolated(page: Page, admin: Api, clip: int):
    player = page.locator("nj-player")
    page.keyboard.press("Shift+k")
    start = place_of(page, 0, 9)
    player.evaluate("(player, n) => player.seek(n)", FRAME + 10)
    expect(page.locator("#overlay")).to_have_attribute("data-frame", str(FRAME + 10))
    page.keyboard.press("Shift+k")
    end = place_of(page, 0, 9)
    page.keyboard.press("i")
    expect_saved(page, admin, clip, "poses", 2)
    player.evaluate("(player, n) => player.seek(n)", FRAME + 5)
    expect(page.locator("#overlay")).to_have_attribute("data-frame", str(FRAME + 5))
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    assert place_of(page, 0, 9) == pytest.approx(middle, abs=0.2)
    page.keyboard.press("e")
    expect(player).to_have_attribute("data-frame", str(FRAME))
    page.keyboard.press("r")
    expect(player).to_have_attribute("data-frame", str(FRAME + 10))


def test_somebody_is_deleted_from_a_frame_on_and_brought_back(page: Page, admin: Api, clip: int):
    page.keyboard.press("Delete")
    expect(page.locator("#overlay")).to_have_attribute("data-joints", "[]")
    (saved,) = expect_saved(page, admin, clip, "tracks", 1)
    assert (saved["kind"], saved["person"], saved["frame"]) == ("delete", 0, FRAME)
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#overlay")).to_have_attribute("data-joints", re.compile(r"\[\["))
    page.keyboard.press("Control+z")
    expect_saved(page, admin, clip, "tracks", 0)


def test_a_worker_finds_the_pose_of_somebody_who_was_drawn(page: Page, admin: Api, clip: int):
    places = [rest for (person, _), rest in joints(page).items() if person == 0]
    xs, ys = [x for x, _, _ in places], [y for _, y, _ in places]
    page.keyboard.press("Delete")
    expect(page.locator("#overlay")).to_have_attribute("data-joints", "[]")
    page.keyboard.press("Shift+p")
    corners = (min(xs) - 8, min(ys) - 12), (max(xs) + 8, max(ys) + 8)
    drag(page, *(point_of(page, *corner) for corner in corners))
    overlay = page.locator("#overlay")
    expect(overlay).to_have_attribute("data-joints", re.compile(r"\[\["), timeout=120_000)
    assert all(person >= 1_000_000 for person, _ in joints(page))
    assert len(joints(page)) == 17
    page.keyboard.press("ArrowRight")  # the worker followed the person
    expect(overlay).to_have_attribute("data-frame", str(FRAME + 1))
    expect(overlay).to_have_attribute("data-joints", re.compile(r"\[\["))
    added = expect_saved(page, admin, clip, "tracks", 2)[-1]
    found = admin.call("GET", f"pose-estimates/{added['estimate']}/")
    assert (found["state"], found["start_frame"]) == ("done", FRAME)
    assert found["found"] > 1
