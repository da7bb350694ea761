"""From what the network says of single frames to one person's skeletons over time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from inference.pose.choose import ChooseConfig, likeliest
from inference.pose.smooth import SmoothConfig, smoothed
from inference.types import Floats


def settled(
    found: Floats, times_s: npt.NDArray[np.float64], choose: ChooseConfig, smooth: SmoothConfig
) -> Floats:
    """One person's joints: the likeliest way through their peaks, then steadied.

    Args:
        found: float32 [T, K, 3 * (1 + R)], see ``likeliest``; NaN where the person is absent.
        times_s: float64 [T], rising.
        choose: how ways through the peaks are judged.
        smooth: how far neighbours have a say.

    Returns:
        float32 [T, K, 3]: x px, y px, score; NaN where it was NaN.

    Raises:
        ModelError: the shapes do not fit together.
    """
    return smoothed(likeliest(found, times_s, choose), times_s, smooth)
