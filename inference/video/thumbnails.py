"""Writes the sheet of small pictures by which people look through a clip while they scrub."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import av.packet
import av.video.frame
import av.video.stream
import cv2
import numpy as np

from inference.errors import BadInput, TransientError
from inference.types import Pixels
from inference.video.container import open_container, video_stream
from inference.video.poster import brighten
from inference.whole_file import whole_file

_QUALITY = 70


def write_thumbnails(
    proxy: str | Path,
    out: str | Path,
    *,
    frames: Sequence[int],
    tile: tuple[int, int],
    columns: int,
) -> None:
    """Write a JPEG with one small picture for each of some frames, row by row.

    All pictures are brightened alike, for people who look for a place in a dark clip; nothing
    else ever reads them. Where all the frames are key frames, no other is decoded.

    Args:
        proxy: a file of ``write_proxy``: upright, stamps strictly increasing.
        out: JPEG file to make; it appears under this name only when complete.
        frames: which, increasing; at least one.
        tile: (width, height) of a picture in px.
        columns: pictures in a row.

    Raises:
        BadInput: see ``open_container``; ``no_frames`` where the proxy lacks one of the frames.
        TransientError: the file could not be written.
    """
    tiles = _tiles(proxy, frames, tile)
    sheet = _laid_out(brighten(np.asarray(tiles, np.float32)), columns)
    done, data = cv2.imencode(
        ".jpg", cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
    )
    target = Path(out)
    if not done:
        raise TransientError("not_written", f"{target.name} cannot be made.")
    try:
        with whole_file(target) as part:
            part.write_bytes(data.tobytes())
    except OSError as error:
        raise TransientError("not_written", f"{target.name} cannot be written: {error}") from error


def _tiles(proxy: str | Path, frames: Sequence[int], tile: tuple[int, int]) -> Pixels:
    """uint8 [len(frames), H, W, 3] RGB."""
    stamps, keys = _index(proxy)
    if not frames or frames[-1] >= len(stamps):
        raise BadInput(
            "no_frames",
            f"Expected frames below {len(stamps)}, got {list(frames[-1:])}: {Path(proxy).name}.",
        )
    wanted = {stamps[frame] for frame in frames}
    found: dict[int, Pixels] = {}
    for picture in _decoded(proxy, wanted if wanted <= keys else None):
        if picture.pts in wanted:
            small = picture.reformat(
                width=tile[0], height=tile[1], format="rgb24", interpolation="AREA"
            )
            found[picture.pts] = np.asarray(small.to_ndarray(), np.uint8)
    if len(found) < len(wanted):
        raise BadInput("no_frames", f"{Path(proxy).name} has frames that do not decode.")
    return np.stack([found[stamps[frame]] for frame in frames])


def _index(proxy: str | Path) -> tuple[list[int], set[int]]:
    """Stamps of all frames in presentation order, and those of the key frames; decodes nothing."""
    stamps: list[int] = []
    keys: set[int] = set()
    for packet in _packets(proxy):
        if packet.pts is not None and packet.size:
            stamps.append(packet.pts)
            if packet.is_keyframe:
                keys.add(packet.pts)
    return sorted(stamps), keys


def _decoded(proxy: str | Path, only_keys: set[int] | None) -> Iterator[av.video.frame.VideoFrame]:
    """All frames, or those of the given key packets alone: each of them stands for itself."""
    with open_container(proxy) as container:
        stream = video_stream(container, Path(proxy).name)
        for packet in container.demux(stream):
            # The last packet is empty: it makes the decoder give out what it holds back.
            if only_keys is None or not packet.size or packet.pts in only_keys:
                yield from packet.decode()


def _packets(proxy: str | Path) -> Iterator[av.packet.Packet[av.video.stream.VideoStream]]:
    with open_container(proxy) as container:
        yield from container.demux(video_stream(container, Path(proxy).name))


def _laid_out(tiles: Pixels, columns: int) -> Pixels:
    """uint8 [rows * H, columns * W, 3]; what is left of the last row stays black."""
    count, height, width, _ = tiles.shape
    rows = -(-count // columns)
    sheet = np.zeros((rows * height, columns * width, 3), np.uint8)
    for number, tile in enumerate(tiles):
        y, x = number // columns * height, number % columns * width
        sheet[y : y + height, x : x + width] = tile
    return sheet
