"""What is measured against what; nothing heavy is imported before a contender is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

YOLOV3_S = 73.0
"""CPU seconds of the published program's detector on a 90-frame clip, measured once elsewhere."""

SAMPLES = 10
"""Frames of a clip that the published program gives a skeleton."""

STEP = 5
"""Frames between two of them."""


class Worker(Protocol):
    """A contender ready to work."""

    extra: tuple[str, ...]

    def work(self, path: Path) -> int:
        """Do what it does to a clip; returns how many frames the clip has."""
        ...


@dataclass(frozen=True)
class Contender:
    """One way to get skeletons out of a clip.

    Attributes:
        name: short.
        make: makes it ready.
        heavy: above 5 CPU seconds a clip.
        by_clip: true where the cost does not grow with the clip's frames.
        taken_s: CPU seconds that are added because they were measured elsewhere.
        needs: packages.
        peer: needs the packages that only ``make bench`` installs.
        note: printed below its figures.
    """

    name: str
    make: Callable[[], Worker]
    heavy: bool = False
    by_clip: bool = False
    taken_s: float = 0.0
    needs: tuple[str, ...] = ()
    peer: bool = False
    note: str = ""


def published() -> Worker:
    from tests.bench.sampled import Published

    return Published()


def sampled(backend: str) -> Worker:
    from tests.bench.sampled import Sampled

    return Sampled(backend)


def compact(backend: str) -> Worker:
    from tests.bench.compact import Compact

    return Compact(backend)


def peer(side: int) -> Worker:
    from tests.bench.peers import YoloPose

    return YoloPose(side)


OPENVINO, ONNX = ("openvino",), ("onnxruntime", "onnx")

CONTENDERS = (
    Contender(
        "published",
        published,
        heavy=True,
        by_clip=True,
        taken_s=YOLOV3_S,
        note=f"{YOLOV3_S:.0f} cpu-s of it, YOLOv3 on every frame, are taken from a measurement "
        "elsewhere; DCPose-W48 on 10 frames in float32, one by one, is measured here",
    ),
    Contender("W48 sampled", partial(sampled, "eager"), heavy=True, by_clip=True),
    Contender(
        "W48 sampled openvino",
        partial(sampled, "openvino"),
        heavy=True,
        by_clip=True,
        needs=OPENVINO,
    ),
    Contender("compact eager", partial(compact, "eager")),
    Contender("compact compile", partial(compact, "compile")),
    Contender("compact openvino", partial(compact, "openvino"), needs=OPENVINO),
    Contender("compact onnxruntime", partial(compact, "onnxruntime"), needs=ONNX),
    Contender("yolo11n-pose 320", partial(peer, 320), needs=("ultralytics",), peer=True),
    Contender("yolo11n-pose 640", partial(peer, 640), needs=("ultralytics",), peer=True),
)
"""All of them. Compact ones work on every frame and for everybody in it, to the end of
``Pipeline.predict``; peers find people and skeletons on every frame, with random weights."""
