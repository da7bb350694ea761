"""Turns lists of labelled clips into what an action head trains and is measured on.

What takes long is kept in a working folder by name, configuration and version, so that a
stopped run goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from inference.classify.augment import AugmentConfig, vary
from inference.classify.data import TrainingData
from inference.errors import BadInput
from inference.feature_version import FEATURE_VERSION
from inference.features.vector import FEATURE_NAMES, describe
from inference.features.windows import SegmentSpan, segments_of
from inference.pose.smooth import SmoothConfig, steadied
from inference.types import Floats, Poses

ARID_LABELS = ("Jump", "Run", "Sit", "Stand", "Turn", "Walk")
"""What the numbers of the label column stand for, unless told otherwise."""

ReadPoses = Callable[["LabelledClip"], Poses]


@dataclass(frozen=True)
class LabelledClip:
    """A clip whose one action is known.

    Attributes:
        name: unique within its list.
        label: the action.
        group: what must stay together when data are split, such as one take.
        path: of its video or its stored skeletons.
    """

    name: str
    label: str
    group: str
    path: Path


@dataclass(frozen=True)
class CopyConfig:
    """How many varied copies a clip gives and how far they stray."""

    copies: int = 6
    seed: int = 0
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    # How copies are steadied, as the pipeline does with what its own network says of a frame;
    # None leaves them as they are.
    smooth: SmoothConfig | None = field(default_factory=SmoothConfig)


def read_list(path: Path, root: Path, names: Sequence[str] = ()) -> list[LabelledClip]:
    """Read a list of lines ``id label path``, the path below ``root``.

    A label may be a number, which then counts ``names``. The group is the name without its last
    number: ``Jump_11_4`` belongs to ``Jump_11``.

    Raises:
        BadInput: the list cannot be read or a line has another form.
    """
    try:
        lines = path.read_text().splitlines()
    except OSError as error:
        raise BadInput("bad_list", f"Expected a list of clips at {path}: {error}.") from error
    clips = []
    for number, line in enumerate(lines, 1):
        words = line.split(maxsplit=2)
        if not words:
            continue
        if len(words) != 3:
            raise BadInput(
                "bad_list", f"{path}, line {number}: expected 'id label path', got {line!r}."
            )
        name = Path(words[2]).stem
        label = words[1]
        if label.isdecimal() and int(label) < len(names):
            label = names[int(label)]
        clips.append(LabelledClip(name, label, re.sub(r"_\d+$", "", name), root / words[2]))
    return clips


def main_spans(poses: Poses) -> list[SegmentSpan]:
    """The spans of the person who is there longest, who is taken to do what the label says."""
    return [span for span in segments_of(poses) if span.person == 0]


def describe_copies(clip: LabelledClip, poses: Poses, config: CopyConfig) -> Floats:
    """Vectors of a clip and its varied copies.

    Returns:
        float32 [N, F]: the clip's own spans first; none where it has no person. Draws depend
        on the clip's name and the seed alone. Copies are steadied, the clip itself is not: it
        is taken as it came.
    """
    rng = np.random.default_rng([config.seed, zlib.crc32(clip.name.encode())])
    rows = [describe(poses, main_spans(poses))]
    for _ in range(config.copies if len(rows[0]) else 0):
        copy = vary(poses, rng, config.augment)
        if config.smooth:
            copy = steadied(copy, config.smooth)
        rows.append(describe(copy, main_spans(copy)))
    return np.concatenate(rows)


def examples(
    clips: Iterable[LabelledClip],
    read: ReadPoses,
    *,
    split: str,
    config: CopyConfig,
    cache: Path | None = None,
    prefix: str = "",
    weight: float = 1.0,
) -> tuple[TrainingData, list[str]]:
    """Describe clips; each weighs ``weight`` over all its rows.

    Args:
        clips: what to describe.
        read: gives a clip's skeletons.
        split: ``"train"`` or ``"eval"``.
        config: copies; 0 describes each clip once.
        cache: folder for vectors; must differ for other skeletons.
        prefix: put before the groups.

    Returns:
        (the examples, the names of the clips that gave none because they show nobody).
    """
    features: list[Floats] = [np.zeros((0, len(FEATURE_NAMES)), np.float32)]
    labels: list[str] = []
    groups: list[str] = []
    weights: list[float] = []
    empty: list[str] = []
    for clip in clips:
        rows = _cached(clip, read, config, cache)
        features.append(rows)
        empty += [] if len(rows) else [clip.name]
        labels += [clip.label] * len(rows)
        groups += [prefix + clip.group] * len(rows)
        weights += [weight / max(1, len(rows))] * len(rows)
    data = TrainingData(
        np.concatenate(features),
        labels,
        groups,
        [split] * len(labels),
        np.array(weights, dtype=np.float32),
    )
    return data, empty


def stored_vectors(work: Path, folder: Path) -> Path:
    """Where the vectors of a folder of stored skeletons are kept below ``work``."""
    return work / "vectors" / hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]


def _cached(clip: LabelledClip, read: ReadPoses, config: CopyConfig, cache: Path | None) -> Floats:
    if cache is None:
        return describe_copies(clip, read(clip), config)
    key = json.dumps([FEATURE_VERSION, asdict(config), clip.name])
    file = cache / f"{clip.name}.{hashlib.sha256(key.encode()).hexdigest()[:16]}.npy"
    if not file.exists():
        cache.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(file.name + ".partial")
        with partial.open("wb") as out:
            np.save(out, describe_copies(clip, read(clip), config))
        partial.replace(file)
    rows: Floats = np.load(file, allow_pickle=False)
    return rows
