"""Prints how well segments of long, untrimmed clips fit the truth: F1 at IoU 0.5, by person.

    python -m tests.bench.long_segments --data ../shared/data [--minutes 10] [--people 3]
    python -m tests.bench.long_segments --data ../shared/data --choose 0 1 --minutes 2
    python -m tests.bench.long_segments --data ../shared/data --pixels 0 --minutes 1

Composes a clip from tracks of known actions and cuts it as the product does and into equal
pieces of 2 s (also with like neighbours joined). Both are compared with the truth, and with what
the head says between the true boundaries, which no way of cutting can be blamed for. By default
the takes are the ``dev`` tracks and the head is the shipped one, which has never seen them.
``--choose`` tries costs on takes of ``arid/train`` that a split holds out, with heads trained on
the others: so they were chosen. ``--pixels`` composes a clip of one person from held-out takes and
goes the whole way from pixels; segments of all tracks that are found count, whoever they show.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np

from inference.classify.base import load_base
from inference.classify.head import ActionHead
from inference.classify.segments import ChainConfig, best_stretches
from inference.classify.train import fit_head
from inference.commands.action_examples import ARID_LABELS, LabelledClip, read_list
from inference.config import PipelineConfig
from inference.features.vector import describe
from inference.features.windows import SegmentSpan, lattice, segments_of, stays_of
from inference.pipeline import Pipeline, cut_tracks
from inference.poses_file import load_poses
from inference.types import Poses
from inference.video.proxy import write_frames
from tests.bench.composed_pixels import compose_pixels, filmed
from tests.bench.composed_tracks import CourseConfig, Take, Truth, compose_clip, take_of

IOU = 0.5
CHANGES, WINDOWS = (0.0, 0.2, 0.4, 0.8, 1.6), (0.0, 0.2, 0.4)
Named = list[tuple[SegmentSpan, str]]


@dataclass(frozen=True)
class Score:
    """Counts of one person; they add up."""

    found: int = 0
    true: int = 0
    hits: int = 0  # segments of the right label with IoU of at least one half
    placed: int = 0  # the same whatever the label
    right_frames: int = 0
    frames: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(*(a + b for a, b in zip(self._all(), other._all(), strict=True)))

    def _all(self) -> tuple[int, ...]:
        return (self.found, self.true, self.hits, self.placed, self.right_frames, self.frames)

    @property
    def f1(self) -> float:
        """F1 of segments with the right label."""
        return 2 * self.hits / max(1, self.found + self.true)

    def __str__(self) -> str:
        placed = 2 * self.placed / max(1, self.found + self.true)
        return (
            f"F1@0.5 {100 * self.f1:5.1f} % ({self.found} found, {self.true} true; whatever the "
            f"label {100 * placed:.1f} %), right frames "
            f"{100 * self.right_frames / max(1, self.frames):.1f} %"
        )


def score(found: Named, truth: Sequence[Truth]) -> Score:
    """Compare one person's segments with what they did.

    A true segment is found by at most one segment; the best overlaps are taken first.
    """
    said = np.full(max([t.end_frame for t in truth] + [s.end_frame for s, _ in found]), "", object)
    for span, label in found:
        said[span.start_frame : span.end_frame] = label
    right = sum(int((said[t.start_frame : t.end_frame] == t.label).sum()) for t in truth)
    return Score(
        found=len(found),
        true=len(truth),
        hits=_matches([p for p in _overlaps(found, truth) if p[3]]),
        placed=_matches(_overlaps(found, truth)),
        right_frames=right,
        frames=sum(t.end_frame - t.start_frame for t in truth),
    )


def _overlaps(found: Named, truth: Sequence[Truth]) -> list[tuple[float, int, int, bool]]:
    """(IoU, found, true, same label) of pairs that overlap enough."""
    pairs = []
    for (i, (span, label)), (j, t) in product(enumerate(found), enumerate(truth)):
        shared = min(span.end_frame, t.end_frame) - max(span.start_frame, t.start_frame)
        union = max(span.end_frame, t.end_frame) - min(span.start_frame, t.start_frame)
        if shared > 0 and shared / union >= IOU:
            pairs.append((shared / union, i, j, label == t.label))
    return sorted(pairs, reverse=True)


def _matches(pairs: Sequence[tuple[float, int, int, bool]]) -> int:
    used_found: set[int] = set()
    used_true: set[int] = set()
    for _, i, j, _ in pairs:
        if i not in used_found and j not in used_true:
            used_found.add(i)
            used_true.add(j)
    return len(used_found)


def named(poses: Poses, spans: Sequence[SegmentSpan], head: ActionHead) -> Named:
    """What the head says of each span."""
    best = head.probabilities(describe(poses, spans)).argmax(axis=1)
    return [(span, head.labels[int(i)]) for span, i in zip(spans, best, strict=True)]


def ways_of_cutting(
    poses: Poses, truths: Sequence[Sequence[Truth]], head: ActionHead
) -> dict[str, list[SegmentSpan]]:
    """Spans by the product, by equal pieces, and between the true boundaries."""
    return {
        "cut by scores": cut_tracks(poses, head),
        "equal pieces": segments_of(poses),
        "true boundaries": [
            SegmentSpan(person, t.start_frame, t.end_frame)
            for person, truth in enumerate(truths)
            for t in truth
        ],
    }


def ways_of_naming(
    poses: Poses, truths: Sequence[Sequence[Truth]], head: ActionHead
) -> Iterator[tuple[str, Named]]:
    """Named spans of each way of cutting; equal pieces also with like neighbours joined."""
    for name, spans in ways_of_cutting(poses, truths, head).items():
        if not spans:
            continue
        found = named(poses, spans, head)
        yield name, found
        if name == "equal pieces":
            yield "equal pieces, joined", joined(found)


def joined(found: Named) -> Named:
    """Touching neighbours of one person and label as one."""
    out: Named = []
    for span, label in found:
        if out and out[-1][1] == label:
            last = out[-1][0]
            if (last.person, last.end_frame) == (span.person, span.start_frame):
                out[-1] = (replace(last, end_frame=span.end_frame), label)
                continue
        out.append((span, label))
    return out


def measure(poses: Poses, truths: Sequence[Sequence[Truth]], head: ActionHead) -> None:
    """Print each way of cutting, person by person and over all."""
    for name, found in ways_of_naming(poses, truths, head):
        total = Score()
        for person, truth in enumerate(truths):
            own = score([pair for pair in found if pair[0].person == person], truth)
            total += own
            print(f"{name}, person {person + 1}: {own}", flush=True)
        print(f"{name}, all: {total}", flush=True)


def choose(
    data: Path, splits: Sequence[int], config: CourseConfig, args: argparse.Namespace
) -> None:
    """Print F1 of every pair of costs over clips of takes that the split holds out."""
    held_out = json.loads((data / "arid" / "train_folds.json").read_text())["class_complete_splits"]
    totals: dict[tuple[float, float], Score] = {}
    for split in splits:
        head = head_without(set(held_out[split]))
        takes = takes_of(data, "train", set(held_out[split]))
        poses, truths = compose_clip(takes, args.people, 60 * args.minutes, args.seed, config)
        for costs, own in _by_costs(poses, truths, head).items():
            totals[costs] = totals.get(costs, Score()) + own
    for (change, window), total in totals.items():
        print(f"change {change} window {window}: {total}", flush=True)


def from_pixels(data: Path, split: int, config: CourseConfig, args: argparse.Namespace) -> None:
    """Print both ways of cutting on a rendered clip of takes that the split holds out."""
    held_out = json.loads((data / "arid" / "train_folds.json").read_text())["class_complete_splits"]
    only = set(held_out[split])
    clips = read_list(data / "arid" / "train.txt", data / "arid" / "train", ARID_LABELS)
    takes = [
        filmed(clip.path, data / "teacher" / "train" / f"{clip.name}.npz", clip.label)
        for clip in clips
        if clip.group in only
    ]
    clip, truth = compose_pixels([t for t in takes if t], 60 * args.minutes, args.seed, config)
    if args.keep:
        options = {"preset": "veryfast", "crf": "16"}
        write_frames(args.keep, iter(clip.frames), clip.table, options=options)
    head = head_without(only)
    poses = Pipeline.load().poses(clip)
    print(f"{args.minutes:g} minutes from pixels: {len(poses.tracks)} tracks of one person")
    for name, found in ways_of_naming(poses, [], head):
        print(f"{name}: {score(found, truth)}", flush=True)


def _by_costs(
    poses: Poses, truths: Sequence[Sequence[Truth]], head: ActionHead
) -> dict[tuple[float, float], Score]:
    """Labels are the chain's own here, so that windows are described only once."""
    found: dict[tuple[float, float], Named] = {c: [] for c in product(CHANGES, WINDOWS)}
    for stay in stays_of(poses):
        grid = lattice(poses, stay)
        given = head.probabilities(describe(poses, grid.spans))
        for change, window in found:
            config = ChainConfig(change_s=change, window_s=window)
            found[change, window] += [
                (grid.span(s.start, s.end), head.labels[s.label])
                for s in best_stretches(grid.windows, grid.seconds, given, config)
            ]
    return {
        costs: sum(
            (
                score([pair for pair in all_found if pair[0].person == person], truth)
                for person, truth in enumerate(truths)
            ),
            Score(),
        )
        for costs, all_found in found.items()
    }


