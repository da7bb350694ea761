"""The analysis task: from a stored video to tracks on its page, whatever happens on the way."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from inference.errors import BadInput, ModelError, TransientError
from inference.features.windows import SegmentSpan
from tests.webapp import factories, factories_runs
from webapp.classifiers.models import ClassifierVersion
from webapp.classifiers.services import activate_classifier
from webapp.core import storage
from webapp.core.models import WorkState
from webapp.jobs.models import Job
from webapp.runs import analysis, gpu, services, tasks
from webapp.runs.features import read_file
from webapp.runs.models import PipelineRun, Segment, SegmentPrediction, Track, VideoPrediction
from webapp.videos.models import VideoState

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(project, label_set):
    return factories.video(project)


@pytest.fixture
def run(video):
    return services.start_run(video=video, by=video.uploaded_by)


def analyse(run) -> tuple[str, str, str]:
    """States of run, job and video after the task."""
    tasks.analyse_video(run.pk, run.job_id)
    run.refresh_from_db()
    return run.state, Job.objects.get(pk=run.job_id).state, run.video.state


DONE = (WorkState.DONE, WorkState.DONE, VideoState.ANALYSED)


def test_a_clip_gets_tracks_and_a_label(run, pipeline):
    assert analyse(run) == DONE
    assert VideoPrediction.objects.get(run=run).classifier.number == 1
    assert storage.path_of(run.poses_file).exists()
    assert pipeline.calls == [storage.path_of(run.video.original_file)]
    assert run.models_used == {"pipeline": "scripted", "features": gpu.feature_version()}
    assert run.timings_s == {"decode": 0.5}


def test_a_run_tells_what_the_networks_saw_also_when_poses_are_used_again(
    run, pipeline, client_of, viewer
):
    seen = {"detector": {"treatment": "raw", "mean": 0.06, "noise": 0.002, "contrast": 41.5}}
    pipeline.answer = replace(pipeline.answer, exposure=seen)
    analyse(run)
    assert run.exposure == seen
    again = services.start_run(video=run.video, by=None)
    analyse(again)
    assert (len(pipeline.calls), again.exposure) == (1, seen)
    shown = client_of(viewer).get(f"/api/videos/{run.video_id}/tracks/").json()
    assert shown["run"]["exposure"] == seen


def test_the_project_gets_the_shipped_classifier_with_its_first_clip(run, pipeline, project):
    analyse(run)
    version = ClassifierVersion.objects.get(project=project)
    assert (version.number, version.state, version.created_by) == (1, "active", None)


def test_a_classifier_for_older_features_says_nothing_and_spoils_nothing(run, pipeline, project):
    factories_runs.shipped(project)
    ClassifierVersion.objects.update(feature_version="older")
    assert analyse(run) == DONE
    assert Track.objects.filter(run=run).exists()
    assert not SegmentPrediction.objects.exists()
    assert "version 1 reads an older description" in run.video.message


def test_a_long_track_is_cut_where_the_active_version_sees_actions_change(
    project, label_set, pipeline, monkeypatch
):
    asked = []

    def halves(poses, head):
        asked.append(head)
        return [SegmentSpan(0, 0, 100), SegmentSpan(0, 100, 300)]

    monkeypatch.setattr("inference.pipeline.cut_tracks", halves)
    pipeline.answer = factories_runs.poses((((0, 300),),), frames=300)
    run = services.start_run(video=factories.video(project, frames=300), by=None)
    assert analyse(run) == DONE
    cuts = Segment.objects.order_by("feature_row").values_list("start_frame", "end_frame")
    assert list(cuts) == [(0, 100), (100, 300)]
    assert len(read_file(storage.path_of(run.features_file))) == 2
    [head] = asked
    assert head.labels == tuple(ClassifierVersion.objects.get().output_names)


def test_a_second_message_for_the_same_job_does_nothing(run, pipeline):
    analyse(run)
    rows = list(Track.objects.values_list("pk"))
    assert analyse(run) == DONE
    assert (len(pipeline.calls), list(Track.objects.values_list("pk"))) == (1, rows)


def test_poses_of_the_same_bytes_are_used_again(run, pipeline):
    analyse(run)
    again = services.start_run(video=run.video, by=None)
    assert analyse(again) == DONE
    assert len(pipeline.calls) == 1
    assert again.poses_file == run.poses_file


def test_another_fingerprint_means_other_poses(run, pipeline):
    analyse(run)
    pipeline.fingerprint = "better"
    again = services.start_run(video=run.video, by=None)
    analyse(again)
    assert len(pipeline.calls) == 2
    assert again.poses_file != run.poses_file


def test_nobody_in_the_clip(run, pipeline):
    pipeline.answer = factories_runs.poses(())
    assert analyse(run) == DONE
    assert (run.people, run.video.message) == (0, "Nobody was found in this clip.")


@pytest.mark.parametrize("kind", [BadInput, ModelError])
def test_what_the_library_refuses_is_said_on_the_card(run, pipeline, kind):
    pipeline.answer = kind("too_dark", "The clip is black.")
    assert analyse(run) == (WorkState.FAILED, WorkState.FAILED, VideoState.FAILED)
    assert (run.video.error_code, run.video.message) == ("too_dark", "The clip is black.")
    assert not storage.path_of("poses").exists() or not any(storage.path_of("poses").rglob("*.npz"))


def test_a_complaint_names_the_clip_as_people_do(run, pipeline):
    stored = storage.path_of(run.video.original_file).name
    pipeline.answer = BadInput("truncated", f"{stored}: ends too early.")
    analyse(run)
    assert run.video.message == f"{run.video.name}: ends too early."


def test_a_transient_error_is_tried_again_and_then_said(run, pipeline, settings):
    settings.JOB_MAX_ATTEMPTS = 2
    pipeline.answer = TransientError("busy", "The device is busy.")
    assert analyse(run) == (WorkState.RUNNING, WorkState.QUEUED, VideoState.ANALYSING)
    assert analyse(run) == (WorkState.FAILED, WorkState.FAILED, VideoState.FAILED)
    assert run.video.error_code == "busy"


def test_our_own_faults_are_told_apart(run, pipeline):
    pipeline.answer = ZeroDivisionError("oops")
    analyse(run)
    assert (run.video.state, run.video.error_code) == (VideoState.FAILED, "internal")
    assert "oops" not in run.video.message


def test_a_waiting_run_is_cancelled_at_once(run, pipeline):
    services.cancel_run(run=run)
    run.refresh_from_db()
    assert (run.state, run.video.state) == (WorkState.CANCELLED, VideoState.CANCELLED)
    analyse(run)
    assert pipeline.calls == []


def test_a_running_run_stops_when_asked(run, pipeline):
    pipeline.during = lambda: services.cancel_run(run=PipelineRun.objects.get(pk=run.pk))
    assert analyse(run) == (WorkState.CANCELLED, WorkState.CANCELLED, VideoState.CANCELLED)
    assert not Track.objects.exists()
    again = services.start_run(video=run.video, by=None)
    pipeline.during = lambda: None
    assert analyse(again) == DONE


class Killed(BaseException):
    """As when the process is gone: nothing gets to clean up."""


def expire(run):
    job = Job.objects.get(pk=run.job_id)
    job.lease_expires_at = job.created_at.replace(year=2000)
    job.save()


@pytest.mark.parametrize("step", ["compute_run", "classify_features"])
def test_a_worker_killed_half_way_leaves_work_that_another_finishes(
    run, pipeline, monkeypatch, step
):
    def die(*args, **kwargs):
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(gpu, step, die)
        tasks.analyse_video(run.pk, run.job_id)
    assert not Track.objects.exists()
    assert analyse(run)[1] == WorkState.RUNNING  # the lease lasts: nobody takes it away
    expire(run)
    assert analyse(run) == DONE
    assert Track.objects.count() == 1


def test_a_worker_killed_after_storing_leaves_nothing_to_do_again(run, pipeline, monkeypatch):
    store = services.store_results

    def store_and_die(**kwargs):
        store(**kwargs)
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(services, "store_results", store_and_die)
        tasks.analyse_video(run.pk, run.job_id)
    rows = list(Track.objects.values_list("pk"))
    expire(run)
    assert analyse(run) == DONE
    assert list(Track.objects.values_list("pk")) == rows


def test_a_promotion_that_comes_between_speaks(run, pipeline, project, monkeypatch):
    factories_runs.shipped(project)
    second = factories_runs.candidate(project)
    classify = gpu.classify_features
    calls = []

    def classify_and_promote(*args):
        calls.append(args)
        if len(calls) == 1:
            activate_classifier(version=second)
        return classify(*args)

    monkeypatch.setattr(gpu, "classify_features", classify_and_promote)
    assert analyse(run) == DONE
    assert set(SegmentPrediction.objects.values_list("classifier__number", flat=True)) == {2}


def test_a_new_video_is_analysed_once(video, sent_tasks, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        tasks.analyse_new_video(video.pk)
        tasks.analyse_new_video(video.pk)
        tasks.analyse_new_video(0)
    run = PipelineRun.objects.get()
    assert sent_tasks == [("webapp.runs.tasks.analyse_video", [run.pk, run.job_id])]
    assert run.created_by == video.uploaded_by


def test_progress_never_goes_back():
    seen = []
    progress = analysis.OverallProgress(lambda stage, value: seen.append(value))
    for stage, fraction in [("decode", 1), ("detect", 0.5), ("decode", 0), ("odd", 0), ("pose", 1)]:
        progress(stage, fraction)
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(0.05 + 0.35 / 2 + 0.5)


def test_progress_is_shared_by_stages_that_go_on_together():
    seen = []
    progress = analysis.OverallProgress(lambda stage, value: seen.append(value))
    for stage in analysis.SHARES:
        progress(stage, 0.5)
    assert seen[-1] == pytest.approx(sum(analysis.SHARES.values()) / 2)


def test_a_video_whose_message_was_lost_is_analysed_later(project, label_set, settings):
    lost, recent = factories.video(project), factories.video(project)
    factories.video(project, state=VideoState.REJECTED)
    long_ago = timezone.now() - timedelta(seconds=settings.JOB_RESEND_SECONDS + 1)
    for video, ended in ((lost, long_ago), (recent, timezone.now())):
        factories.job(project, subject_id=video.pk, state=WorkState.DONE, finished_at=ended)
    assert services.start_missing_runs() == 1
    assert PipelineRun.objects.get().video == lost
    assert services.start_missing_runs() == 0
