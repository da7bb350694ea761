"""Counts the inputs that reviewing takes, and how soon the next clip is on screen after Enter.

    python -m tests.bench.review_keys --clips 50 --wrong 10

A script reviews clips whose right labels it knows: a key where the prediction is wrong, then
Enter. It looks at each clip for ``--look`` seconds first, as the quickest person might, and until
the next clip was read ahead. Prints inputs per clip and the time from Enter to the first painted
frame of the next clip, whose pixels say that they are of that clip: on the clock, and in seconds of
the page's main thread, which a busy machine does not stretch.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.bench.quiet_house import PASSWORD, USER, Seeded, fill, serving

BROWSERS = ("chromium", "chromium-browser", "google-chrome")

# Counts inputs, and notes for each Enter when the first frame of another clip was painted.
WATCH = """() => {
    const watch = window.watched = {inputs: [], painted: []};
    let since = 0, before = null;
    for (const kind of ["keydown", "pointerdown", "wheel"]) {
        addEventListener(kind, (event) => watch.inputs.push(event.key ?? kind), {capture: true});
    }
    const clip = () => location.pathname.match(/clips\\/(\\d+)/)[1];
    addEventListener("keydown", (event) => {
        if (event.key === "Enter") [since, before] = [performance.now(), clip()];
    }, {capture: true});
    document.querySelector("nj-player").addEventListener("frame", () => {
        if (!since || clip() === before) return;
        const start = since;
        since = 0;
        // A message that is sent in an animation frame comes once that frame was painted.
        requestAnimationFrame(() => {
            const channel = new MessageChannel();
            channel.port1.onmessage = () => watch.painted.push(performance.now() - start);
            channel.port2.postMessage(0);
        });
    });
}"""

# The number in the pixels of the frame on screen, sixteen blocks in two rows.
CODE = """() => {
    const {width, height, data} = document.querySelector("nj-player").read();
    const light = (x, y) => data[4 * (Math.floor(y) * width + Math.floor(x))] > 128;
    let number = 0;
    for (let row = 0; row < 2; row++) for (let column = 0; column < 8; column++) {
        number = number * 2 + Number(light((column + 0.5) * width / 8, (row + 0.5) * height / 2));
    }
    return number;
}"""


# Whether the next clip waits behind the one on screen: what is known of it, and its first frame.
IS_READ_AHEAD = """() => {
    const videos = [...document.querySelectorAll("nj-player video")];
    const here = location.pathname.match(/clips\\/(\\d+)/)[1];
    const {ahead} = document.getElementById("app").dataset;
    return Boolean(ahead) && ahead !== here && videos.every((v) => v.readyState >= 2 && !v.seeking);
}"""


def main_thread_s(session: Any) -> float:
    """CPU seconds that the page's main thread has spent so far."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(m["value"] for m in metrics if m["name"] == "TaskDuration")


def review(page: Any, seeded: Seeded, *, look_s: float, count: int) -> dict[str, Any]:
    """Judge so many clips of the queue; inputs and times are read off the page."""
    counts: list[tuple[bool, int]] = []
    astray = 0
    page.evaluate(WATCH)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    spent: list[float] = []
    waits: list[float] = []
    for _ in range(count):
        video = int(page.evaluate("location.pathname.match(/clips\\/(\\d+)/)[1]"))
        number, frame = divmod(page.evaluate(CODE), 1000)
        shown = int(page.locator("nj-player").get_attribute("data-frame"))
        astray += seeded.video_ids.index(video) != number or frame != shown
        began = time.monotonic()
        time.sleep(look_s)
        if len(counts) < count - 1:
            page.wait_for_function(IS_READ_AHEAD)
        waits.append(time.monotonic() - began)
        before = page.evaluate("watched.inputs.length")
        label = page.get_by_test_id("judgement").get_attribute("data-label")
        is_wrong = label != seeded.truth[video]
        if is_wrong:
            row = page.locator(f'[data-testid="label-row"][data-name="{seeded.truth[video]}"] kbd')
            page.keyboard.press(row.inner_text())
        painted = page.evaluate("watched.painted.length")
        used = main_thread_s(session)
        page.keyboard.press("Enter")
        counts.append((is_wrong, page.evaluate("watched.inputs.length") - before))
        if len(counts) < count:
            page.wait_for_function("(n) => watched.painted.length > n", arg=painted)
            spent.append(main_thread_s(session) - used)
    watched = page.evaluate("watched")
    return {"counts": counts, "astray": astray, "spent": spent, "waits": waits, **watched}


