"""The only door from runs to the inference library; models stay loaded in the worker process."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from django.conf import settings

from webapp.core import storage
from webapp.estimators.facts import shipped_weights
from webapp.runs.features import read_file
from webapp.runs.windows import sliding

if TYPE_CHECKING:
    from inference.classify.head import ActionHead
    from inference.features.windows import SegmentSpan
    from inference.pipeline import Pipeline
    from inference.types import Poses

Floats = npt.NDArray[np.float32]
Progress = Callable[[str, float], None]
IsCancelled = Callable[[], bool]
Cut = tuple[int, int, int]
"""Person, start frame, end frame of what one row of a features file describes."""

Edited = tuple[Floats, Floats, int, int, str]
"""Boxes [T, 4] and joints [T, K, 3] of a person, start frame, end frame, name of the file."""


@dataclass(frozen=True)
class PoseUse:
    """Which pose weights, as a stored file (none: the shipped ones), and how they are used."""

    file: str = ""
    every: int = 1


SHIPPED = PoseUse()

WINDOWS_AT_ONCE = 64
"""Windows that are described between two looks at whether the work is still wanted."""

MOST_LOADED = 2
"""Pipelines that stay loaded: projects with other pose weights take turns on a worker."""

_lock = threading.Lock()
_pipelines: "OrderedDict[PoseUse, Pipeline]" = OrderedDict()


def fingerprint(pose: PoseUse = SHIPPED) -> str:
    """Hash of the configuration and weights of detector, tracker and pose network.

    A stored weights file is named by its content and its card's, which both decide what comes out.
    """
    own = pipeline(pose).fingerprint
    return hashlib.sha256(f"{own}\n{pose.file}".encode()).hexdigest() if pose.file else own


def feature_version() -> str:
    """The version of the vectors that this installation writes."""
    from inference.feature_version import FEATURE_VERSION

    return FEATURE_VERSION


def pipeline(pose: PoseUse = SHIPPED) -> "Pipeline":
    """Loaded once for each worker process and use of pose weights."""
    from inference.config import PipelineConfig
    from inference.pipeline import Pipeline
    from inference.pose.estimator import EstimatorConfig

    with _lock:
        if pose not in _pipelines:
            while len(_pipelines) >= MOST_LOADED:
                _pipelines.popitem(last=False)
            config = PipelineConfig(
                pose=storage.path_of(pose.file) if pose.file else shipped_weights(),
                estimator=EstimatorConfig(every=pose.every),
            )
            _pipelines[pose] = Pipeline.load(config, device=settings.DEVICE)
        _pipelines.move_to_end(pose)
        return _pipelines[pose]


def compute_run(
    video_path: Path,
    poses_file: str,
    name_features: Callable[[Sequence[Cut]], str],
    progress: Progress,
    is_cancelled: IsCancelled,
    pose: PoseUse = SHIPPED,
    head_path: Path | None = None,
) -> dict[str, Any]:
    """Poses and features of a video, stored by name; files that exist are used again.

    ``name_features`` names the features file once it is known how the tracks are cut: long ones
    where the head at ``head_path`` sees actions change, else into equal pieces.

    Returns people, frames, skeleton, exposure, features_file, feature_version, models_used,
    timings_s (empty where the poses were there already), and for each track its frame range and
    segments with their row in the features file and their weight in the clip's label.
    """
    timings_s: dict[str, float] = {}
    poses = _poses(video_path, poses_file, pose, progress, is_cancelled, timings_s)
    progress("features", 0.0)
    spans = _spans(poses, head_path)
    features_file = name_features([_cut(span) for span in spans])
    if not storage.path_of(features_file).exists():
        write_features(poses, spans, features_file)
    progress("features", 1.0)
    return {
        "people": len(poses.tracks),
        "frames": int(poses.keypoints.shape[1]),
        "skeleton": poses.skeleton,
        "exposure": dict(poses.exposure),
        "features_file": features_file,
        "feature_version": feature_version(),
        "models_used": {"pipeline": fingerprint(pose), "features": feature_version()},
        "timings_s": timings_s,
        "tracks": _tracks(poses, spans),
    }


def follow_person(
    video_path: Path,
    box_xyxy: Sequence[float],
    frames: tuple[int, int],
    progress: Progress,
    is_cancelled: IsCancelled,
    pose: PoseUse = SHIPPED,
) -> tuple[Floats, Floats, str]:
    """Somebody in a drawn box, from the first of these frames on, until lost.

    Returns boxes [N, 4] px, keypoints [N, K, 3] and the name of the joints' order.
    """
    network = pipeline(pose)
    box = np.array(box_xyxy, np.float32)
    boxes, keypoints = network.follow(
        video_path, box, frames, progress=progress, is_cancelled=is_cancelled
    )
    return boxes, keypoints, network.skeleton


def seen_picture(
    video_path: Path, frame: int, decision: Mapping[str, Any], pose: PoseUse = SHIPPED
) -> bytes:
    """A frame as the pose network was given it in a run with this decision, as a PNG."""
    import cv2

    pixels = pipeline(pose).seen(
        video_path,
        frame,
        treatment=decision["treatment"],
        averaged=bool(decision.get("averaged", False)),
    )
    _, packed = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    return packed.tobytes()


def renew_features(poses_file: str, spans: Sequence[Cut], features_file: str) -> None:
    """Describe stored poses anew for segments (person, start_frame, end_frame) that stay."""
    from inference.features.windows import SegmentSpan
    from inference.poses_file import load_poses

    if not storage.path_of(features_file).exists():
        poses = load_poses(storage.path_of(poses_file))
        write_features(poses, [SegmentSpan(*span) for span in spans], features_file)


def describe_people(poses_file: str, wanted: Sequence[Edited]) -> None:
    """Describe people as somebody's edits left them, each in a file of one row.

    Rate, size and joint order are those of ``poses_file``; files that exist are used again.
    """
    from dataclasses import replace

    from inference.features.windows import SegmentSpan
    from inference.poses_file import load_poses
    from inference.types import Tracks

    if not wanted:
        return
    found = load_poses(storage.path_of(poses_file))
    for boxes, keypoints, start_frame, end_frame, name in wanted:
        if storage.path_of(name).exists():
            continue
        scores = np.where(np.isfinite(boxes[:, 0]), 1, np.nan).astype(np.float32)[None]
        tracks = Tracks(boxes[None], scores, np.zeros(scores.shape, bool))
        person = replace(found, tracks=tracks, keypoints=keypoints[None])
        write_features(person, [SegmentSpan(0, start_frame, end_frame)], name)


def classify_features(weights_path: Path, feature_files: Sequence[Path]) -> list[Floats]:
    """Probabilities [S, L] for each features file: one pass over all of them together."""
    head = _head(weights_path)
    parts = [read_file(path) for path in feature_files]
    if not sum(len(part) for part in parts):
        return [np.zeros((0, len(head.labels)), dtype=np.float32) for _ in parts]
    together = head.probabilities(np.concatenate(parts))
    return np.split(together, np.cumsum([len(part) for part in parts])[:-1])


def write_features(poses: "Poses", spans: Sequence[Any], name: str) -> None:
    """Store the vectors of these spans; the name never shows a half-written file."""
    from inference.features.vector import describe

    _save_vectors(name, describe(poses, spans), spans)


def _save_vectors(name: str, features: Floats, spans: Sequence[Any]) -> None:
    from inference.feature_version import FEATURE_VERSION

    rows = [_cut(span) for span in spans]
    with storage.atomic_path(name) as unfinished:
        np.savez(
            unfinished,
            features=features,
            spans=np.array(rows, dtype=np.int64).reshape(len(rows), 3),
            feature_version=np.array(FEATURE_VERSION),
        )


def write_windows(poses_file: str, name: str, on_progress: Callable[[float], None]) -> None:
    """Describe windows over everybody's stays, and store the vectors by name."""
    from inference.features.vector import describe
    from inference.features.windows import SegmentSpan, stays_of
    from inference.poses_file import load_poses

    poses = load_poses(storage.path_of(poses_file))
    spans = [
        SegmentSpan(stay.person, *window)
        for stay in stays_of(poses)
        for window in sliding(poses.times_s, stay.start_frame, stay.end_frame)
    ]
    parts = []
    for first in range(0, len(spans), WINDOWS_AT_ONCE):
        on_progress(first / len(spans))
        parts.append(describe(poses, spans[first : first + WINDOWS_AT_ONCE]))
    _save_vectors(name, np.concatenate(parts) if parts else describe(poses, []), spans)


