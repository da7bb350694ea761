"""The figures of a training come with intervals, honesty, and the clips behind them."""

import json

import pytest

from tests.webapp.training.conftest import QUICK
from webapp.core import storage
from webapp.reviews.services import remove_video
from webapp.training import evaluations, services, tasks

pytestmark = pytest.mark.django_db


@pytest.fixture
def taught(project, teach, admin):
    """A done run with one held-out clip of the project, and that clip."""
    clips = teach("Wave", 5)
    run = services.start_training(project=project, by=admin, config=QUICK)
    tasks.train_head(run.pk, run.job_id)
    run.refresh_from_db()
    assert run.state == "done"
    return run, clips[4]


def test_both_versions_answer_for_each_held_out_segment(taught):
    run, clip = taught
    evaluation = evaluations.evaluation_of(run)
    [row] = evaluation["segments"]
    assert evaluation["base"] + 1 == run.metrics["count"] == run.training_set.summary["eval"]
    assert (row["segment_id"], row["video_id"]) == (clip.main_segment_id, clip.video_id)
    assert (row["truth"], row["video_name"]) == ("Wave", clip.video.name)
    for answer in (row["candidate"], row["baseline"]):
        assert 0 < answer["probability"] <= 1
    labels = run.metrics["confusion"]["labels"]
    counts = run.metrics["confusion"]["counts"]
    said = row["candidate"]["label"]
    assert counts[labels.index("Wave")][labels.index(said)] == 1


def test_figures_have_intervals_and_differences(taught):
    run, _ = taught
    accuracy = run.comparison["figures"]["accuracy"]
    low, high = accuracy["candidate"]
    assert low <= run.metrics["accuracy"] <= high
    gain = run.metrics["accuracy"] - run.baseline_metrics["accuracy"]
    assert accuracy["difference"] == pytest.approx(gain)
    assert (run.comparison["level"], run.comparison["groups"]) == (0.95, 46)
    assert set(run.comparison["f1"]) == {"Jump", "Run", "Sit", "Stand", "Turn", "Walk", "Wave"}


def test_the_calibration_of_both_is_told(taught):
    run, _ = taught
    for honesty in run.comparison["reliability"].values():
        assert 0 <= honesty["ece"] <= 1
        assert sum(one["count"] for one in honesty["bins"]) == run.metrics["count"]


def test_clips_that_are_gone_are_left_out(taught):
    run, clip = taught
    remove_video(video=clip.video, force=True)
    assert evaluations.evaluation_of(run)["segments"] == []


def test_what_was_measured_stays_a_file_of_its_content(taught):
    run, _ = taught
    content = storage.path_of(run.evaluation_file).read_bytes()
    again = evaluations.store_evaluation(project_id=run.project_id, evaluation=json.loads(content))
    assert again == run.evaluation_file


def test_members_may_look_at_the_evaluation(statuses, taught):
    run, _ = taught
    seen = {"anonymous": 401, "outsider": 404, "viewer": 200, "reviewer": 200, "admin": 200}
    address = f"/api/training-runs/{run.pk}/evaluation/"
    assert statuses(lambda client: client.get(address)) == seen


def test_the_version_names_the_set_it_learned_from(client_of, viewer, taught):
    run, _ = taught
    body = client_of(viewer).get(f"/api/training-runs/{run.pk}/").json()
    assert body["candidate"]["training_set_hash"] == body["training_set"]["content_hash"]
    assert len(body["baseline"]["training_set_hash"]) == 64  # the shipped base set
    assert body["comparison"] == run.comparison
