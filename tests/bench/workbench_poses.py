"""Prints how the workbench copes with 5 people for 10 minutes: 90,000 poses in real Chromium.

    python -m tests.bench.workbench_poses [--state-dir DIR] [--address http://... --video 1]

Size of what travels, time from its bytes to skeletons on screen, frames a second while a joint is
dragged, and memory. Without ``--address`` the clip is made (in ``--state-dir``, kept) and served
here. Times of a busy machine are worse than a person's; what one step costs the page in CPU time
is printed beside them.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
JOINTS = 17
DRAG_S = 2
ROUNDS = 3
PATIENCE_MS = 120_000

# Notes when the overlay first had joints on it; runs before the page's own scripts.
WATCH = """() => {
    window.painted = 0;
    new MutationObserver(() => {
        const overlay = document.getElementById("overlay");
        const isDrawn = (overlay?.dataset.joints ?? "[]") !== "[]";
        if (!window.painted && isDrawn) window.painted = performance.now();
    }).observe(document, { subtree: true, childList: true, attributeFilter: ["data-joints"] });
}"""

ARRIVED = """() => {
    const all = performance.getEntriesByType("resource");
    const poses = all.filter(({ name }) => name.includes("/poses/pages/"));
    const { responseEnd, requestStart } = poses[0];
    return { painted: window.painted, arrived: responseEnd, asked: requestStart };
}"""

# All pages at once: as a range, as the page's own module reads them.
WHOLE = """async ([run, frames]) => {
    const { PosePages } = await import("nightjar/clip/skeleton/pages.js");
    const { EditedPoses } = await import("nightjar/clip/skeleton/edited.js");
    const asked = performance.now();
    const address = `/api/runs/${run}/poses/pages/?from=0&to=${frames}`;
    const buffer = await (await fetch(address)).arrayBuffer();
    const came = performance.now();
    const pages = new PosePages();
    pages.take(buffer);
    const read = performance.now();
    const names = Array.from({ length: pages.joints }, (_, n) => `joint${n}`);
    const edited = new EditedPoses(pages, names);
    let poses = 0;
    for (let frame = 0; frame < frames; frame++) {
        for (const person of edited.people) poses += edited.pose(person, frame) ? 1 : 0;
    }
    const decoded = performance.now();
    window.kept = pages;
    const [fetch_ms, read_ms, decode_ms] = [came - asked, read - came, decoded - read];
    return { bytes: buffer.byteLength, fetch_ms, read_ms, decode_ms, poses };
}"""

# The pointer is down on a joint; each animation frame moves it a little, as a hand would. Without a
# place nothing is moved: that is what the machine gives at best just now.
DRAG = """async ([x, y, seconds]) => {
    const screen = document.querySelector("nj-player .screen");
    const overlay = document.getElementById("overlay");
    let paints = 0;
    const watch = new MutationObserver(() => paints++);
    watch.observe(overlay, { attributes: true, attributeFilter: ["data-joints"] });
    const gaps = [];
    const began = performance.now();
    let before = began, steps = 0;
    await new Promise((done) => requestAnimationFrame(function step(now) {
        gaps.push(now - before);
        before = now;
        const angle = steps++ / 9;
        if (x !== null) screen.dispatchEvent(new PointerEvent("pointermove", {
            bubbles: true, pointerId: 1, pointerType: "mouse", isPrimary: true, buttons: 1,
            clientX: x + 25 * Math.sin(angle), clientY: y + 15 * Math.cos(angle),
        }));
        if (performance.now() - began < seconds * 1000) requestAnimationFrame(step);
        else done();
    }));
    const spent = (performance.now() - began) / 1000;
    watch.disconnect();
    return { steps, paints, spent, gaps: gaps.slice(2) };
}"""


@contextmanager
def served(state_dir: Path | None) -> Iterator[tuple[str, int, str]]:
    """Address and id of the clip, and the project's slug."""
    from tests.bench import quiet_house
    from tests.bench.long_review import make_long_review

    with nullcontext(state_dir) if state_dir else tempfile.TemporaryDirectory() as folder:
        made = make_long_review(Path(folder))
        with quiet_house.serving(Path(folder), debug=True) as address:
            yield address, made.video_id, made.slug


@contextmanager
def chromium() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        sys.exit(f"No browser here (looked for {', '.join(BROWSERS)}).")
    args = ["--no-sandbox", "--disable-dev-shm-usage", "--enable-precise-memory-info"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=args)
        yield browser
        browser.close()


