"""Prints what length costs: cpu-seconds a frame and peak memory of 1, 3 and 10 minutes.

    python -m tests.bench.long_clip [CLIP ...] [--minutes 1 3 10] [--fps 30]

The clips, or renders if none are given, are repeated to and fro into one file of each length, which
is written frame by frame. Each length is worked on by a process of its own, so that its peak is its
own. Marks: cost grows linearly, memory is flat and at most 1.2 GB.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from fractions import Fraction
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import torch

from inference.pipeline import Pipeline
from inference.types import FrameTable, Pixels
from inference.video.frames import iter_frames
from inference.video.proxy import write_frames
from inference.video.synthetic import render_clip, write_video

MARK_BYTES = 1.2e9
SIZE = (320, 240)


def frames_of(clips: list[Path], count: int) -> Iterator[Pixels]:
    """So many frames of the clips, one after the other, forwards and backwards."""

    def passes() -> Iterator[Pixels]:
        for clip in cycle(clips):
            there = [frame.rgb(SIZE) for frame in iter_frames(clip)]
            yield from there
            yield from reversed(there[1:-1])

    return islice(passes(), count)


def write(path: Path, clips: list[Path], count: int, fps: int) -> None:
    table = FrameTable(np.arange(count), count, Fraction(1, fps), Fraction(fps))
    write_frames(path, frames_of(clips, count), table, options={"preset": "veryfast", "crf": "16"})


def rendered(folder: Path) -> list[Path]:
    out = []
    for seed, name in enumerate(("Walk", "Wave", "Sit")):
        clip, _ = render_clip([(name, 2.0)], seed=seed, fps=Fraction(15))
        out.append(folder / f"{name}.mp4")
        write_video(out[-1], clip)
    return out


def work(path: str) -> None:
    """One length, in this process alone; prints JSON."""
    torch.set_num_threads(1)
    pipeline = Pipeline.load(device="cpu")
    began, spent = time.process_time(), {}
    poses = pipeline.poses(path, timings_s=spent)
    figures = {
        "frames": len(poses.times_s),
        "skeletons": int(poses.tracks.present.sum()),
        "cpu_s": time.process_time() - began,
        "bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "seconds": {stage: round(value, 1) for stage, value in spent.items()},
    }
    print(json.dumps(figures))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", nargs="*", type=Path)
    parser.add_argument("--minutes", nargs="*", type=float, default=[1, 3, 10])
    parser.add_argument("--fps", type=int, default=30)
    parser.add_argument("--work", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.work:
        work(args.work)
        return
    first: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        clips = args.clips or rendered(Path(folder))
        for minutes in args.minutes:
            path = Path(folder) / "long.mp4"
            write(path, clips, round(minutes * 60 * args.fps), args.fps)
            words = [sys.executable, "-m", "tests.bench.long_clip", "--work", str(path)]
            done = subprocess.run(words, check=True, capture_output=True, text=True)
            found = json.loads(done.stdout)
            found["ms"] = 1000 * found["cpu_s"] / found["frames"]
            first = first or found
            print(
                f"{minutes:5g} min {found['frames']:6} frames {found['skeletons']:6} skeletons: "
                f"{found['ms']:6.1f} cpu-ms a frame ({found['ms'] / first['ms']:.2f}), "
                f"peak {found['bytes'] / 1e9:.2f} GB ({found['bytes'] / first['bytes']:.2f}), "
                f"{'within' if found['bytes'] <= MARK_BYTES else 'ABOVE'} 1.2 GB; "
                f"seconds by stage {found['seconds']}",
                flush=True,
            )


if __name__ == "__main__":
    main()
