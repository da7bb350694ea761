"""The timeline in a browser: edges dragged, segments parted, joined, labelled while playing."""

import os
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.bench.upload_folder import Api
from tests.e2e.conftest import expect_settled

Segments = Callable[[], list[tuple[int, int, str]]]


def test_segments_are_drawn_by_mouse_and_by_keys_alone_and_stay(
    admin: Api, project, member, open_page, rendered_clip
):
    library = f"/projects/{project['slug']}/"
    page = open_page(*member(project, "reviewer"), path=library)
    page.get_by_test_id("upload-input").set_input_files(rendered_clip)
    expect_settled(page.get_by_test_id("clip-card"), "analysed")
    video = next(iter(admin.pages(f"projects/{project['id']}/videos/")))["id"]
    page.goto(f"{library}clips/{video}/")
    labels = {
        label["id"]: label["name"]
        for label in admin.call("GET", f"projects/{project['id']}/label-set/")["labels"]
    }

    def stored() -> list[tuple[int, int, str]]:
        found = admin.call("GET", f"videos/{video}/annotations/")["segments"]
        alive = [one for one in found if not one.get("deleted")]
        return sorted((one["start_frame"], one["end_frame"], labels[one["label"]]) for one in alive)

    walk_through(page, stored)
    page.reload()
    expect(drawn(page)).to_have_count(2)
    expect(page.locator(".tl-coarse")).to_have_count(0)  # a worker has scored the windows


def walk_through(page: Page, stored: Segments) -> None:
    """All that people do on the timeline, on a clip with one predicted segment at least."""
    predicted = page.get_by_test_id("segment").first
    expect(predicted).to_have_attribute("data-end", re.compile(r"\d+"))
    expect(page.locator("nj-player")).to_have_attribute("data-frame", re.compile(r"\d+"))
    start, end = span_of(predicted)
    photograph(page, "before")

    to = drag_end(page, predicted, end - 12)
    expect(drawn(page)).to_have_count(1)
    assert span_of(drawn(page)) == (start, to)
    until(page, stored, lambda found: [(a, b) for a, b, _ in found] == [(start, to)])

    seek(page, start + 10)
    page.keyboard.press("s")
    expect(drawn(page)).to_have_count(2)
    assert [span_of(one) for one in drawn(page).all()] == [(start, start + 10), (start + 10, to)]
    select(page, drawn(page).first)
    page.keyboard.press("Shift+S")
    expect(drawn(page)).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(drawn(page)).to_have_count(2)

    select(page, drawn(page).last)
    seek(page, start + 14)
    page.keyboard.press("[")
    expect(drawn(page).last).to_have_attribute("data-start", str(start + 14))
    page.keyboard.press("2")
    expect(drawn(page).last).to_have_attribute("data-label", "Jump")
    page.keyboard.press("{")
    expect_frame(page, start + 14)

    seek(page, start + 5)
    page.keyboard.press("a")  # the person does something already, and only one thing at a time
    expect(page.get_by_test_id("toast").last).to_contain_text("overlap")
    expect(drawn(page)).to_have_count(2)

    record(page, start)
    page.keyboard.press("Control+z")
    expect(drawn(page)).to_have_count(2)
    photograph(page, "after")
    wanted = [(start, start + 10), (start + 14, to)]
    until(page, stored, lambda found: [(a, b) for a, b, _ in found] == wanted)
    assert stored()[1][2] == "Jump"


def record(page: Page, start: int) -> None:
    """A label key that is tapped begins a label, the next tap ends it; what is there gives way."""
    page.keyboard.press("Shift+R")
    expect(page.get_by_test_id("timeline-record")).to_have_attribute("aria-pressed", "true")
    seek(page, start + 2)
    page.keyboard.press("3")
    seek(page, start + 6)
    page.keyboard.press("3")
    spans = [(start, start + 2), (start + 2, start + 7), (start + 7, start + 10)]
    expect(drawn(page).nth(1)).to_have_attribute("data-label", "Pick")
    assert [span_of(one) for one in drawn(page).all()][:3] == spans
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("timeline-record")).to_have_attribute("aria-pressed", "false")
    expect(drawn(page)).to_have_count(4)


def drawn(page: Page) -> Locator:
    return page.get_by_test_id("drawn-segment")


def span_of(segment: Locator) -> tuple[int, int]:
    return int(segment.get_attribute("data-start")), int(segment.get_attribute("data-end"))


def drag_end(page: Page, segment: Locator, frame: int) -> int:
    """Drag the end of a segment to a frame; gives where it came to be."""
    box, (start, end) = segment.bounding_box(), span_of(segment)
    width = box["width"] / (end - start)
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] - 2, y)
    page.mouse.down()
    for step in range(1, 6):
        page.mouse.move(box["x"] + box["width"] - 2 - (end - frame) * width * step / 5, y)
    photograph(page, "drag")
    page.mouse.up()
    return frame


def seek(page: Page, frame: int) -> None:
    page.locator("nj-player").evaluate("(player, frame) => player.seek(frame)", frame)
    expect_frame(page, frame)


def expect_frame(page: Page, frame: int) -> None:
    expect(page.locator("nj-player")).to_have_attribute("data-frame", str(frame))


def select(page: Page, segment: Locator) -> None:
    segment.focus()
    page.keyboard.press("Enter")
    expect(segment).to_have_attribute("aria-pressed", "true")


def until(page: Page, stored: Segments, is_right: Callable[[list], bool]) -> None:
    """The server has what the page shows, within seconds."""
    for _ in range(100):
        if is_right(stored()):
            return
        page.wait_for_timeout(100)
    raise AssertionError(stored())


def photograph(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look."""
    if folder := os.environ.get("NIGHTJAR_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"timeline-{name}.png")
