"""People are put before the other learnt clips' places, never before those that are measured."""

from __future__ import annotations

import numpy as np
import pytest

from inference.adaptation import AdaptConfig, tuning
from inference.adaptation.clips import cut_lessons, label_clips
from inference.adaptation.keypoint_files import KeypointFiles
from inference.pose.dcpose import DCPose
from inference.pose.surroundings import place_of
from inference.types import never_cancelled, no_progress
from inference.video.frames import read_clip
from tests.inference.adaptation.conftest import TINY, Cameras


def test_each_learnt_clip_lends_its_place(
    cameras: Cameras, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = AdaptConfig(steps=1, batch=4, head_share=0.0, held_out=("Walk_2",))
    teacher = KeypointFiles(cameras.keypoints)
    found = label_clips(cameras.clips, teacher, config, no_progress, never_cancelled)
    lessons = cut_lessons(found.learnt, 1000, never_cancelled)
    wanted = [place_of(read_clip(clip).frames) for clip in cameras.clips[:3]]
    assert np.array_equal(lessons.places, wanted)

    mixes = []
    real = tuning.Mix
    monkeypatch.setattr(tuning, "Mix", lambda *given: mixes.append(real(*given)) or mixes[-1])
    tuning.tuned(
        DCPose(TINY),
        lessons,
        config,
        device="cpu",
        bfloat16=False,
        progress=no_progress,
        is_cancelled=never_cancelled,
        on_curve=None,
    )
    assert [mix.places for mix in mixes] == [lessons.places]
