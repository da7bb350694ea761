"""Stages meet: people come out of clips, clips without people are no accident."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from inference.classify.head import ActionHead
from inference.config import WEIGHTS
from inference.errors import BadInput, Cancelled, ModelError
from inference.features.vector import FEATURE_NAMES
from inference.pipeline import STAGES, Pipeline
from inference.skeleton import COCO17
from inference.track.config import TrackConfig
from inference.types import Clip, FrameTable, Poses, Tracks
from inference.video.proxy import write_frames
from inference.video.synthetic import render_clip, write_video
from tests.inference.fakes import fake_config, fake_head, fake_pipeline

SHIPPED = all((WEIGHTS / f"{name}.safetensors").exists() for name in ("detector", "pose", "action"))


def clip_of(people=1, frames=40, fps=30):
    """A light upright that walks to the right, or nobody."""
    pixels = np.full((frames, 72, 96, 3), 12, np.uint8)
    if people:
        for t in range(frames):
            pixels[t, 10:62, 10 + t : 28 + t] = 200
    table = FrameTable(np.arange(frames), frames, Fraction(1, fps), Fraction(fps))
    return Clip("made", pixels, table)


def written(folder, clip, name="clip.mp4"):
    write_frames(folder / name, iter(clip.frames), clip.table, options={"crf": "10"})
    return folder / name


def test_a_clip_goes_the_whole_way(tmp_path):
    stages = []
    prediction = fake_pipeline(tmp_path).predict(
        written(tmp_path, clip_of()), progress=lambda stage, part: stages.append(stage)
    )
    assert (prediction.frames, prediction.fps, prediction.size) == (40, 30, (96, 72))
    (track,) = prediction.tracks
    assert (track.track, track.start_frame, track.end_frame) == (0, 0, 40)
    assert [(s.start_frame, s.end_frame) for s in track.segments] == [(0, 40)]
    assert prediction.label == track.segments[0].label == next(iter(prediction.probabilities))
    assert sum(prediction.probabilities.values()) == pytest.approx(1, abs=1e-4)
    assert tuple(dict.fromkeys(stages)) == STAGES
    assert set(prediction.timings_s) == {*STAGES, "total"}
    assert {"detector", "pose", "action", "features", "pipeline"} <= set(prediction.models)


@pytest.mark.parametrize("frames", [1, 40])
def test_a_clip_without_people_has_no_label(tmp_path, frames):
    prediction = fake_pipeline(tmp_path).predict(written(tmp_path, clip_of(0, frames)))
    assert prediction.tracks == ()
    assert prediction.label is None
    assert prediction.probabilities == {}


def test_a_clip_of_one_frame_can_be_classified(tmp_path):
    prediction = fake_pipeline(tmp_path).predict(written(tmp_path, clip_of(1, 1)))
    assert len(prediction.tracks) == 1
    assert prediction.label is not None


def test_a_long_track_comes_in_touching_segments(tmp_path):
    clip = clip_of(frames=45, fps=5)
    prediction = fake_pipeline(tmp_path).predict(written(tmp_path, clip))
    (track,) = prediction.tracks
    edges = [(s.start_frame, s.end_frame) for s in track.segments]
    assert edges[0][0] == 0
    assert edges[-1][1] == 45
    assert all(a[1] == b[0] for a, b in pairwise(edges))


def test_poses_take_a_clip_or_a_path(tmp_path):
    pipeline, clip = fake_pipeline(tmp_path), clip_of()
    from_clip, from_path = pipeline.poses(clip), pipeline.poses(written(tmp_path, clip))
    assert from_clip.keypoints.shape == from_path.keypoints.shape == (1, 40, 17, 3)


def test_bad_input_and_long_clips_are_refused(tmp_path):
    (tmp_path / "bad.mp4").write_bytes(b"no clip")
    with pytest.raises(BadInput):
        fake_pipeline(tmp_path).predict(tmp_path / "bad.mp4")
    with pytest.raises(BadInput) as caught:
        fake_pipeline(tmp_path, max_frames=39).predict(written(tmp_path, clip_of()))
    assert caught.value.code == "too_long"


@pytest.mark.parametrize("after", range(4))
def test_work_stops_when_asked(tmp_path, after):
    asked = []

    def is_cancelled():
        asked.append(True)
        return len(asked) > after

    with pytest.raises(Cancelled):
        fake_pipeline(tmp_path).predict(
            written(tmp_path, clip_of(frames=20)), is_cancelled=is_cancelled
        )


def test_the_fingerprint_tells_settings_and_weights_apart(tmp_path):
    base = fake_pipeline(tmp_path).fingerprint
    assert fake_pipeline(tmp_path).fingerprint == base
    (tmp_path / "elsewhere").mkdir()
    assert fake_pipeline(tmp_path / "elsewhere").fingerprint == base
    assert fake_pipeline(tmp_path, track=TrackConfig(patience=3)).fingerprint != base
    config = fake_config(tmp_path)
    (tmp_path / "pose.json").write_text('{"sha256": "other weights"}')
    pipeline = fake_pipeline(tmp_path)
    assert pipeline.fingerprint == base  # fake_config wrote the card anew
    (tmp_path / "pose.json").write_text('{"sha256": "other weights"}')
    assert Pipeline(pipeline._detector, pipeline._estimator, config).fingerprint != base


def test_predicting_does_not_change_the_fingerprint(tmp_path):
    pipeline = fake_pipeline(tmp_path)
    before = pipeline.fingerprint
    pipeline.predict(written(tmp_path, clip_of(frames=4)))
    assert pipeline.fingerprint == before


def test_short_tracks_do_not_speak_for_the_clip(tmp_path):
    poses = fake_pipeline(tmp_path).poses(clip_of())

    def and_short(array):
        short = array.copy()
        short[:, 15:] = np.nan
        return np.concatenate([array, short])

    tracks = Tracks(
        and_short(poses.tracks.boxes_xyxy),
        and_short(poses.tracks.scores),
        np.zeros((2, 40), np.bool_),
    )
    joints = and_short(poses.keypoints)
    both = Poses(tracks, joints, "coco17", poses.fps, poses.size, poses.times_s)
    found, label, probabilities = fake_pipeline(tmp_path).classify(both, fake_head())
    assert len(found) == 2
    assert probabilities == found[0].segments[0].probabilities
    assert label == found[0].segments[0].label


def test_another_head_can_be_given(tmp_path):
    pipeline = fake_pipeline(tmp_path)
    prediction = pipeline.predict(written(tmp_path, clip_of()), head=fake_head(("Dance", "Sleep")))
    assert set(prediction.probabilities) == {"Dance", "Sleep"}


def test_missing_weights_are_our_fault(tmp_path):
    with pytest.raises(ModelError):
        Pipeline.load(fake_config(tmp_path), device="cpu")
    pipeline = fake_pipeline(tmp_path)
    (tmp_path / "action.safetensors").unlink()
    with pytest.raises(ModelError):
        _ = pipeline.head


@pytest.mark.slow
@pytest.mark.skipif(not SHIPPED, reason="the trained weights are not all here yet")
def test_the_shipped_weights_find_the_rendered_figure(tmp_path):
    clip, truth = render_clip([("Walk", 1.0), ("Wave", 1.0)], seed=0, fps=Fraction(15))
    write_video(tmp_path / "demo.mp4", clip)
    pipeline = Pipeline.load(device="cpu")
    poses = pipeline.poses(tmp_path / "demo.mp4")
    assert len(poses.tracks) >= 1
    assert poses.tracks.present[0].mean() > 0.6
    torso = [
        COCO17.index(f"{side}_{part}") for side in ("left", "right") for part in ("shoulder", "hip")
    ]
    both = poses.tracks.present[0]
    gap = poses.keypoints[0, both][:, torso, :2] - truth.keypoints[0, both][:, torso, :2]
    height = (truth.tracks.boxes_xyxy[0, both, 3] - truth.tracks.boxes_xyxy[0, both, 1]).mean()
    assert np.median(np.linalg.norm(gap, axis=-1)) < 0.12 * height
    assert isinstance(pipeline.head, ActionHead)
    assert pipeline.head.feature_count == len(FEATURE_NAMES)