def score_windows(weights_path: Path, name: str) -> tuple[npt.NDArray[np.int64], Floats]:
    """(person, start frame, end frame) [N, 3] of stored windows, and what a head says [N, L]."""
    path = storage.path_of(name)
    with np.load(path, allow_pickle=False) as arrays:
        spans = arrays["spans"]
    return spans, _head(weights_path).probabilities(read_file(path))


@lru_cache(maxsize=4)
def _head(weights_path: Path) -> "ActionHead":
    """Loaded once: stored weights are named by their content, so the path says which they are."""
    from inference.classify.head import ActionHead

    return ActionHead.load(weights_path)


def _cut(span: "SegmentSpan") -> Cut:
    return (span.person, span.start_frame, span.end_frame)


def _poses(
    video_path: Path,
    poses_file: str,
    pose: PoseUse,
    progress: Progress,
    is_cancelled: IsCancelled,
    timings_s: dict[str, float],
) -> "Poses":
    from inference.poses_file import load_poses, save_poses

    stored = storage.path_of(poses_file)
    if stored.exists():
        return load_poses(stored)
    poses = pipeline(pose).poses(
        video_path, progress=progress, is_cancelled=is_cancelled, timings_s=timings_s
    )
    with storage.atomic_path(poses_file) as unfinished:
        save_poses(unfinished, poses)
    return poses


def _spans(poses: "Poses", head_path: Path | None) -> "list[SegmentSpan]":
    from inference.pipeline import cut_tracks

    return cut_tracks(poses, _head(head_path) if head_path else None)


def _tracks(poses: "Poses", spans: Sequence[Any]) -> list[dict[str, Any]]:
    from inference.pipeline import clip_weight

    tracks: dict[int, dict[str, Any]] = {}
    for row, span in enumerate(spans):
        start_frame, end_frame = poses.tracks.frame_range(span.person)
        track = tracks.setdefault(
            span.person,
            {
                "index": span.person,
                "start_frame": start_frame,
                "end_frame": end_frame,
                "segments": [],
            },
        )
        track["segments"].append(
            {
                "start_frame": span.start_frame,
                "end_frame": span.end_frame,
                "feature_row": row,
                "weight": clip_weight(poses, span),
            }
        )
    return list(tracks.values())
