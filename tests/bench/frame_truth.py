"""Whether picture, number, overlay, API and PyAV name the same frame, on clips of every kind.

    python -m tests.bench.frame_truth --ops 500

Each clip carries its frame numbers in its pixels. In a real Chromium on the real web server it is
sought and stepped through at random and played at 1x and 2x; whenever a frame is shown, what the
page says is read in the same task: the code on the canvas, the number in the transport, the
player's own, and the overlay's. After each seek or step the frame must be the wanted one, at the
time that the API and PyAV's decoding of the original give it. Prints a row a clip.
"""

import argparse
import json
import random
import shutil
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

SEED = 5
TOLERANCE_S = 1e-4  # MP4 and Matroska round stamps, each to its own time base

# Reads all that the page says of the frame on screen, in one task.
PROBE = """() => {
    const player = document.querySelector("nj-player");
    const scratch = document.createElement("canvas");
    const context = scratch.getContext("2d", { willReadFrequently: true });
    const code = (canvas) => {
        const { width, height } = canvas;
        if (scratch.width !== width) [scratch.width, scratch.height] = [width, height];
        context.drawImage(canvas, 0, 0);
        let number = 0;
        for (let row = 0; row < 2; row++) {
            for (let column = 0; column < 8; column++) {
                const [x, y] = [(column + 0.5) * width / 8, (row + 0.5) * height / 2];
                number = 2 * number + (context.getImageData(x, y, 1, 1).data[1] > 128 ? 1 : 0);
            }
        }
        return number;
    };
    const says = () => ({
        pixels: code(player.canvas),
        text: Number(document.getElementById("frame-now").textContent),
        player: player.frame,
        attribute: Number(player.dataset.frame),
        overlay: Number(document.getElementById("overlay").dataset.frame),
    });
    const seen = [];
    player.addEventListener("frame", () => seen.push({ ...says(), at: performance.now() }));
    const settled = (wanted) => new Promise((done) => {
        const began = performance.now();
        const look = () => {
            const isThere = player.frame === wanted && player.dataset.seeking === "false";
            if (isThere || performance.now() - began > 10_000) {
                done({ wanted, ms: performance.now() - began, ...says() });
            } else setTimeout(look, 1);
        };
        look();
    });
    const press = (key, shiftKey) => dispatchEvent(
        new KeyboardEvent("keydown", { key, shiftKey, bubbles: true, cancelable: true }));
    window.truth = {
        seen,
        async go(operations) {
            const rows = [];
            for (const { key, shift, seek, wanted } of operations) {
                if (key) press(key, shift);
                else player.seek(seek);
                rows.push(await settled(wanted));
            }
            return rows;
        },
        async play(rate, from, milliseconds) {
            player.loop = false;
            player.seek(from);
            await settled(from);
            seen.length = 0;
            await player.shuttle(rate);
            await new Promise((done) => {
                const stop = setTimeout(done, milliseconds);
                const onPlaying = ({ detail }) => {
                    if (detail) return;
                    clearTimeout(stop);
                    player.removeEventListener("playing", onPlaying);
                    done();
                };
                player.addEventListener("playing", onPlaying);
            });
            player.pause();
            await new Promise((done) => setTimeout(done, 100));
            return [...seen, says()];
        },
    };
}"""

# The codes are read as they are stored: without the light that the page puts on.
AS_RECORDED = """async () => {
    const player = document.querySelector("nj-player");
    for (let press = 0; press < 20 && player.dataset.preset !== "raw"; press++) {
        dispatchEvent(new KeyboardEvent("keydown", { key: "g", code: "KeyG", cancelable: true }));
        await new Promise((done) => setTimeout(done, 20));
    }
    return player.dataset.preset;
}"""


@dataclass(frozen=True)
class Kind:
    """A clip to be made: its name and what ``VideoFactory`` is told."""

    name: str
    frames: int
    options: dict[str, Any] = field(default_factory=dict)


def kinds(*, long_frames: int = 15_000, frames: int = 300) -> list[Kind]:
    """The ordinary and the awkward clips of the issue; ``long_frames`` at 25 a second."""
    chance = random.Random(SEED)
    uneven = [0]
    while len(uneven) < frames:
        uneven.append(uneven[-1] + chance.choice([6, 15, 20, 20, 20, 33, 90, 400]))
    small = {"size": (160, 96), "options": {"preset": "ultrafast", "crf": "20"}}
    return [
        Kind("25 fps", frames, {"fps": Fraction(25)}),
        Kind("30000/1001", frames, {"fps": Fraction(30000, 1001)}),
        Kind("variable", frames, {"pts": uneven, "time_base": Fraction(1, 600)}),
        Kind("B-frames", frames, {"fps": Fraction(30), "b_frames": 3}),
        Kind("start 7.3 s", frames, {"name": "late.mkv", "pts": [219 + i for i in range(frames)]}),
        Kind("1 frame", 1, {"fps": Fraction(25)}),
        Kind(f"{long_frames / 1500:g} minutes", long_frames, {"fps": Fraction(25), **small}),
    ]


