"""Prints what a clip costs: the published recipe, ours, and peers, side by side on the same clips.

    make bench
    python -m tests.bench.speed [--clips 12] [--heavy-clips 2] [--only NAME ...] [--data FOLDER]

Each contender works in a process of its own on one thread, after a short warm-up clip that is
reported apart. Figures are CPU seconds, which other work on the machine hardly changes, and peak
memory of that process.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from inference.types import Clip, FrameTable
from inference.video.frames import read_clip
from inference.video.synthetic import render_clip, write_video
from tests.bench.contenders import CONTENDERS, Contender

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data" / "arid" / "sample"
PEERS = ROOT / ".venv" / "peers"
"""Where ``make bench`` puts packages that only the peers need."""

SECTIONS = ("deform_conv", "long_clip")
"""Other benchmarks of this folder that are run behind the table, where they are there."""

CLIP_FRAMES = 90
WARM_FRAMES = 16


@dataclass(frozen=True)
class Row:
    """What one contender cost.

    Attributes:
        cpu_s: CPU seconds of a clip of 90 frames.
        clips, frames: how many it was measured on.
        peak_mb: largest resident memory of its process.
        warm_s: CPU seconds of loading and of the warm-up clip.
        extra: lines that it has to add.
    """

    name: str
    cpu_s: float
    clips: int
    frames: int
    peak_mb: float
    warm_s: float
    extra: tuple[str, ...]


def main() -> None:
    args = arguments()
    chosen = [c for c in CONTENDERS if not args.only or c.name in args.only]
    with tempfile.TemporaryDirectory() as folder:
        clips, kind = find_clips(args.data, args.clips, Path(folder))
        warm = warm_up_clip(clips[0], Path(folder))
        print(f"{len(clips)} {kind}; one thread each; CPU seconds of a {CLIP_FRAMES}-frame clip.\n")
        rows = []
        for contender in chosen:
            some = clips[: args.heavy_clips] if contender.heavy else clips
            row = measured(contender, warm, some)
            print(line(row) if isinstance(row, Row) else f"{contender.name:24} skipped: {row}")
            if isinstance(row, Row):
                rows.append(row)
                for text in row.extra:
                    print(f"{'':24} {text}")
            sys.stdout.flush()
    print_ratios(rows)
    if not args.only:
        run_sections()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--clips", type=int, default=12)
    parser.add_argument("--heavy-clips", type=int, default=2, help="for the contenders above 5 s")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=[c.name for c in CONTENDERS])
    parser.add_argument("--data", type=Path, default=DATA, help="folder of .mp4 files")
    return parser.parse_args()


def find_clips(data: Path, count: int, folder: Path) -> tuple[list[Path], str]:
    """Real clips where they are there, else rendered ones."""
    if real := sorted(data.glob("*.mp4"))[:count]:
        return real, "real dark clips"
    paths = []
    for seed in range(count):
        clip = render_clip([("Walk", CLIP_FRAMES / 30)], seed=seed)[0]
        paths.append(folder / f"rendered{seed}.mp4")
        write_video(paths[-1], clip)
    return paths, "rendered clips"


def warm_up_clip(path: Path, folder: Path) -> Path:
    """The first frames of a clip as a file."""
    clip = read_clip(path)
    table, count = clip.table, min(WARM_FRAMES, len(clip.table) - 1)
    short = FrameTable(table.pts[:count], int(table.pts[count]), table.time_base, table.fps)
    write_video(folder / "warm.mp4", Clip("warm", clip.frames[:count], short))
    return folder / "warm.mp4"


def measured(contender: Contender, warm: Path, clips: list[Path]) -> Row | str:
    """The contender's figures, or why there are none."""
    if missing := [p for p in contender.needs if not _is_there(p, contender)]:
        return f"{', '.join(missing)} not installed"
    command = [sys.executable, "-m", "tests.bench.contender", contender.name]
    done = subprocess.run(
        [*command, str(warm), *map(str, clips)],
        cwd=ROOT,
        env=environment(contender),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["it failed"])[-1]
    found = json.loads(done.stdout.strip().splitlines()[-1])
    spent, frames = sum(found["cpu_s"]), sum(found["frames"])
    each = spent / len(clips) if contender.by_clip else spent / frames * CLIP_FRAMES
    return Row(
        name=contender.name,
        cpu_s=each + contender.taken_s,
        clips=len(clips),
        frames=frames,
        peak_mb=found["peak_mb"],
        warm_s=found["warm_s"],
        extra=tuple([*found["extra"], *([contender.note] if contender.note else [])]),
    )


def environment(contender: Contender) -> dict[str, str]:
    """One thread that does not spin; peers' packages for peers alone."""
    paths = [str(ROOT), *([str(PEERS)] if contender.peer else [])]
    return {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
        "PYTHONPATH": os.pathsep.join(paths),
        "YOLO_OFFLINE": "true",
        "YOLO_CONFIG_DIR": tempfile.gettempdir(),
    }


def _is_there(package: str, contender: Contender) -> bool:
    return find_spec(package) is not None or (contender.peer and (PEERS / package).is_dir())


def line(row: Row) -> str:
    return (
        f"{row.name:24} {row.cpu_s:8.2f} cpu-s, {CLIP_FRAMES / row.cpu_s:6.1f} frames per second "
        f"and core, {row.peak_mb:5.0f} MB, warm-up {row.warm_s:5.1f} cpu-s, "
        f"on {row.clips} clips ({row.frames} frames)"
    )


def print_ratios(rows: list[Row]) -> None:
    """How many times cheaper than the published recipe each is."""
    published = next((row for row in rows if row.name == "published"), None)
    if published is None:
        return
    print(f"\nTimes cheaper than the published recipe ({published.cpu_s:.1f} cpu-s a clip):")
    for row in rows:
        if row is not published:
            print(f"{row.name:24} {published.cpu_s / row.cpu_s:8.1f}")


def run_sections() -> None:
    """The other benchmarks, in their own words."""
    for name in SECTIONS:
        if (Path(__file__).parent / f"{name}.py").is_file():
            print(f"\n== {name} ==", flush=True)
            subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], cwd=ROOT, check=False)


if __name__ == "__main__":
    main()
