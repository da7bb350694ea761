"""Prints what each of the clip page's light filters costs a frame, and the ratio to none.

    python -m tests.bench.light_filters [--size 1280x720] [--rounds 8]

A noisy dark clip goes through the page's own renderer in Chromium; every round measures each filter
once, so that all share the same moments of the machine. A time is from the frame's upload to the
last pixel; "CPU" is what the browser's processes spent on it, which does not depend on what else
the machine does. It says who draws: without a GPU that is SwiftShader, software on the CPU, which
tells the ratios between filters, not what people with a GPU wait.
"""

import argparse
import functools
import http.server
import os
import shutil
import statistics
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from inference.types import FrameTable
from inference.video.proxy import write_frames

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "webapp/pages/static"
PAGE = """<!doctype html><meta charset="utf-8">
<script type="importmap">{"imports": {"nightjar/": "/nightjar/"}}</script><body></body>"""

PREPARE = """async ([width, height]) => {
    const { Renderer } = await import("nightjar/clip/light/renderer.js");
    const { PLAIN } = await import("nightjar/clip/light/look.js");
    const { levelsOf } = await import("nightjar/clip/light/curve.js");
    const video = document.createElement("video");
    Object.assign(video, { muted: true, src: "/clip.mp4", preload: "auto" });
    await new Promise((done, fail) => { video.oncanplaythrough = done; video.onerror = fail; });
    const pictures = [];
    for (let i = 0; i < 5; i++) {
        video.currentTime = (i + 0.5) / 25;
        await new Promise((done) => video.onseeked = done);
        pictures.push(new VideoFrame(video));
    }
    const canvas = document.createElement("canvas");
    const renderer = new Renderer(canvas);
    const gl = canvas.getContext("webgl2");
    const levels = levelsOf({ gain: 3, gamma: 0.6, contrast: 1 });
    const tone = { ...PLAIN, levels, saturation: 0.6 };
    const looks = {
        "upload alone": null,
        "none": PLAIN,
        "brightness, contrast, gamma": tone,
        "what the model saw (curve)": { ...PLAIN, levels },
        "local contrast": { ...tone, local: 0.6 },
        "denoise (4 neighbours)": { ...tone, denoise: 0.8 },
        "false colour": { ...tone, palette: "heat" },
        "before/after split": { ...tone, split: 0.5 },
        "all together": { ...tone, local: 0.6, denoise: 0.8, palette: "heat", split: 0.5 },
    };
    for (let i = 0; i < 5; i++) renderer.upload(pictures[i], i, width, height);
    await renderer.sample(true);
    window.bench = {
        names: Object.keys(looks),
        // The calmed neighbours are at hand already, as they are in play: only one frame is new.
        run(name, frames) {
            const pixel = new Uint8Array(4);
            const began = performance.now();
            for (let i = 0; i < frames; i++) {
                renderer.upload(pictures[4], 4, width, height);
                if (looks[name]) renderer.draw(looks[name]);
                gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
            }
            return (performance.now() - began) / frames;
        },
        async sample() {
            const began = performance.now();
            await renderer.sample(true);
            return performance.now() - began;
        },
    };
    const names = gl.getExtension("WEBGL_debug_renderer_info");
    const drawn_by = gl.getParameter(names?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER);
    return { names: bench.names, drawn_by, error: gl.getError() };
}"""


def write_clip(path: Path, size: tuple[int, int], frames: int = 12) -> None:
    """A dark ramp with a moving block and noise."""
    width, height = size
    chance = np.random.default_rng(1)
    ramp = np.linspace(2, 40, width)[None, :, None] * np.ones((height, 1, 3))

    def pictures() -> Iterator[np.ndarray]:
        for index in range(frames):
            light = ramp.copy()
            light[200:400, 100 + 20 * index : 220 + 20 * index] += 60
            yield np.clip(light + chance.normal(0, 4, light.shape), 0, 255).astype(np.uint8)

    table = FrameTable(np.arange(frames), frames, Fraction(1, 25), Fraction(25))
    write_frames(path, pictures(), table, options={"preset": "veryfast", "crf": "21"})


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The page's modules, the clip and an empty page with an import map, on a free port."""
    (folder / "index.html").write_text(PAGE)
    (folder / "nightjar").symlink_to(STATIC / "nightjar")

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    handler = functools.partial(Handler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()


def cpu_s() -> float:
    """Seconds of CPU that this process's children (driver, browser and its helpers) have used."""
    parents: dict[int, list[tuple[int, float]]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks = int(fields[11]) + int(fields[12])
        parents.setdefault(int(fields[1]), []).append((int(stat.parent.name), ticks))
    total, waiting = 0.0, [os.getpid()]
    while waiting:
        for pid, ticks in parents.get(waiting.pop(), []):
            total += ticks
            waiting.append(pid)
    return total / os.sysconf("SC_CLK_TCK")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--frames", type=int, default=12, help="of each filter in a round")
    args = parser.parse_args()
    width, height = map(int, args.size.split("x"))
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        write_clip(Path(name) / "clip.mp4", (width, height))
        with served(Path(name)) as address:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            page = browser.new_page()
            page.goto(address)
            about = page.evaluate(PREPARE, [width, height])
            waited, worked = measure(page, about["names"], args.rounds, args.frames)
            browser.close()
    if about["error"]:
        print(f"WebGL reported the fault {about['error']:#x}: the figures do not count.")
        return 1
    report(about["drawn_by"], args.size, waited, worked)
    return 0


def measure(
    page: Page, names: list[str], rounds: int, frames: int
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Milliseconds a frame by the clock and of CPU, for each filter and round."""
    waited: dict[str, list[float]] = {name: [] for name in names}
    worked: dict[str, list[float]] = {name: [] for name in names}
    for name in names:
        page.evaluate("(name) => bench.run(name, 2)", name)
    for _ in range(rounds):
        for name in names:
            before = cpu_s()
            waited[name].append(page.evaluate("([name, n]) => bench.run(name, n)", [name, frames]))
            worked[name].append(1000 * (cpu_s() - before) / frames)
    return waited, worked


def report(
    drawn_by: str, size: str, waited: dict[str, list[float]], worked: dict[str, list[float]]
) -> None:
    software = "SwiftShader" in drawn_by
    print(f"Drawn by {drawn_by}{': software rendering' if software else ''}")
    print(f"{size}, ms a frame, upload included; load of this machine {os.getloadavg()[0]:.1f}")
    print(f"  {'':<30}{'clock':>9}{'least':>9}{'CPU':>9}{'CPU : none':>12}")
    none = statistics.median(worked["none"])
    for name, times in waited.items():
        clock, cpu = statistics.median(times), statistics.median(worked[name])
        print(f"  {name:<30}{clock:9.2f}{min(times):9.2f}{cpu:9.2f}{cpu / none:11.2f}x")


if __name__ == "__main__":
    raise SystemExit(main())
