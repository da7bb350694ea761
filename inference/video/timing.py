"""Turns the stamps that decoders give into one strictly increasing frame table."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from inference.types import FrameTable, Ints

_DISCONTINUITY_S = 1.0
"""A jump back by at least this much starts a new recording; less is a slip of one stamp."""

_NOMINAL_TOLERANCE = 0.01
_STEP_TOLERANCE = 0.1


class StampMender:
    """Makes each frame's stamp strictly larger than the one before.

    Missing stamps follow at the nominal step. A stamp that slips back a little is set just after
    its predecessor; a jump back by a second or more (recordings joined end to end) shifts all that
    follows.
    """

    def __init__(self, time_base: Fraction, fps: Fraction | None) -> None:
        step = 1 / ((fps or Fraction(25)) * time_base)
        self._step = max(1, round(step))
        self._jump = _DISCONTINUITY_S / float(time_base)
        self._last: int | None = None
        self._offset = 0

    def mend(self, pts: int | None) -> int:
        """The stamp to use for the next frame in presentation order."""
        if self._last is None:
            self._last = pts or 0
            return self._last
        stamp = self._last + self._step if pts is None else pts + self._offset
        if stamp <= self._last:
            stamp = self._after_slip(stamp, self._last)
        self._last = stamp
        return stamp

    def _after_slip(self, stamp: int, last: int) -> int:
        if last - stamp < self._jump:
            return last + 1
        self._offset += last + self._step - stamp
        return last + self._step


def make_table(
    pts: list[int], last_duration: int | None, time_base: Fraction, nominal: Fraction | None
) -> FrameTable:
    """Build the frame index from mended stamps.

    The container's nominal rate is believed where it agrees with the stamps within one percent;
    otherwise the average over the clip counts. A last frame without a duration lasts as long as
    the typical one.

    Args:
        pts: strictly increasing stamps in units of ``time_base``.
        last_duration: how long the last frame is shown, None where the file does not say.
        time_base: seconds a unit.
        nominal: frame rate that the container gives, if any.

    Raises:
        BadInput: ``no_frames`` where ``pts`` is empty.
    """
    stamps = np.asarray(pts, np.int64)
    steps = np.diff(stamps)
    typical = _typical_step(steps, last_duration, time_base, nominal)
    last = last_duration if last_duration and last_duration > 0 else typical
    return FrameTable(
        pts=stamps,
        end_pts=(pts[-1] if pts else 0) + last,
        time_base=time_base,
        fps=_rate(stamps, typical, time_base, nominal),
        variable=_is_variable(steps),
    )


def _typical_step(
    steps: Ints, last_duration: int | None, time_base: Fraction, nominal: Fraction | None
) -> int:
    if len(steps):
        return max(1, round(float(np.median(steps))))
    if last_duration and last_duration > 0:
        return last_duration
    return max(1, round(1 / ((nominal or Fraction(25)) * time_base)))


def _rate(stamps: Ints, typical: int, time_base: Fraction, nominal: Fraction | None) -> Fraction:
    if len(stamps) < 2:
        return nominal or (1 / (typical * time_base)).limit_denominator(1001)
    span = int(stamps[-1] - stamps[0]) * time_base
    measured = Fraction(len(stamps) - 1) / span
    if nominal and abs(nominal / measured - 1) <= _NOMINAL_TOLERANCE:
        return nominal
    return measured.limit_denominator(100_000)


def _is_variable(steps: Ints) -> bool:
    """Whether steps differ by more than rounding to the time base can explain."""
    if len(steps) < 2:
        return False
    typical = float(np.median(steps))
    rounding = 1.0 if typical >= 4.0 else 0.5
    return bool(np.max(np.abs(steps - typical)) > max(rounding, _STEP_TOLERANCE * typical))
