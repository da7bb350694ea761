"""Measures the timeline with 10 minutes of 5 people in real Chromium: opening, dragging, memory.

    python -m tests.bench.workbench_timeline --state-dir ../scratch

The folder is filled on the first run (see ``long_review``) and used again: 500 predicted segments,
6,000 window scores and 250 segments that people drew. Times by the wall clock say little on a busy
machine; cpu milliseconds say what it costs: a drag whose moves cost 20 ms of the page's main
thread, and 20 ms of what draws for it, goes at 50 frames a second.
"""

import argparse
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, expect, sync_playwright

from tests.bench.long_review import LongReview, make_long_review
from tests.bench.quiet_house import serving

SIZE = {"width": 1360, "height": 860}
DRAWN = 250
FILES = ("/tracks/", "/curves/", "/annotations/", "/label-set/")

COUNT_FRAMES = """() => {
  const seen = window.__frames = [];
  const next = (now) => { seen.push(now); window.__counting = requestAnimationFrame(next); };
  next(performance.now());
}"""
STOP_COUNTING = """() => {
  if (!window.__frames) return [];
  cancelAnimationFrame(window.__counting);
  return window.__frames;
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--state-dir", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=240, help="moves of each drag")
    asked = parser.parse_args()
    made = make_long_review(asked.state_dir)
    with serving(asked.state_dir, debug=True) as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = logged_in(chromium, address, made)
        draw_segments(page, made)
        cdp = open_clip(page, chromium, address, made)
        opening(page)
        drag_edge(page, cdp, chromium, asked.steps)
        zoom(page, cdp, chromium, asked.steps // 4)
        memory(page, cdp, chromium)
        chromium.close()


def logged_in(chromium: Browser, address: str, made: LongReview) -> Page:
    page = chromium.new_page(viewport=SIZE)
    page.set_default_timeout(180_000)
    expect.set_options(timeout=180_000)
    page.goto(f"{address}/login/?next=/projects/{made.slug}/")
    page.get_by_label("User name").fill(made.username)
    page.get_by_label("Password").fill(made.password)
    page.get_by_test_id("login-submit").click()
    page.wait_for_url(re.compile(rf"/projects/{made.slug}/"))
    return page


def draw_segments(page: Page, made: LongReview) -> None:
    """As reviewers would have drawn them, 50 a person; nothing where they are there already."""
    base = f"/api/videos/{made.video_id}/"
    read = "async (url) => (await fetch(url)).json()"
    if page.evaluate(read, f"{base}annotations/")["segments"]:
        return
    labels = page.evaluate(read, f"/api/projects/{made.project_id}/label-set/")["labels"]
    group = str(uuid.uuid4())
    edits = [
        {
            "id": str(uuid.uuid4()),
            "kind": "segment.create",
            "target": str(uuid.uuid4()),
            "if_version": None,
            "group": group,
            "made_at": "2026-01-01T00:00:00Z",
            "data": {
                "person": n % 5,
                "start_frame": 360 * (n // 5) + 30,
                "end_frame": 360 * (n // 5) + 210,
                "label": labels[n % len(labels)]["id"],
                "origin": None,
            },
        }
        for n in range(DRAWN)
    ]
    said = page.evaluate(
        """async ([url, edits]) => {
          const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
          const headers = {"Content-Type": "application/json", "X-CSRFToken": token};
          const answer = await fetch(url, {method: "POST", headers, body: JSON.stringify({edits})});
          return [answer.status, (await answer.text()).slice(0, 300)];
        }""",
        [f"{base}edits/", edits],
    )
    if said[0] != 200:
        raise RuntimeError(f"Expected the segments to be stored, got {said}")


def open_clip(page: Page, chromium: Browser, address: str, made: LongReview) -> CDPSession:
    """The workbench with all its tools, until everything on the timeline is there."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto("about:blank")
    with measured(page, cdp, chromium, "open the page, all tools", 1):
        page.goto(f"{address}/projects/{made.slug}/clips/{made.video_id}/")
        expect(page.get_by_test_id("drawn-segment")).to_have_count(DRAWN)
        expect(page.get_by_test_id("segment")).to_have_count(500)
        expect(page.locator(".tl-coarse")).to_have_count(0)
        expect(page.locator("nj-player")).to_have_attribute("data-frame", "0")
    page.wait_for_timeout(3000)
    return cdp