def make(kind: Kind, folder: Path) -> Path:
    """Write the clip of a kind into a folder of its own."""
    from tests.inference.conftest import VideoFactory

    folder.mkdir(parents=True, exist_ok=True)
    given = {"name": "clip.mp4", "size": (320, 240), **kind.options}
    if "pts" not in given:
        given["frames"] = kind.frames
    return VideoFactory(folder)(**given)


def decoded(path: Path) -> tuple[list[int], list[float]]:
    """What PyAV alone says: the code in each frame's pixels, and its seconds from the first."""
    import av

    from inference.video.coded import read_code

    codes, times = [], []
    with av.open(str(path)) as container:
        for picture in container.decode(video=0):
            codes.append(read_code(picture.to_ndarray(format="rgb24")))
            times.append(float(picture.pts * picture.time_base))
    return codes, [time - times[0] for time in times]


def operations(frames: int, count: int, chance: random.Random) -> list[dict[str, Any]]:
    """Random seeks, and steps of one and ten by key, with the frame that each must lead to."""
    keys = {-1: ("ArrowLeft", False), 1: ("ArrowRight", False)}
    keys |= {-10: ("ArrowLeft", True), 10: ("ArrowRight", True)}
    done, at = [], 0
    for _ in range(count):
        if chance.random() < 0.5:
            at = chance.randrange(frames)
            done.append({"seek": at, "wanted": at})
        else:
            by = chance.choice([-1, 1, -10, 10])
            at = max(0, min(frames - 1, at + by))
            key, shift = keys[by]
            done.append({"key": key, "shift": shift, "wanted": at})
    return done


def is_one(row: dict[str, Any]) -> bool:
    """Whether all that was said at one moment names the same frame."""
    names = {row[name] for name in ("pixels", "text", "player", "attribute", "overlay")}
    return len(names) == 1


def wrong_rows(
    rows: Sequence[dict[str, Any]],
    codes: Sequence[int],
    times: Sequence[float],
    api_times: Sequence[float],
) -> list[dict[str, Any]]:
    """Rows in which page, API and PyAV do not agree, or which are not the wanted frame."""

    def is_right(row: dict[str, Any]) -> bool:
        frame = row["pixels"]
        return (
            is_one(row)
            and row.get("wanted", frame) == frame
            and 0 <= frame < len(codes)
            and codes[frame] == frame
            and abs(api_times[frame] - times[frame]) < TOLERANCE_S
        )

    return [row for row in rows if not is_right(row)]


@dataclass(frozen=True)
class Checked:
    """What came out for one clip."""

    kind: str
    frames: int
    moved: list[dict[str, Any]]
    played: dict[float, list[dict[str, Any]]]
    wrong: list[dict[str, Any]]

    def row(self) -> str:
        waits = sorted(row["ms"] for row in self.moved)
        shown = "  ".join(f"{len(rows) - 1:6d}" for rows in self.played.values())
        return (
            f"{self.kind:12} {self.frames:7d} {len(self.moved):6d}  {shown:14} "
            f"{statistics.median(waits):9.0f} {waits[int(0.95 * (len(waits) - 1))]:7.0f} "
            f"{len(self.wrong):11d}"
        )


HEAD = "clip          frames  moves  shown 1x    2x   median ms  p95 ms  mismatches"


def check(
    page: Page,
    kind: Kind,
    codes: Sequence[int],
    times: Sequence[float],
    *,
    count: int,
    play_s: float,
    rates: Sequence[float],
) -> Checked:
    """Try one clip that is open on the page; ``codes`` and ``times`` are PyAV's."""
    api_times = page.evaluate(
        "() => fetch(`/api/videos/${location.pathname.match(/clips\\/(\\d+)/)[1]}/frames/`)"
        ".then((answer) => answer.json()).then((table) => table.times_s)"
    )
    if len(api_times) != len(codes) + 1:
        raise SystemExit(f"{kind.name}: the API knows {len(api_times) - 1} of {len(codes)} frames.")
    page.evaluate(PROBE)
    chance = random.Random(SEED)
    moved: list[dict[str, Any]] = []
    wanted = operations(kind.frames, count, chance)
    for begin in range(0, count, 50):
        moved += page.evaluate("(wanted) => truth.go(wanted)", wanted[begin : begin + 50])
    passed = page.evaluate("() => truth.seen.splice(0)")  # also what was shown on the way
    played = {}
    for rate in rates if kind.frames > 1 else ():
        room = max(1, kind.frames - round(play_s * rate * 30))
        start = 0 if kind.frames < 1000 else chance.randrange(room)
        asked = [rate, start, play_s * 1000]
        played[rate] = page.evaluate("([...asked]) => truth.play(...asked)", asked)
    rows = [*moved, *passed, *(row for shown in played.values() for row in shown)]
    return Checked(kind.name, kind.frames, moved, played, wrong_rows(rows, codes, times, api_times))


