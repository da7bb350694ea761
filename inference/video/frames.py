"""Decodes clips: the one place where frame numbers, stamps and upright pixels come from.

Everything that needs frames (the table, the clip in memory, the proxy, the poster) goes through
``iter_frames``, so that frame ``i`` is the same picture everywhere.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.container
import av.error
import av.packet
import av.video.frame
import av.video.stream
import numpy as np

from inference.errors import BadInput, Cancelled
from inference.types import (
    Clip,
    FrameTable,
    IsCancelled,
    Pixels,
    Progress,
    never_cancelled,
    no_progress,
)
from inference.video.container import open_container, video_stream
from inference.video.timing import StampMender, make_table

MAX_CLIP_BYTES = 4 * 1024**3
"""Most memory that the frames of one clip may take."""

_CANCEL_EVERY = 16
_SANE_FPS = (Fraction(1, 10), Fraction(1000))


@dataclass(frozen=True)
class VideoInfo:
    """What a container says of itself before any frame is decoded.

    Attributes:
        format: names of the container reader, such as ``"mov,mp4,m4a,3gp,3g2,mj2"``.
        codec: name of the picture codec, such as ``"h264"``.
        width: upright width in px, after rotation.
        height: upright height in px, after rotation.
        rotation: degrees, a multiple of 90 in 0..270, that decoded frames are turned
            counterclockwise to stand upright.
        duration_s: length as the container gives it, None where it does not.
        has_audio: whether a sound stream is there.
        fps: nominal frame rate, None where the container gives none that makes sense.
    """

    format: str
    codec: str
    width: int
    height: int
    rotation: int
    duration_s: float | None
    has_audio: bool
    fps: Fraction | None


@dataclass(frozen=True)
class Frame:
    """One decoded frame.

    Attributes:
        index: position in presentation order, from 0.
        pts: mended stamp, strictly increasing over the clip.
        duration: how long it is shown in stamp units, None where the file does not say.
        picture: the decoder's frame, not yet turned upright.
        rotation: see ``VideoInfo.rotation``.
    """

    index: int
    pts: int
    duration: int | None
    picture: av.video.frame.VideoFrame
    rotation: int

    def rgb(self, coded_size: tuple[int, int] | None = None) -> Pixels:
        """uint8 [H, W, 3] RGB, upright; scaled first where ``coded_size`` (w, h) differs."""
        width, height = coded_size or (self.picture.width, self.picture.height)
        pixels = self.picture.reformat(width=width, height=height, format="rgb24").to_ndarray()
        return np.ascontiguousarray(np.rot90(pixels, self.rotation // 90))


def probe(path: str | Path) -> VideoInfo:
    """Read what a video file says of itself; decodes the first frame only.

    Raises:
        BadInput: see ``open_container``, ``video_stream``; ``no_frames`` where nothing decodes.
    """
    with open_container(path) as container:
        name = Path(path).name
        stream = video_stream(container, name)
        first = next(_decode(container, stream), None)
        if first is None:
            raise BadInput("no_frames", f"Expected at least one video frame, {name} holds none.")
        rotation = _rotation(first[0])
        size = (first[0].width, first[0].height)
        return VideoInfo(
            format=container.format.name,
            codec=stream.codec_context.codec.canonical_name,
            width=size[rotation % 180 == 90],
            height=size[rotation % 180 != 90],
            rotation=rotation,
            duration_s=_duration_s(container, stream),
            has_audio=len(container.streams.audio) > 0,
            fps=_nominal_fps(stream),
        )


def iter_frames(path: str | Path) -> Iterator[Frame]:
    """Decode a clip frame by frame in presentation order, with stamps mended.

    Damaged packets are passed over, as players do.

    Raises:
        BadInput: see ``open_container`` and ``video_stream``.
    """
    with open_container(path) as container:
        stream = video_stream(container, Path(path).name)
        mender = StampMender(_time_base(stream), _nominal_fps(stream))
        for index, (picture, pts) in enumerate(_decode(container, stream)):
            yield Frame(
                index=index,
                pts=mender.mend(pts),
                duration=picture.duration or None,
                picture=picture,
                rotation=_rotation(picture),
            )


def frame_table(
    path: str | Path, *, max_frames: int | None = None, is_cancelled: IsCancelled = never_cancelled
) -> FrameTable:
    """Index a clip by decoding it whole, without keeping pixels.

    Args:
        path: video file.
        max_frames: refuse longer clips.
        is_cancelled: asked now and then.

    Raises:
        BadInput: see ``iter_frames``; ``no_frames``; ``too_long``.
        Cancelled: the caller asked to stop.
    """
    pts: list[int] = []
    duration = None
    for frame in watched_frames(path, max_frames, no_progress, is_cancelled):
        pts.append(frame.pts)
        duration = frame.duration
    return table_of(path, pts, duration)


def read_clip(
    path: str | Path,
    *,
    max_frames: int | None = None,
    progress: Progress = no_progress,
    is_cancelled: IsCancelled = never_cancelled,
) -> Clip:
    """Decode a whole clip into memory.

    Frames are upright and in stored pixels: a pixel aspect ratio other than 1:1 is not undone.
    Where the size changes in mid-stream, later frames are scaled to the first one's.

    Args:
        path: video file.
        max_frames: refuse longer clips.
        progress: told about the stage ``"decode"``.
        is_cancelled: asked now and then.

    Raises:
        BadInput: see ``iter_frames``; ``no_frames``; ``too_long`` above ``max_frames``;
            ``too_large`` above ``MAX_CLIP_BYTES``.
        Cancelled: the caller asked to stop.
    """
    frames: list[Pixels] = []
    pts: list[int] = []
    duration, size = None, None
    for frame in watched_frames(path, max_frames, progress, is_cancelled):
        size = size or (frame.picture.width, frame.picture.height)
        frames.append(frame.rgb(size))
        _check_memory(path, frames)
        pts.append(frame.pts)
        duration = frame.duration
    table = table_of(path, pts, duration)
    progress("decode", 1.0)
    return Clip(path=str(path), frames=_stack(frames), table=table)


def watched_frames(
    path: str | Path, max_frames: int | None, progress: Progress, is_cancelled: IsCancelled
) -> Iterator[Frame]:
    """``iter_frames`` with the limit, the progress and the wish to stop looked after.

    Args:
        path: video file.
        max_frames: refuse longer clips.
        progress: told about the stage ``"decode"``.
        is_cancelled: asked now and then.

    Raises:
        BadInput: see ``iter_frames``; ``too_long`` above ``max_frames``.
        Cancelled: the caller asked to stop.
    """
    expected = max(1, expected_frames(path))
    for frame in iter_frames(path):
        if max_frames is not None and frame.index >= max_frames:
            raise BadInput(
                "too_long", f"{Path(path).name} is longer than the limit of {max_frames} frames."
            )
        if frame.index % _CANCEL_EVERY == 0:
            if is_cancelled():
                raise Cancelled()
            progress("decode", min(0.99, frame.index / expected))
        yield frame


def expected_frames(path: str | Path) -> int:
    """A guess at the number of frames for the progress bar; 0 where nothing is known."""
    with open_container(path) as container:
        stream = video_stream(container, Path(path).name)
        seconds = _duration_s(container, stream) or 0.0
        return stream.frames or int(seconds * float(_nominal_fps(stream) or 25))


def table_of(path: str | Path, pts: list[int], duration: int | None) -> FrameTable:
    """The frame index from the stamps and the last duration that ``iter_frames`` gave.

    Raises:
        BadInput: ``no_frames`` where there are none.
    """
    with open_container(path) as container:
        stream = video_stream(container, Path(path).name)
        if not pts:
            raise BadInput(
                "no_frames", f"Expected at least one video frame, {Path(path).name} holds none."
            )
        return make_table(pts, duration, _time_base(stream), _nominal_fps(stream))


def _stack(frames: list[Pixels]) -> Pixels:
    """uint8 [T, H, W, 3], freeing each frame as it is copied so that memory is held once."""
    out = np.empty((len(frames), *frames[0].shape), np.uint8)
    for index in range(len(frames)):
        out[index] = frames[index]
        frames[index] = out[index]
    return out


def _check_memory(path: str | Path, frames: list[Pixels]) -> None:
    if len(frames) * frames[0].nbytes > MAX_CLIP_BYTES:
        raise BadInput(
            "too_large",
            f"{Path(path).name} needs more than {MAX_CLIP_BYTES // 1024**2} MiB when decoded; "
            "cut it into shorter clips.",
        )


def _decode(
    container: av.container.InputContainer, stream: av.video.stream.VideoStream
) -> Iterator[tuple[av.video.frame.VideoFrame, int | None]]:
    """Frames of one stream with their stamps, passing over packets that do not decode.

    AVI stores no presentation stamps. Its packets come in decoding order, one frame each, so the
    k-th frame shown takes the k-th smallest packet stamp.
    """
    waiting: list[int] | None = [] if container.format.name == "avi" else None
    for packet in _packets(container, stream):
        if waiting is not None and packet.size and packet.dts is not None:
            heapq.heappush(waiting, packet.dts)
        try:
            pictures = packet.decode()
        except av.error.FFmpegError:
            if waiting is not None and packet.dts in waiting:
                waiting.remove(packet.dts)
                heapq.heapify(waiting)
            continue
        for picture in pictures:
            yield picture, heapq.heappop(waiting) if waiting else picture.pts


def _packets(
    container: av.container.InputContainer, stream: av.video.stream.VideoStream
) -> Iterator[av.packet.Packet[av.video.stream.VideoStream]]:
    """Packets up to the end, or to the point where the container cannot be read any further."""
    packets = container.demux(stream)
    while True:
        try:
            yield next(packets)
        except (StopIteration, av.error.FFmpegError):
            return


def _rotation(picture: av.video.frame.VideoFrame) -> int:
    return round(picture.rotation / 90) * 90 % 360


def _time_base(stream: av.video.stream.VideoStream) -> Fraction:
    return stream.time_base or Fraction(1, 90_000)


def _nominal_fps(stream: av.video.stream.VideoStream) -> Fraction | None:
    for rate in (stream.guessed_rate, stream.average_rate):
        if rate and _SANE_FPS[0] <= rate <= _SANE_FPS[1]:
            return Fraction(rate)
    return None


def _duration_s(
    container: av.container.InputContainer, stream: av.video.stream.VideoStream
) -> float | None:
    if stream.duration is not None and stream.duration > 0:
        return float(stream.duration * _time_base(stream))
    if container.duration is not None and container.duration > 0:
        return float(container.duration / av.time_base)
    return None