def wait_until_saved(page: Any, seeded: Seeded) -> int:
    """How many segments the server knows to be judged as they should be."""
    deadline = time.monotonic() + 60
    while True:
        cards = page.evaluate(
            f"fetch('/api/projects/{seeded.project_id}/videos/?page_size=200').then(r => r.json())"
        )["results"]
        given = {card["id"]: (card["corrected"] or {}).get("label") for card in cards}
        right = sum(bool(given[v]) and given[v]["name"] == seeded.truth[v] for v in given)
        done = sum(card["reviewed"] for card in cards)
        if done == len(cards) or time.monotonic() > deadline:
            return min(right, done)
        time.sleep(0.5)


def report(found: dict[str, Any], saved: int, seeded: Seeded) -> None:
    for is_wrong, name in ((False, "confirm"), (True, "correct")):
        inputs = Counter(n for wrong, n in found["counts"] if wrong == is_wrong)
        said = ", ".join(f"{n} input(s): {clips} clips" for n, clips in sorted(inputs.items()))
        print(f"{name:8s} {said or 'no clips'}")
    mouse = sum(kind in ("pointerdown", "wheel") for kind in found["inputs"])
    print(f"mouse    {mouse} inputs")
    print(f"saved    {saved} of {len(seeded.video_ids)} as they should be")
    print(f"astray   {found['astray']} clips whose pixels are of another clip or frame")
    tell("Enter to painted, by the clock", found["painted"])
    tell("the same, seconds of the main thread", [1000 * s for s in found["spent"]])
    print(f"read ahead after at most {max(found['waits']):.1f} s of looking")


def tell(what: str, milliseconds: list[float]) -> None:
    times = sorted(milliseconds)
    p95 = times[min(len(times) - 1, int(0.95 * len(times)))]
    print(
        f"{what}: p50 {statistics.median(times):.0f} ms, p95 {p95:.0f} ms, "
        f"worst {times[-1]:.0f} ms of {len(times)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=50)
    parser.add_argument("--wrong", type=int, default=10)
    parser.add_argument("--look", type=float, default=1.0, help="seconds before each judgement")
    parser.add_argument("--state-dir", type=Path, help="an empty folder; else a temporary one")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        state_dir = asked.state_dir or Path(scratch)
        state_dir.mkdir(parents=True, exist_ok=True)
        seeded = fill(state_dir, clips=asked.clips, wrong=asked.wrong)
        with serving(state_dir) as address:
            measure(address, seeded, asked.look)


def measure(address: str, seeded: Seeded, look_s: float) -> None:
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(base_url=address, viewport={"width": 1360, "height": 860})
        page.set_default_timeout(120_000)
        page.goto(f"/login/?next=/projects/{seeded.slug}/clips/{seeded.video_ids[0]}/")
        page.get_by_label("User name").fill(USER)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_test_id("login-submit").click()
        page.wait_for_selector("nj-player[data-ready]")
        page.get_by_test_id("judgement").wait_for()
        page.get_by_test_id("label-row").first.wait_for()
        time.sleep(2)
        found = review(page, seeded, look_s=look_s, count=len(seeded.video_ids))
        report(found, wait_until_saved(page, seeded), seeded)
        browser.close()


if __name__ == "__main__":
    main()
