"""Skeletons on disk: one ``.npz`` a clip, in the layout that the teacher's files have too."""

from __future__ import annotations

import json
import zipfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inference.errors import BadInput, ModelError
from inference.skeleton import COCO17, skeleton_named
from inference.types import Poses, Tracks
from inference.whole_file import whole_file

_NEEDED = ("boxes_xyxy", "keypoints", "fps", "size")


def save_poses(path: str | Path, poses: Poses) -> None:
    """Write skeletons; the file appears under its name only when it is whole.

    Keys: ``boxes_xyxy`` [P, T, 4] px, ``box_score`` [P, T], ``keypoints`` [P, T, K, 3] (x px, y px,
    score), all float32 with NaN where absent; ``interpolated`` bool [P, T]; ``fps`` float,
    ``fps_fraction`` int [2]; ``size`` (width, height) px; ``skeleton`` name of the joint order;
    ``times_s`` float64 [T]; ``exposure`` JSON text, see ``Poses``.
    """
    with whole_file(path) as part, part.open("wb") as file:
        np.savez_compressed(
            file,
            boxes_xyxy=poses.tracks.boxes_xyxy,
            box_score=poses.tracks.scores,
            keypoints=poses.keypoints,
            interpolated=poses.tracks.interpolated,
            fps=float(poses.fps),
            fps_fraction=np.array([poses.fps.numerator, poses.fps.denominator], np.int64),
            size=np.array(poses.size, np.int64),
            skeleton=poses.skeleton,
            times_s=poses.times_s,
            exposure=json.dumps(poses.exposure),
        )


def load_poses(path: str | Path) -> Poses:
    """Read skeletons; nothing in the file is ever unpickled.

    Files without exact times or rate (the teacher's) get them from ``fps``; those without a name
    of the joint order are COCO-17.

    Raises:
        BadInput: ``unreadable`` where the file is missing, no such archive, or lacks an array;
            ``bad_poses`` where shapes do not fit together.
    """
    name = Path(path).name
    arrays = _read(Path(path))
    missing = [key for key in _NEEDED if key not in arrays]
    if missing:
        raise BadInput("unreadable", f"{name}: expected arrays {_NEEDED}, lacks {missing}.")
    try:
        return _poses(arrays)
    except (ModelError, ValueError, IndexError, ZeroDivisionError) as error:
        raise BadInput("bad_poses", f"{name}: the arrays do not fit together: {error}") from error


def _read(path: Path) -> dict[str, npt.NDArray[np.generic]]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}
    except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise BadInput(
            "unreadable", f"Expected a poses file (.npz) at {path}, cannot read it: {error}"
        ) from error


def _poses(arrays: dict[str, npt.NDArray[np.generic]]) -> Poses:
    boxes = arrays["boxes_xyxy"].astype(np.float32)
    people, frames = boxes.shape[:2]
    present = ~np.isnan(boxes[..., 0])
    scores = arrays.get("box_score", np.where(present, 1.0, np.nan)).astype(np.float32)
    interpolated = arrays.get("interpolated", np.zeros((people, frames))).astype(np.bool_)
    fps = _rate(arrays)
    times = arrays.get("times_s", np.arange(frames) / float(fps)).astype(np.float64)
    skeleton = str(arrays["skeleton"]) if "skeleton" in arrays else COCO17.name
    keypoints = arrays["keypoints"].astype(np.float32)
    if keypoints.ndim == 4 and keypoints.shape[2] != len(skeleton_named(skeleton)):
        raise ModelError("bad_array", f"{keypoints.shape[2]} joints are not {skeleton}.")
    width, height = arrays["size"].astype(np.int64).ravel().tolist()
    return Poses(
        tracks=Tracks(boxes, scores, interpolated),
        keypoints=keypoints,
        skeleton=skeleton,
        fps=fps,
        size=(width, height),
        times_s=times,
        exposure=json.loads(str(arrays["exposure"])) if "exposure" in arrays else {},
    )


def _rate(arrays: dict[str, npt.NDArray[np.generic]]) -> Fraction:
    if "fps_fraction" in arrays:
        numerator, denominator = arrays["fps_fraction"].astype(np.int64).tolist()
        return Fraction(numerator, denominator)
    return Fraction(float(arrays["fps"].astype(np.float64).ravel()[0])).limit_denominator(1001)
