"""Labels that some other tool has made, one file a clip."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from inference.adaptation.labels import Labels
from inference.errors import BadInput
from inference.poses_file import load_poses
from inference.skeleton import COCO17, convert, skeleton_named
from inference.types import Clip, Floats, IsCancelled


class KeypointFiles:
    """Reads ``<folder>/<clip's folder>/<clip>.npz``, else ``<folder>/<clip>.npz``.

    Args:
        folder: where they lie; the form is that of ``inference.poses_file``. An array
            ``fallback`` that is true anywhere says that nobody was found.

    Raises:
        BadInput: there is no such folder.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise BadInput("no_keypoints", f"Expected a folder of keypoints at {folder}.")
        self._folder = folder

    def label(self, path: Path, clip: Clip, is_cancelled: IsCancelled) -> Labels:
        """The file's people; see ``Labeller``."""
        file = self._file_of(path)
        poses = load_poses(file)
        if _is_fallback(file):
            raise BadInput("nobody_found", "the teacher found nobody")
        if poses.size != clip.size:
            raise BadInput(
                "wrong_size", f"{file.name} is for {poses.size} px, the clip has {clip.size} px"
            )
        count = len(clip.frames)
        keypoints = as_coco(poses.keypoints, poses.skeleton)
        return Labels(_of_length(poses.tracks.boxes_xyxy, count), _of_length(keypoints, count))

    def _file_of(self, path: Path) -> Path:
        for place in (Path(path.parent.name), Path()):
            file = self._folder / place / f"{path.stem}.npz"
            if file.exists():
                return file
        raise BadInput("no_keypoints", f"no {path.stem}.npz among the teacher's files")


def as_coco(keypoints: Floats, skeleton: str) -> Floats:
    """Keypoints in COCO order; joints that the source lacks are filled in with score 0.

    Args:
        keypoints: float32 [..., K, 3] in the order of ``skeleton``.
        skeleton: its name.

    Returns:
        float32 [..., 17, 3].
    """
    if skeleton == COCO17.name:
        return keypoints
    source = skeleton_named(skeleton)
    found = convert(keypoints, source, COCO17)
    guessed = [i for i, joint in enumerate(COCO17.joints) if joint not in source.joints]
    found[..., guessed, 2] *= 0.0  # Absent ones stay NaN.
    return found


def _of_length(array: Floats, count: int) -> Floats:
    """[P, T, ...] cut or filled with NaN to so many frames."""
    kept = array[:, :count]
    missing = ((0, 0), (0, count - kept.shape[1]), *((0, 0),) * (kept.ndim - 2))
    return np.pad(kept, missing, constant_values=np.nan)


def _is_fallback(file: Path) -> bool:
    with np.load(file, allow_pickle=False) as archive:
        return "fallback" in archive.files and bool(archive["fallback"].any())
