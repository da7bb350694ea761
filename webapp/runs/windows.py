"""Lays windows of one length over the time in which somebody is there, for curves of scores."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

LENGTH_S = 2.0
"""Of a window: what a head was taught to name, see ``inference.features.windows``."""

STRIDE_S = 0.5
"""From one window to the next."""


def sliding(
    times_s: Sequence[float] | npt.NDArray[np.float64],
    start_frame: int,
    end_frame: int,
    length_s: float = LENGTH_S,
    stride_s: float = STRIDE_S,
) -> list[tuple[int, int]]:
    """Half-open frame ranges that cover ``[start_frame, end_frame)``.

    Args:
        times_s: [T] when each frame of the clip begins, rising.
        start_frame: first frame of the stay.
        end_frame: behind its last.
        length_s: of each window; a shorter stay is one window.
        stride_s: between their beginnings; the last one ends with the stay.
    """
    times = np.asarray(times_s, np.float64)
    usual = float(np.median(np.diff(times))) if len(times) > 1 else length_s
    edges = np.append(times, times[-1] + usual)[start_frame : end_frame + 1]
    room = float(edges[-1] - edges[0]) - length_s
    if room <= 0:
        return [(start_frame, end_frame)]
    starts = edges[0] + np.linspace(0.0, room, max(1, round(room / stride_s)) + 1)
    firsts = _nearest(edges, starts)
    lasts = np.maximum(_nearest(edges, starts + length_s), firsts + 1)
    found = dict.fromkeys(zip(firsts.tolist(), lasts.tolist(), strict=True))
    return [(start_frame + first, start_frame + last) for first, last in found]


def _nearest(edges: npt.NDArray[np.float64], wanted: npt.NDArray[np.float64]) -> npt.NDArray:
    after = np.clip(np.searchsorted(edges, wanted), 1, len(edges) - 1)
    nearer = wanted - edges[after - 1] <= edges[after] - wanted
    return np.where(nearer, after - 1, after)