def open_clip(page: Page, address: str, frames: int) -> None:
    page.goto(address)
    player = f'nj-player[data-frames="{frames}"][data-ready="true"][data-preset]'
    page.wait_for_selector(player, timeout=240_000)
    if page.evaluate(AS_RECORDED) != "raw":
        raise SystemExit("The page cannot be made to show the frames as they are recorded.")


def add_clip(project: Any, path: Path, name: str) -> int:
    """Ingest a clip as a worker would, but here; gives the video's id."""
    from tests.bench.quiet_house import _quiet
    from tests.webapp import factories
    from webapp.core import storage
    from webapp.videos import ingest
    from webapp.videos.models import VideoState

    stored = storage.new_name("originals", path.suffix)
    storage.keep_copy(path, stored)
    video = factories.video(
        project,
        name,
        original_file=stored,
        state=VideoState.INGESTING,
        sha256=storage.hash_file(storage.path_of(stored)),
    )
    for key, value in ingest._facts(video, storage.path_of(stored), _quiet).items():
        setattr(video, key, value)
    video.state = VideoState.READY
    video.save()
    return video.pk


def filled(state_dir: Path, chosen: Sequence[Kind]) -> dict[str, Any]:
    """The project and its clips in this folder, made where they are not there yet."""
    from tests.bench.quiet_house import fill

    note = state_dir / "frame_truth.json"
    if note.exists():
        return json.loads(note.read_text())
    seeded = fill(state_dir, clips=0, wrong=0)
    from webapp.accounts.models import Project

    project = Project.objects.get(pk=seeded.project_id)
    clips = {}
    for number, kind in enumerate(chosen):
        path = make(kind, state_dir / f"kind{number}")
        codes, times = decoded(path)
        video = add_clip(project, path, kind.name)
        clips[kind.name] = {"video": video, "codes": codes, "times": times}
    note.write_text(json.dumps({"slug": seeded.slug, "clips": clips}))
    return json.loads(note.read_text())


@contextmanager
def opened(address: str) -> Iterator[Page]:
    """A browser in which the reviewer is logged in."""
    from tests.bench.quiet_house import PASSWORD, USER

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(base_url=address, viewport={"width": 1280, "height": 720})
        page.set_default_timeout(120_000)
        page.goto("/login/")
        page.get_by_label("User name").fill(USER)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_test_id("login-submit").click()
        page.wait_for_url("**/projects/**")
        yield page
        browser.close()


def run(address: str, house: dict[str, Any], chosen: Sequence[Kind], **how: Any) -> list[Checked]:
    """Try the clips one by one and print a row for each."""
    done = []
    with opened(address) as page:
        for kind in chosen:
            clip = house["clips"][kind.name]
            open_clip(page, f"/projects/{house['slug']}/clips/{clip['video']}/", kind.frames)
            done.append(check(page, kind, clip["codes"], clip["times"], **how))
            print(done[-1].row(), flush=True)
    return done


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--ops", type=int, default=500, help="seeks and steps a clip")
    parser.add_argument("--play", type=float, default=20.0, help="most seconds played at each rate")
    parser.add_argument("--long", type=int, default=15_000, help="frames of the long clip")
    parser.add_argument("--only", default="", help="kinds whose name holds this")
    parser.add_argument("--state-dir", type=Path, help="is filled once and kept")
    parser.add_argument("--address", help="a quiet_house that serves this folder already")
    parser.add_argument("--fill", action="store_true", help="only make the clips")
    parser.add_argument("--json", type=Path, help="also write the mismatches here")
    asked = parser.parse_args()
    if asked.state_dir:
        asked.state_dir.mkdir(parents=True, exist_ok=True)
        return measure(asked, asked.state_dir)
    with tempfile.TemporaryDirectory() as folder:
        return measure(asked, Path(folder))


def measure(asked: argparse.Namespace, state_dir: Path) -> int:
    from tests.bench.quiet_house import serving

    every = kinds(long_frames=asked.long)
    house = filled(state_dir, every)
    if asked.fill:
        return 0
    chosen = [kind for kind in every if asked.only in kind.name]
    how = {"count": asked.ops, "play_s": asked.play, "rates": (1, 2)}
    print(HEAD, flush=True)
    with nullcontext(asked.address) if asked.address else serving(state_dir) as address:
        done = run(address, house, chosen, **how)
    wrong = {checked.kind: checked.wrong for checked in done if checked.wrong}
    if asked.json:
        asked.json.write_text(json.dumps(wrong, indent=1))
    print(f"{sum(map(len, wrong.values()))} mismatches")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