def open_clip(browser: Browser, address: str, slug: str, video: int) -> Page:
    from tests.bench import quiet_house

    page = browser.new_context(base_url=address, viewport={"width": 1360, "height": 860}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.add_init_script(f"({WATCH})()")
    page.goto(f"/login/?next=/projects/{slug}/clips/{video}/")
    page.get_by_label("User name").fill(quiet_house.USER)
    page.get_by_label("Password").fill(quiet_house.PASSWORD)
    page.get_by_test_id("login-submit").click()
    page.wait_for_function("() => window.painted > 0")
    return page


def heap_mb(session: CDPSession) -> float:
    """JavaScript objects and what array buffers hold beside them, after a collection."""
    session.send("HeapProfiler.collectGarbage")
    usage = session.send("Runtime.getHeapUsage")
    return (usage["usedSize"] + usage.get("backingStorageSize", 0)) / 1e6


def cpu_ms(session: CDPSession) -> float:
    """What the page's tasks have taken so far, on the processor."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    found = {metric["name"]: metric["value"] for metric in metrics}
    return 1000 * found["TaskDuration"]


def measure_open(page: Page, session: CDPSession) -> None:
    late, spent = [], []
    for _ in range(3):
        page.reload()
        page.wait_for_function("() => window.painted > 0")
        spent.append(cpu_ms(session))
        found = page.evaluate(ARRIVED)
        late.append(found["painted"] - found["arrived"])
    print(
        f"open: from the first page's bytes to skeletons on screen {min(late):.0f} ms at best "
        f"(mark: 1000; {', '.join(f'{ms:.0f}' for ms in late)})"
    )
    print(f"      CPU time of the page's main thread for all of the page: {min(spent):.0f} ms")


def measure_whole(page: Page, session: CDPSession, run: dict[str, Any]) -> None:
    before = heap_mb(session)
    began = cpu_ms(session)
    found = page.evaluate(WHOLE, [run["id"], run["frames"]])
    spent = cpu_ms(session) - began
    plain = found["poses"] * 4 * (4 + 3 * JOINTS)
    print(
        f"all of it: {found['poses']} poses in {found['bytes'] / 1e6:.2f} MB "
        f"(float32: {plain / 1e6:.1f} MB), fetched in {found['fetch_ms']:.0f} ms, "
        f"opened in {found['read_ms']:.2f} ms (mark: 1000)"
    )
    print(f"      every pose once: {found['decode_ms']:.0f} ms; the page's tasks {spent:.0f} ms")
    print(f"memory: {before:.1f} MB with the pages around a frame, {heap_mb(session):.1f} with all")


def measure_drag(page: Page, session: CDPSession) -> None:
    page.evaluate("() => document.querySelector('nj-player').seek(200)")
    page.wait_for_function("() => document.querySelector('nj-player').dataset.frame === '200'")
    page.wait_for_timeout(1500)
    joints = json.loads(page.locator("#overlay").get_attribute("data-joints") or "[]")
    _, _, x, y, _ = joints[9]
    left, top = page.evaluate(
        "([x, y]) => document.querySelector('nj-player').toScreen(x, y)", [x, y]
    )
    rates: dict[str, list[float]] = {"still": [], "drag": []}
    costs: list[float] = []
    for _ in range(ROUNDS):  # by turns, so that both share the machine's moments
        still = page.evaluate(DRAG, [None, None, DRAG_S])
        rates["still"].append(still["steps"] / still["spent"])
        page.mouse.move(left, top)
        page.mouse.down()
        page.mouse.move(left + 6, top + 6)
        began = cpu_ms(session)
        found = page.evaluate(DRAG, [left, top, DRAG_S])
        costs.append((cpu_ms(session) - began) / max(1, found["steps"]))
        page.mouse.up()
        rates["drag"].append(found["paints"] / found["spent"])
        page.keyboard.press("Control+z")
        page.wait_for_timeout(500)
    drag, still_rate = max(rates["drag"]), max(rates["still"])
    print(
        f"drag of a joint: {drag:.0f} paints a second at best (mark: 50), where an idle page gets "
        f"{still_rate:.0f} frames: {100 * drag / still_rate:.0f} %"
    )
    print(
        f"      a step costs the page's main thread {min(costs):.2f} ms of CPU "
        f"(50 a second leave 20); all rounds {rates}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--state-dir", type=Path)
    parser.add_argument("--address", help="of a house that is served already")
    parser.add_argument("--video", type=int, default=1)
    parser.add_argument("--slug", default="bench")
    asked = parser.parse_args()
    house = nullcontext((asked.address, asked.video, asked.slug))
    given = house if asked.address else served(asked.state_dir)
    with given as (address, video, slug), chromium() as browser:
        page = open_clip(browser, address, slug, video)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        run = page.evaluate(
            f"async () => (await (await fetch('/api/videos/{video}/tracks/')).json()).run"
        )
        print(f"{run['people']} people, {run['frames']} frames each")
        measure_open(page, session)
        measure_drag(page, session)
        measure_whole(page, session, run)


if __name__ == "__main__":
    main()
