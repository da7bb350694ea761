"""Curves of confidence: windows over each stay, scored once by a worker, served as bytes."""

from itertools import pairwise

import numpy as np
import pytest

from tests.webapp import factories
from tests.webapp import factories_runs as made
from webapp.core import storage
from webapp.core.errors import Conflict
from webapp.jobs.models import Job
from webapp.reviews.services import remove_video
from webapp.runs import curve_files, curves, gpu
from webapp.runs.windows import sliding

EVERY = np.arange(300) / 30


def test_windows_cover_a_stay_from_its_first_frame_to_its_last_in_even_steps():
    windows = sliding(EVERY, 30, 240)
    assert (windows[0][0], windows[-1][1]) == (30, 240)
    assert {last - first for first, last in windows} == {60}
    assert all(b[0] - a[0] in (15, 14, 16) for a, b in pairwise(windows))


def test_a_stay_shorter_than_a_window_is_one_window():
    assert sliding(EVERY, 10, 40) == [(10, 40)]
    assert sliding([0.0], 0, 1) == [(0, 1)]


def test_windows_are_even_in_time_where_frames_are_not():
    times = np.concatenate([np.arange(100) / 50, 2 + np.arange(50) / 10])
    lengths = {last - first for first, last in sliding(times, 0, 150)}
    assert min(lengths) == 20 and max(lengths) == 100


class Report:
    def __call__(self, stage: str, progress: float) -> None:
        assert 0 <= progress <= 1


@pytest.fixture
def run(label_set, project):
    """Somebody for four seconds, somebody else for one, as far as the files say."""
    made.shipped(project)
    run = made.analysed(project, (((0, 120),), ((60, 90),)), video=_video(project))
    return run


def _video(project):
    return factories.video(project, frames=120, duration_s=4.0)


def url(run) -> str:
    return f"/api/runs/{run.pk}/curves/"


def test_until_a_worker_has_scored_the_windows_there_is_nothing(client_of, run, viewer, reviewer):
    assert client_of(viewer).get(url(run)).status_code == 204
    asked = client_of(reviewer).post(url(run))
    assert (asked.status_code, asked.json()) == (202, {"state": "computing"})
    client_of(reviewer).post(url(run))
    assert Job.objects.filter(kind="curves", subject_id=run.pk).count() == 1

    curves.compute(run_id=run.pk, report=Report())
    answer = client_of(viewer).get(url(run))
    windows = int(answer["X-Windows"])
    labels = [int(label) for label in answer["X-Labels"].split(",")]
    heads = np.frombuffer(answer.content[: 12 * windows], "<i4").reshape(windows, 3)
    shares = np.frombuffer(answer.content[12 * windows :], np.uint8).reshape(windows, len(labels))
    assert heads[:, 0].tolist() == sorted(heads[:, 0].tolist())
    assert {0, 1} == set(heads[:, 0].tolist())
    assert (heads[heads[:, 0] == 0][0, 1], heads[heads[:, 0] == 0][-1, 2]) == (0, 120)
    assert heads[heads[:, 0] == 1].tolist() == [[1, 60, 90]]
    assert np.abs(shares.sum(axis=1) - 255.0).max() <= len(labels)
    assert client_of(reviewer).post(url(run)).json() == {"state": "ready"}
    again = client_of(viewer).get(url(run), headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_each_window_has_the_score_that_the_head_gives_it(run):
    curves.compute(run_id=run.pk, report=Report())
    classifier = run.video.project.classifiers.get(state="active")
    found = curve_files.packed(run, classifier)
    vectors = curve_files.vectors_name(run, classifier.feature_version)
    weights = storage.path_of(classifier.weights_file)
    spans, outputs = gpu.score_windows(weights, vectors)
    heads = np.frombuffer(found.content[: 12 * found.windows], "<i4").reshape(-1, 3)
    shares = np.frombuffer(found.content[12 * found.windows :], np.uint8)
    shares = shares.reshape(found.windows, -1) / 255
    assert (heads == spans).all()
    column = found.label_ids.index(classifier.label_ids[0])
    assert np.abs(shares[:, column] - outputs[:, 0]).max() < 0.006


def test_doing_it_twice_changes_nothing_and_another_classifier_reads_the_same_vectors(run):
    curves.compute(run_id=run.pk, report=Report())
    folder = storage.path_of(curve_files.vectors_name(run, run.feature_version)).parent
    before = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}
    curves.compute(run_id=run.pk, report=Report())
    assert {file.name: file.stat().st_mtime_ns for file in folder.iterdir()} == before
    assert sorted(name.split("-")[0] for name in before) == ["scores", "windows"]


def test_without_a_classifier_or_with_one_for_other_features_it_says_so(project, run, reviewer):
    active = project.classifiers.filter(state="active")
    active.update(feature_version="older")
    with pytest.raises(Conflict, match="reads other features"):
        curves.ask_for_curves(run=run, by=reviewer)
    active.update(state="retired")
    with pytest.raises(Conflict, match="no active classifier"):
        curves.ask_for_curves(run=run, by=reviewer)


def test_who_may_read_and_ask(statuses, run):
    assert statuses(lambda c: c.get(url(run))) == {
        "anonymous": 401, "outsider": 404, "viewer": 204, "reviewer": 204, "admin": 204,
    }  # fmt: skip
    assert statuses(lambda c: c.post(url(run))) == {
        "anonymous": 401, "outsider": 404, "viewer": 403, "reviewer": 202, "admin": 202,
    }  # fmt: skip


def test_scores_go_with_their_video(run, django_capture_on_commit_callbacks):
    curves.compute(run_id=run.pk, report=Report())
    folder = storage.path_of(curve_files.vectors_name(run, run.feature_version)).parent
    assert folder.exists()
    with django_capture_on_commit_callbacks(execute=True):
        remove_video(video=run.video, force=True)
    assert not folder.exists()
