"""Makes the still picture that stands for a clip in the library."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from inference.errors import BadInput, TransientError
from inference.types import Floats, FrameTable, Pixels
from inference.video.frames import frame_table, iter_frames
from inference.whole_file import whole_file

_TARGET_LUMA = 0.40
_GAMMA_RANGE = (1.0, 4.0)
_QUALITY = 85
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def write_poster(
    path: str | Path, out: str | Path, *, table: FrameTable | None = None, max_side: int = 480
) -> None:
    """Write a JPEG of the clip's middle frame, brightened so that a dark clip can be recognised.

    Brightening is for people who look through the library; nothing else ever reads posters. The
    frame is averaged with its neighbours, stretched so that its brightest percent reaches white,
    and given the gamma that lifts its mean luma to 0.4 (at most 4: black stays black).

    Args:
        path: video file.
        out: JPEG file to make; it appears under this name only when complete.
        table: the clip's frame index, if the caller has it (saves one decoding).
        max_side: longest side of the picture in px.

    Raises:
        BadInput: see ``frame_table``.
        TransientError: the file could not be written.
    """
    middle = len(table or frame_table(path)) // 2
    picture = _shrink(brighten(_around(path, middle)), max_side)
    done, data = cv2.imencode(
        ".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
    )
    if not done:
        raise TransientError("not_written", f"The poster of {Path(path).name} cannot be made.")
    target = Path(out)
    try:
        with whole_file(target) as part:
            part.write_bytes(data.tobytes())
    except OSError as error:
        raise TransientError("not_written", f"{target.name} cannot be written: {error}") from error


def brighten(image: Floats) -> Pixels:
    """Stretch and gamma-lift one picture for human eyes.

    Args:
        image: float32 [H, W, 3] RGB in 0..255.

    Returns:
        uint8 [H, W, 3].
    """
    luma = image @ _LUMA
    white = max(float(np.percentile(luma, 99)), 16.0)
    level = np.clip(image / white, 0.0, 1.0)
    mean = float(np.clip((level @ _LUMA).mean(), 1e-4, 0.999))
    gamma = float(np.clip(np.log(mean) / np.log(_TARGET_LUMA), *_GAMMA_RANGE))
    return np.asarray(np.rint(255.0 * level ** (1.0 / gamma)), np.uint8)


def _around(path: str | Path, middle: int) -> Floats:
    """Mean of the frames ``middle - 1`` to ``middle + 1``: half the noise of one."""
    near: list[Pixels] = []
    size = None
    for frame in iter_frames(path):
        size = size or (frame.picture.width, frame.picture.height)
        if frame.index > middle + 1:
            break
        if frame.index >= middle - 1:
            near.append(frame.rgb(size))
    if not near:
        raise BadInput("no_frames", f"Expected a video frame, {Path(path).name} holds none.")
    return np.asarray(np.mean(np.stack(near), axis=0), np.float32)


def _shrink(picture: Pixels, max_side: int) -> Pixels:
    height, width = picture.shape[:2]
    scale = max_side / max(height, width)
    if scale >= 1.0:
        return picture
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
