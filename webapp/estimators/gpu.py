"""The only door from pose weights to the inference library."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from inference.adaptation import Teacher

Progress = Callable[[str, float], None]
IsCancelled = Callable[[], bool]
OnCurve = Callable[[dict[str, float]], None]


def import_checkpoint(checkpoint: Path, out: Path) -> Path:
    """Read a published checkpoint into our own form; gives the weights, their card beside them.

    Nothing in the file is unpickled beyond plain tensors.

    Raises:
        BadInput: the file is none, or its names do not fit; ``extra["misfits"]`` lists them.
    """
    from inference.pose.imported import import_checkpoint as read

    return read(checkpoint, out)


@dataclass(frozen=True)
class Lesson:
    """What an adaptation is told; paths None: the weights that come with the product.

    Where there is a folder of ``keypoints`` (see ``inference.adaptation.keypoint_files``), it
    teaches in the teacher's stead. ``held_out`` names clips, takes or folders to measure on; empty:
    a share of the clips.
    """

    teacher: Path | None
    start: Path | None
    minutes: float
    steps: int | None = None
    seed: int = 0
    keypoints: Path | None = None
    held_out: tuple[str, ...] = ()


def adapt(
    clips: Sequence[Path],
    out: Path,
    lesson: Lesson,
    *,
    progress: Progress,
    is_cancelled: IsCancelled,
    on_curve: OnCurve,
) -> dict[str, Any]:
    """Fine-tune the compact network on these clips; figures on those that it held out.

    Returns weights (a path), before, after, improved, clips_used, clips_skipped, seconds.
    """
    from inference.adaptation import AdaptConfig
    from inference.adaptation import adapt as fine_tune

    report = fine_tune(
        list(clips),
        out,
        teacher=_teacher(lesson),
        start=lesson.start,
        config=AdaptConfig(
            minutes=lesson.minutes,
            steps=lesson.steps,
            seed=lesson.seed,
            held_out=lesson.held_out,
            device=settings.DEVICE,
        ),
        progress=progress,
        is_cancelled=is_cancelled,
        on_curve=on_curve,
    )
    return asdict(report)


def _teacher(lesson: Lesson) -> "Teacher":
    from inference.adaptation import Teacher

    if lesson.keypoints:
        return Teacher.from_keypoints(lesson.keypoints)
    return Teacher.from_weights(lesson.teacher) if lesson.teacher else Teacher.own()
