"""Makes small real video files of every kind that the tests need."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from inference.video.coded import code_frame


class VideoFactory:
    """Encodes clips with coded frame numbers into a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(
        self,
        name: str = "clip.mp4",
        *,
        frames: int = 12,
        size: tuple[int, int] = (64, 48),
        fps: Fraction = Fraction(30),
        pts: Sequence[int] | None = None,
        time_base: Fraction | None = None,
        codec: str = "libx264",
        pix_fmt: str = "yuv420p",
        b_frames: int = 0,
        rotation: int = 0,
        sound: bool = False,
        options: dict[str, str] | None = None,
        container_options: dict[str, str] | None = None,
    ) -> Path:
        path = self.folder / name
        base = time_base or 1 / fps
        stamps = list(pts) if pts is not None else list(range(frames))
        with av.open(str(path), "w", options=container_options or {}) as out:
            stream = out.add_stream(codec, rate=fps, options=options or {})
            stream.width, stream.height, stream.pix_fmt = *size, pix_fmt
            stream.time_base = stream.codec_context.time_base = base
            stream.codec_context.max_b_frames = b_frames
            if rotation:
                stream.set_display_rotation(rotation)
            if sound:
                tone = out.add_stream("aac", rate=8000)
            for number, stamp in enumerate(stamps):
                picture = av.VideoFrame.from_ndarray(code_frame(number, size), format="rgb24")
                picture = picture.reformat(format=pix_fmt)
                picture.pts, picture.time_base = stamp, base
                out.mux(stream.encode(picture))
            out.mux(stream.encode(None))
            if sound:
                out.mux(tone.encode(_silence()))
                out.mux(tone.encode(None))
        return path


def _silence() -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
    frame.sample_rate = 8000
    frame.pts = 0
    return frame


@pytest.fixture
def make_video(tmp_path: Path) -> VideoFactory:
    return VideoFactory(tmp_path)