def head_without(takes: set[str]) -> ActionHead:
    """A head trained on the base set without these takes of ARID."""
    base = load_base()
    names = [group.rsplit("/", 1)[-1] for group in base.groups]
    rows = [i for i, name in enumerate(names) if base.split[i] == "train" and name not in takes]
    return fit_head(base.take(rows)).head


def takes_of(data: Path, teacher: str, only: set[str] | None = None) -> list[Take]:
    """The people of a list's clips by the teacher's skeletons; too short ones are left out."""
    clips = read_list(data / "arid" / f"{teacher}.txt", data / "arid" / teacher, ARID_LABELS)
    chosen: list[LabelledClip] = [c for c in clips if only is None or c.group in only]
    found = [
        take_of(load_poses(data / "teacher" / teacher / f"{clip.name}.npz"), clip.label)
        for clip in chosen
    ]
    return [take for take in found if take]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--people", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=4, help="most takes of an action in a row")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--head", type=Path, default=PipelineConfig().action)
    parser.add_argument("--choose", type=int, nargs="+", metavar="SPLIT")
    parser.add_argument("--pixels", type=int, metavar="SPLIT")
    parser.add_argument("--keep", type=Path, metavar="MP4", help="write the clip of --pixels here")
    args = parser.parse_args()
    config = CourseConfig(most_repeats=args.repeats)
    if args.pixels is not None:
        from_pixels(args.data, args.pixels, config, args)
        return
    if args.choose:
        choose(args.data, args.choose, config, args)
        return
    takes = takes_of(args.data, "dev")
    poses, truths = compose_clip(takes, args.people, 60 * args.minutes, args.seed, config)
    print(
        f"{args.minutes:g} minutes, {args.people} people, from {len(takes)} takes, "
        f"1 to {args.repeats} of an action in a row"
    )
    measure(poses, truths, ActionHead.load(args.head))


if __name__ == "__main__":
    main()
