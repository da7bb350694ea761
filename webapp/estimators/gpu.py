"""The only door from pose weights to the inference library."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

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
    """What an adaptation is told; paths None: the weights that come with the product."""

    teacher: Path | None
    start: Path | None
    minutes: float
    steps: int | None = None
    seed: int = 0


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
    from inference.adaptation import AdaptConfig, Teacher
    from inference.adaptation import adapt as fine_tune

    teacher = Teacher.from_weights(lesson.teacher) if lesson.teacher else Teacher.own()
    report = fine_tune(
        list(clips),
        out,
        teacher=teacher,
        start=lesson.start,
        config=AdaptConfig(
            minutes=lesson.minutes, steps=lesson.steps, seed=lesson.seed, device=settings.DEVICE
        ),
        progress=progress,
        is_cancelled=is_cancelled,
        on_curve=on_curve,
    )
    return asdict(report)
