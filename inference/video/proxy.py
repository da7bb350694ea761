"""Writes the review copy of a clip that browsers can seek in exactly."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import av.container
import av.error
import av.packet
import av.video.frame
import av.video.stream
import numpy as np
from av.video.reformatter import Colorspace

from inference.errors import BadInput, Cancelled, TransientError
from inference.types import FrameTable, IsCancelled, Pixels, Progress, never_cancelled, no_progress
from inference.video.frames import frame_table, iter_frames
from inference.whole_file import whole_file

GOP = 12
"""Frames from one key frame to the next: at most this many are decoded for a seek."""

_BT709 = 1
_LIMITED_RANGE = 1
_CANCEL_EVERY = 16
_X264 = {
    "preset": "veryfast",
    "crf": "21",
    "x264-params": "aq-mode=3:scenecut=0:open-gop=0",  # aq-mode 3 keeps detail in dark areas
}


def write_proxy(
    path: str | Path,
    out: str | Path,
    *,
    table: FrameTable | None = None,
    progress: Progress = no_progress,
    is_cancelled: IsCancelled = never_cancelled,
) -> None:
    """Write an MP4 with exactly the clip's frames for the browser.

    H.264, yuv420p, BT.709, no B-frames, a key frame every ``GOP`` frames, index in front
    ("faststart"), no sound. Frame ``i`` of the proxy is frame ``i`` of the clip, shown at
    ``table.pts[i] - table.pts[0]`` in the same time base. Frames are upright. yuv420p needs even
    sides: an odd width or height is padded by one column on the right or one row at the bottom that
    repeats the last one, so that pixel coordinates of the clip hold unchanged in the proxy.

    Args:
        path: the original.
        out: file to make; it appears under this name only when complete.
        table: the clip's frame index, if the caller has it (saves one decoding).
        progress: told about the stage ``"proxy"``.
        is_cancelled: asked now and then.

    Raises:
        BadInput: see ``frame_table``.
        TransientError: the file could not be written (full disk).
        Cancelled: the caller asked to stop.
    """
    table = table or frame_table(path, is_cancelled=is_cancelled)
    frames = _upright(path, len(table), progress, is_cancelled)
    write_frames(out, frames, table, options=_X264)
    progress("proxy", 1.0)


def write_frames(
    out: str | Path, frames: Iterator[Pixels], table: FrameTable, *, options: dict[str, str]
) -> None:
    """Encode upright RGB frames, one for each stamp of ``table``, as a seekable MP4.

    Args:
        out: file to make; it appears under this name only when complete.
        frames: uint8 [H, W, 3] RGB, all of one size.
        table: the stamps; the first becomes 0.
        options: libx264 options.

    Raises:
        BadInput: ``no_frames``, or ``unreadable`` where fewer frames come than ``table`` holds.
        TransientError: the file could not be written.
    """
    target = Path(out)
    try:
        with whole_file(target) as part:
            _encode(part, frames, table, options)
    except (OSError, av.error.FFmpegError) as error:
        raise TransientError("not_written", f"{target.name} cannot be written: {error}") from error


def _encode(
    part: Path, frames: Iterator[Pixels], table: FrameTable, options: dict[str, str]
) -> None:
    stamps = (table.pts - table.pts[0]).tolist()
    durations = dict(zip(stamps, np.diff([*table.pts, table.end_pts]).tolist(), strict=True))
    written = 0
    with av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream: av.video.stream.VideoStream | None = None
        for pixels, stamp in zip(frames, stamps, strict=False):
            if stream is None:
                stream = _add_stream(container, pixels, table, options)
            _mux(container, stream.encode(_picture(pixels, stamp, table.time_base)), durations)
            written += 1
        if stream is not None:
            _mux(container, stream.encode(None), durations)
    if written != len(stamps):
        raise BadInput("unreadable", f"Expected {len(stamps)} frames, {written} could be decoded.")


def _add_stream(
    container: av.container.OutputContainer,
    pixels: Pixels,
    table: FrameTable,
    options: dict[str, str],
) -> av.video.stream.VideoStream:
    height, width = pixels.shape[:2]
    stream = container.add_stream("libx264", rate=_encoder_rate(table.fps), options=dict(options))
    context = stream.codec_context
    stream.time_base = context.time_base = table.time_base
    stream.width, stream.height = width + width % 2, height + height % 2
    stream.pix_fmt = "yuv420p"
    context.gop_size = GOP
    context.max_b_frames = 0
    context.colorspace = context.color_primaries = context.color_trc = _BT709
    context.color_range = _LIMITED_RANGE
    return stream


def _encoder_rate(fps: Fraction) -> Fraction:
    """The average rate in numbers that encoders take; it steers bit rates only, not stamps."""
    return max(fps, Fraction(1, 100)).limit_denominator(1001)


def _picture(pixels: Pixels, stamp: int, time_base: Fraction) -> av.video.frame.VideoFrame:
    height, width = pixels.shape[:2]
    even = np.pad(pixels, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(even), format="rgb24").reformat(
        format="yuv420p", dst_colorspace=Colorspace.ITU709
    )
    picture.pts = stamp
    picture.time_base = time_base
    return picture


def _mux(
    container: av.container.OutputContainer,
    packets: list[av.packet.Packet[av.video.stream.VideoStream]],
    durations: dict[int, int],
) -> None:
    for packet in packets:
        if packet.pts is not None:
            packet.duration = durations[packet.pts]
        container.mux(packet)


def _upright(
    path: str | Path, total: int, progress: Progress, is_cancelled: IsCancelled
) -> Iterator[Pixels]:
    size = None
    for frame in iter_frames(path):
        size = size or (frame.picture.width, frame.picture.height)
        if frame.index % _CANCEL_EVERY == 0:
            if is_cancelled():
                raise Cancelled()
            progress("proxy", frame.index / max(1, total))
        yield frame.rgb(size)
