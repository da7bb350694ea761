"""Making a version active: first its word on every clip, then the switch; and back again."""

import pytest

from tests.webapp import factories, factories_runs
from webapp.classifiers.models import ClassifierVersion
from webapp.classifiers.selectors import active_classifier
from webapp.core import storage
from webapp.core.errors import Conflict, Refused
from webapp.jobs.models import Job
from webapp.reviews.services import remove_video
from webapp.runs import features, gpu, library
from webapp.runs.models import PipelineRun, SegmentPrediction, VideoPrediction
from webapp.training import promotions, tasks, work
from webapp.videos.models import Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def runs(project):
    runs = [factories_runs.analysed(project, seed=i) for i in range(3)]
    factories_runs.analysed(project, ())  # nobody in it
    return runs


@pytest.fixture
def second(project):
    return factories_runs.candidate(project)


def start(version, by):
    return promotions.start_promotion(version=version, by=by)


def promote(promotion):
    if promotion.job_id is not None:  # none: it was done at once
        tasks.promote_classifier(promotion.pk, promotion.job_id)
    promotion.refresh_from_db()
    return promotion


def spoken(version):
    rows = VideoPrediction.objects.filter(classifier=version)
    return set(rows.values_list("run_id", flat=True))


def refusal(call):
    with pytest.raises((Conflict, Refused)) as error:
        call()
    return error.value.code


def test_every_clip_is_predicted_and_the_version_becomes_active(project, runs, second, admin):
    promotion = promote(start(second, admin))
    assert (promotion.state, promotion.is_rollback) == ("done", False)
    assert (promotion.from_version.number, promotion.created_by) == (1, admin)
    assert active_classifier(project.pk) == second
    assert spoken(second) == {run.pk for run in runs}
    assert SegmentPrediction.objects.filter(classifier=second).count() == 3


def test_predictions_are_complete_before_the_switch(project, runs, second, admin, monkeypatch):
    seen = []
    complete = promotions.complete_promotion

    def look_first(**kwargs):
        seen.append((active_classifier(project.pk).number, len(spoken(second))))
        return complete(**kwargs)

    monkeypatch.setattr(promotions, "complete_promotion", look_first)
    promote(start(second, admin))
    assert seen == [(1, 3)]


def test_the_way_back_is_a_promotion_too(project, runs, second, admin):
    promote(start(second, admin))
    first = ClassifierVersion.objects.get(number=1)
    promotion = promote(start(first, admin))
    assert (promotion.is_rollback, promotion.from_version) == (True, second)
    assert active_classifier(project.pk) == first


def test_the_way_back_needs_no_worker(project, runs, second, admin, monkeypatch, client_of):
    promote(start(second, admin))
    monkeypatch.setattr(gpu, "classify_features", None)
    first = ClassifierVersion.objects.get(number=1)
    answer = client_of(admin).post(f"/api/classifiers/{first.pk}/promotion/")
    assert (answer.status_code, answer.json()["state"], answer.json()["job"]) == (200, "done", None)
    assert active_classifier(project.pk) == first


def test_the_way_back_predicts_only_clips_that_came_since(
    project, runs, second, admin, monkeypatch
):
    promote(start(second, admin))
    late = factories_runs.analysed(project, seed=9)
    asked = []
    classify = gpu.classify_features
    monkeypatch.setattr(gpu, "classify_features", lambda *of: asked.extend(of[1]) or classify(*of))
    first = ClassifierVersion.objects.get(number=1)
    assert promote(start(first, admin)).state == "done"
    assert asked == [storage.path_of(late.features_file)]
    assert late.pk in spoken(first)


def test_a_clip_analysed_meanwhile_is_predicted_too(project, runs, second, admin, monkeypatch):
    predict = work.predict_missing
    late = []

    def predict_and_analyse(**kwargs):
        tried = predict(**kwargs)
        if not late:
            late.append(factories_runs.analysed(project, seed=9))
        return tried

    monkeypatch.setattr(work, "predict_missing", predict_and_analyse)
    promote(start(second, admin))
    assert late[0].pk in spoken(second)
    assert active_classifier(project.pk) == second