def opening(page: Page) -> None:
    """From the last byte of what the timeline needs to the drawing that shows it."""
    found = page.evaluate(
        """(files) => {
          const read = performance.getEntriesByType("resource")
            .filter(({name}) => files.some((file) => name.includes(file)));
          const end = Math.max(...read.map(({responseEnd}) => responseEnd));
          const marks = performance.getEntriesByName("timeline-drawn").map((m) => m.startTime);
          return {
            end, drawn: marks.find((mark) => mark >= end),
            bytes: read.reduce((sum, one) => sum + one.decodedBodySize, 0), files: read.length,
          };
        }""",
        list(FILES),
    )
    kilo = found["bytes"] / 1024
    print(f"read {found['files']} answers, {kilo:.0f} kB decoded")
    print(f"last byte to the drawing that shows it: {found['drawn'] - found['end']:.0f} ms (wall)")


def drag_edge(page: Page, cdp: CDPSession, chromium: Browser, steps: int) -> None:
    """The end of a predicted segment, back and forth, with the frame below it shown."""
    segment = page.get_by_test_id("segment").nth(3)
    segment.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+F")
    page.wait_for_timeout(1500)
    box = segment.bounding_box()
    x, y = box["x"] + box["width"] - 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    with measured(page, cdp, chromium, "drag an edge, a move", steps):
        for step in range(steps):
            page.mouse.move(x - 20 - 8 * (step % 40 if step // 40 % 2 else 40 - step % 40), y)
    page.keyboard.press("Escape")
    page.mouse.up()
    page.keyboard.press("Shift+F")
    page.wait_for_timeout(1000)
    expect(page.get_by_test_id("drawn-segment")).to_have_count(DRAWN)


def zoom(page: Page, cdp: CDPSession, chromium: Browser, steps: int) -> None:
    """By wheel and Ctrl, in and out: everything is drawn anew, curves too."""
    box = page.locator(".tl-area").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    page.keyboard.down("Control")
    with measured(page, cdp, chromium, "zoom, a turn of the wheel", steps):
        for step in range(steps):
            page.mouse.wheel(0, -40 if step < steps / 2 else 40)
    page.keyboard.up("Control")


@contextmanager
def measured(
    page: Page, cdp: CDPSession, chromium: Browser, name: str, times: int
) -> Iterator[None]:
    """Print what each of so many steps costs."""
    page.evaluate(COUNT_FRAMES)
    before, cpu = metrics(cdp), cpu_seconds(chromium)
    yield
    after, used = metrics(cdp), cpu_seconds(chromium)
    frames = page.evaluate(STOP_COUNTING)
    spent = {key: (after[key] - before[key]) * 1000 / times for key in TASKS}
    parts = ", ".join(f"{key[:-8].lower()} {spent[key]:.1f}" for key in TASKS[1:])
    print(f"{name}: main thread {spent['TaskDuration']:.1f} cpu-ms ({parts})")
    kinds = {kind: 1000 * (used[kind] - cpu.get(kind, 0.0)) / times for kind in sorted(used)}
    print("  all of it: " + ", ".join(f"{kind} {ms:.1f} cpu-ms" for kind, ms in kinds.items()))
    if len(frames) > 2:
        gaps = sorted(b - a for a, b in pairwise(frames))
        print(f"  by the wall clock {1000 * len(gaps) / sum(gaps):.0f} frames a second")


def cpu_seconds(chromium: Browser) -> dict[str, float]:
    """What each kind of the browser's processes has computed."""
    session = chromium.new_browser_cdp_session()
    found: dict[str, float] = {}
    for process in session.send("SystemInfo.getProcessInfo")["processInfo"]:
        found[process["type"]] = found.get(process["type"], 0.0) + process["cpuTime"]
    session.detach()
    return found


TASKS = ("TaskDuration", "ScriptDuration", "LayoutDuration", "RecalcStyleDuration")


def metrics(cdp: CDPSession) -> dict[str, float]:
    rows: list[dict[str, Any]] = cdp.send("Performance.getMetrics")["metrics"]
    return {row["name"]: row["value"] for row in rows}


def memory(page: Page, cdp: CDPSession, chromium: Browser) -> None:
    cdp.send("HeapProfiler.collectGarbage")
    now = metrics(cdp)
    pixels = page.evaluate(
        "() => [...document.querySelectorAll('.tl-canvas')]"
        ".reduce((sum, {width, height}) => sum + 4 * width * height, 0)"
    )
    heap, nodes = now["JSHeapUsedSize"] / 2**20, now["Nodes"]
    print(f"heap {heap:.1f} MB, timeline's canvases {pixels / 2**20:.1f} MB, {nodes:.0f} nodes")
    processes = chromium.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    for process in processes:
        if process["type"] == "renderer":
            status = Path(f"/proc/{process['id']}/status").read_text()
            resident = int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024
            print(f"resident memory of the page's process: {resident:.0f} MB")


if __name__ == "__main__":
    main()