def test_a_large_library_is_predicted_in_batches(project, runs, second, admin, monkeypatch):
    monkeypatch.setattr(library, "ROWS_AT_ONCE", 2)
    promote(start(second, admin))
    assert spoken(second) == {run.pk for run in runs}


def test_a_clip_deleted_meanwhile_is_passed_over(
    project, runs, second, admin, monkeypatch, django_capture_on_commit_callbacks
):
    classify = gpu.classify_features

    def delete_first(weights, paths):
        with django_capture_on_commit_callbacks(execute=True):
            for video in Video.objects.filter(pk=runs[0].video_id):
                remove_video(video=video)
        return classify(weights, paths)

    monkeypatch.setattr(gpu, "classify_features", delete_first)
    assert promote(start(second, admin)).state == "done"
    assert spoken(second) == {run.pk for run in runs[1:]}


def test_a_clip_deleted_after_it_was_read_is_passed_over(project, runs, second, admin, monkeypatch):
    classify = gpu.classify_features

    def delete_afterwards(weights, paths):
        outputs = classify(weights, paths)
        for video in Video.objects.filter(pk=runs[0].video_id):
            remove_video(video=video)
        return outputs

    monkeypatch.setattr(gpu, "classify_features", delete_afterwards)
    assert promote(start(second, admin)).state == "done"
    assert spoken(second) == {run.pk for run in runs[1:]}


def test_features_of_an_older_library_are_made_anew(project, runs, second, admin):
    old = runs[0]
    path = storage.path_of(old.features_file)
    path.unlink()
    PipelineRun.objects.filter(pk=old.pk).update(feature_version="old", features_file="gone.npz")
    promote(start(second, admin))
    old.refresh_from_db()
    assert old.feature_version == gpu.feature_version()
    assert len(features.read_file(storage.path_of(old.features_file))) == 1
    assert old.pk in spoken(second)


def test_what_cannot_be_promoted_is_refused(project, second, admin):
    first = ClassifierVersion.objects.get(number=1)
    third = factories_runs.candidate(project, state="discarded")
    blind = factories_runs.candidate(project, label_ids=[None] * 6)
    assert refusal(lambda: start(first, admin)) == "already_active"
    assert refusal(lambda: start(third, admin)) == "discarded"
    assert refusal(lambda: start(blind, admin)) == "no_labels"
    start(second, admin)
    assert refusal(lambda: start(factories_runs.candidate(project), admin)) == "already_promoting"
    assert refusal(lambda: promotions.discard_candidate(version=second)) == "promoting"


def test_a_broken_promotion_leaves_the_active_version(project, runs, second, admin, monkeypatch):
    def break_down(*args, **kwargs):
        raise RuntimeError("boom")

    monkeypatch.setattr(gpu, "classify_features", break_down)
    promotion = promote(start(second, admin))
    assert (promotion.state, Job.objects.get(pk=promotion.job_id).error_code) == (
        "failed",
        "internal",
    )
    assert active_classifier(project.pk).number == 1
    monkeypatch.undo()
    assert promote(start(second, admin)).state == "done"


class Killed(BaseException):
    """As when the process is gone: nothing gets to clean up."""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_killed_at_the_switch_leaves_work_that_another_finishes(
    project, runs, second, admin, monkeypatch, when
):
    promotion = start(second, admin)
    complete = promotions.complete_promotion

    def die(**kwargs):
        if when == "after":
            complete(**kwargs)
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(promotions, "complete_promotion", die)
        tasks.promote_classifier(promotion.pk, promotion.job_id)
    job = Job.objects.get(pk=promotion.job_id)
    job.lease_expires_at = job.created_at.replace(year=2000)
    job.save()
    promote(promotion)
    job.refresh_from_db()
    assert (promotion.state, job.state) == ("done", "done")
    assert active_classifier(project.pk) == second
    assert len(spoken(second)) == 3


def test_a_second_message_does_nothing(project, runs, second, admin):
    promotion = promote(start(second, admin))
    promote(promotion)
    assert (promotion.state, promotion.from_version.number) == ("done", 1)


def test_an_empty_library_is_promoted_at_once(project, second, admin):
    factories.video(project)
    assert promote(start(second, admin)).state == "done"
