"""The life of a pipeline run, and the one way in which predictions are stored."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.module_loading import import_string

from webapp.accounts.models import User
from webapp.accounts.services import lock_project
from webapp.classifiers.models import ClassifierVersion
from webapp.classifiers.selectors import active_classifier
from webapp.core import storage
from webapp.core.errors import Conflict
from webapp.core.models import UNFINISHED, WorkState
from webapp.estimators.facts import shipped_facts
from webapp.estimators.models import PoseVersion
from webapp.estimators.selectors import active_pose
from webapp.jobs import services as jobs
from webapp.jobs.models import Job, JobKind
from webapp.runs import curve_files, selectors
from webapp.runs.models import PipelineRun, PoseChange, Segment, Track
from webapp.runs.pose_pages import pages_name
from webapp.runs.prediction_sets import Outputs, store_outputs
from webapp.videos.models import Video, VideoState
from webapp.videos.services import bytes_are_in_use, set_video_state

NOBODY = "Nobody was found in this clip."
OUTDATED = (
    "No prediction: version {number} reads an older description of skeletons than this "
    "installation writes. An admin can retrain it."
)
PLAYABLE = (
    VideoState.READY,
    VideoState.ANALYSED,
    VideoState.FAILED,
    VideoState.CANCELLED,
)
RESULTS = (
    *("people", "frames", "skeleton", "exposure"),
    *("feature_version", "models_used", "timings_s"),
)
"""What a run takes over from ``gpu.compute_run`` as it is."""


@transaction.atomic
def start_run(
    *, video: Video, by: User | None, pose_change: PoseChange | None = None
) -> PipelineRun:
    """Queue an analysis of a playable video; one at a time for each video."""
    video = Video.objects.select_for_update().get(pk=video.pk)
    if video.state == VideoState.ANALYSING or selectors.unfinished_run(video):
        raise Conflict("already_running", f"{video.name} is being analysed already.")
    if video.state not in PLAYABLE:
        raise Conflict("not_playable", f"{video.name} cannot be analysed: it is {video.state}.")
    run = PipelineRun.objects.create(video=video, created_by=by, pose_change=pose_change)
    run.job = jobs.create_job(
        project_id=video.project_id, kind=JobKind.ANALYSIS, subject_id=run.pk, by=by
    )
    run.save(update_fields=["job"])
    set_video_state(video_id=video.pk, state=VideoState.ANALYSING)
    jobs.enqueue_job(job=run.job)
    return run


@transaction.atomic
def start_first_run(*, video_id: int) -> PipelineRun | None:
    """Analyse a video that was just ingested; None where it has a run or cannot be analysed."""
    video = Video.objects.select_for_update(of=("self",)).filter(pk=video_id).first()
    if video is None or video.state != VideoState.READY or video.runs.exists():
        return None
    return start_run(video=video, by=video.uploaded_by)


def start_missing_runs() -> int:
    """Analyse videos whose ingest is long done but whose next message was lost with the broker."""
    before = timezone.now() - timedelta(seconds=settings.JOB_RESEND_SECONDS)
    ingested = Job.objects.filter(
        kind=JobKind.INGEST, subject_id=OuterRef("pk"), finished_at__lt=before
    )
    waiting = Video.objects.filter(Exists(ingested), state=VideoState.READY, runs=None)
    ids = list(waiting.order_by("pk").values_list("pk", flat=True))
    return sum(start_first_run(video_id=pk) is not None for pk in ids)


def pose_sha256(version: PoseVersion | None) -> str:
    """Of the version's weights, or of the shipped ones."""
    return version.weights_sha256 if version else shipped_facts().sha256


def name_poses(*, video: Video, fingerprint: str) -> str:
    """Name of the poses file: a hash of all that decides what is in it."""
    key = _hash(video.sha256, fingerprint)
    return f"poses/{key[:2]}/{key}.npz"


def name_features(
    poses_file: str, feature_version: str, spans: Iterable[tuple[int, int, int]]
) -> str:
    """Name of the features file of these poses, cut like this: (person, start, end) a row."""
    cuts = (f"{person} {start} {end}" for person, start, end in spans)
    key = _hash(poses_file, feature_version, *cuts)
    return f"features/{key[:2]}/{key}.npz"


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@transaction.atomic
def mark_running(*, run: PipelineRun) -> None:
    """A worker has begun, with the pose weights that are active now."""
    run.state = WorkState.RUNNING
    run.pose_version = active_pose(run.video.project_id)
    run.pose_sha256 = pose_sha256(run.pose_version)
    run.pose_every = run.pose_version.every if run.pose_version else 1
    run.save(update_fields=["state", "pose_version", "pose_sha256", "pose_every"])


@transaction.atomic
def store_results(
    *,
    run: PipelineRun,
    found: Mapping[str, Any],
    files: Mapping[str, str],
    classifier: ClassifierVersion | None,
    probabilities: Sequence[Sequence[float]] | None,
) -> bool:
    """Write tracks, segments and predictions and finish the run, all or nothing.

    ``probabilities`` has one row for each row of the features file; None stores no predictions,
    where there is no classifier or it cannot read these features. False, and nothing written,
    where another classifier became active since: classify with that one and come again. The lock
    makes promotions and finishing runs take turns, so no shown clip ever lacks predictions.
    """
    lock_project(run.video.project_id)
    video = Video.objects.select_for_update().get(pk=run.video_id)
    run.refresh_from_db()
    if run.state != WorkState.RUNNING:  # ended meanwhile: cancelled, or another worker was faster
        return True
    active = active_classifier(video.project_id)
    if (active and active.pk) != (classifier and classifier.pk):
        return False
    Track.objects.filter(run=run).delete()
    segments = _create_tracks(run, found["tracks"])
    _finish(run, found, files, _main_segment(segments))
    if classifier is not None and probabilities is not None and segments:
        store_outputs(classifier=classifier, outputs=_outputs_of(run, segments, probabilities))
    import_string(settings.AFTER_RUN_STORED)(run=run)
    message = _remark(found, classifier, probabilities)
    set_video_state(video_id=video.pk, state=VideoState.ANALYSED, message=message)
    return True


def _remark(
    found: Mapping[str, Any],
    classifier: ClassifierVersion | None,
    probabilities: Sequence[Sequence[float]] | None,
) -> str:
    if not found["people"]:
        return NOBODY
    if classifier is not None and probabilities is None:
        return OUTDATED.format(number=classifier.number)
    return ""


def _create_tracks(run: PipelineRun, found: Sequence[Mapping[str, Any]]) -> list[Segment]:
    """Rows of all tracks and segments; segments carry their track."""
    tracks = Track.objects.bulk_create(
        Track(
            run=run,
            index=track["index"],
            start_frame=track["start_frame"],
            end_frame=track["end_frame"],
        )
        for track in found
    )
    return Segment.objects.bulk_create(
        Segment(track=row, **segment)
        for row, track in zip(tracks, found, strict=True)
        for segment in track["segments"]
    )


def _outputs_of(
    run: PipelineRun, segments: Sequence[Segment], probabilities: Sequence[Sequence[float]]
) -> Outputs:
    return Outputs(
        segment_ids=np.array([segment.pk for segment in segments], np.int64),
        run_ids=np.full(len(segments), run.pk, np.int64),
        weights=np.array([segment.weight for segment in segments], np.float64),
        values=np.array([probabilities[segment.feature_row] for segment in segments], np.float32),
    )


def _main_segment(segments: Sequence[Segment]) -> Segment | None:
    """The longest segment of the longest track; of equals the first."""

    def rank(segment: Segment) -> tuple[int, int, int, int]:
        track = segment.track
        length = segment.end_frame - segment.start_frame
        return (track.start_frame - track.end_frame, track.index, -length, segment.start_frame)

    return min(segments, key=rank, default=None)


def _finish(
    run: PipelineRun,
    found: Mapping[str, Any],
    files: Mapping[str, str],
    main_segment: Segment | None,
) -> None:
    run.state = WorkState.DONE
    run.finished_at = timezone.now()
    run.main_segment = main_segment
    for name in RESULTS:
        setattr(run, name, found[name])
    for name in ("fingerprint", "poses_file", "features_file"):
        setattr(run, name, files[name])
    run.features_sha256 = storage.hash_file(storage.path_of(run.features_file))
    run.is_current = not PipelineRun.objects.filter(
        video=run.video_id, is_current=True, pk__gt=run.pk
    ).exists()
    if run.is_current:
        PipelineRun.objects.filter(video=run.video_id, is_current=True).update(is_current=False)
    run.save()


def note_job_end(*, job: Job) -> None:
    """Bring run and video to the state in which their job ended, whoever ended it."""
    # The video is locked first, as where results are stored: whoever comes second sees the first.
    Video.objects.select_for_update(of=("self",)).filter(runs__job=job).first()
    run = PipelineRun.objects.filter(job=job, state__in=UNFINISHED).first()
    if run is None:  # its results are stored already
        return
    run.state, run.finished_at = WorkState(job.state), timezone.now()
    run.save(update_fields=["state", "finished_at"])
    former = selectors.current_run(run.video) if run.state == WorkState.CANCELLED else None
    if former is not None:  # its results are what the clip goes on to show
        message = "" if former.people else NOBODY
        set_video_state(video_id=run.video_id, state=VideoState.ANALYSED, message=message)
    elif run.state == WorkState.CANCELLED:
        code, message = "cancelled", "The analysis was cancelled."
        set_video_state(
            video_id=run.video_id, state=VideoState.CANCELLED, code=code, message=message
        )
    else:
        set_video_state(
            video_id=run.video_id,
            state=VideoState.FAILED,
            code=job.error_code,
            message=job.error_message,
        )


def cancel_run(*, run: PipelineRun) -> None:
    """Ask the worker to stop; a run that still waits stops at once."""
    if run.state not in UNFINISHED or run.job_id is None:
        raise Conflict("not_running", f"The run is {run.state}: there is nothing to cancel.")
    jobs.request_cancellation(job_id=run.job_id)


@transaction.atomic
def point_to_features(*, run: PipelineRun, features_file: str, feature_version: str) -> None:
    """The run's features were computed anew from its poses, rows in the same order."""
    run.features_file, run.feature_version = features_file, feature_version
    run.features_sha256 = storage.hash_file(storage.path_of(features_file))
    run.save(update_fields=["features_file", "features_sha256", "feature_version"])


def clean_up_after(*, video: Video) -> None:
    """Once this commits, remove the skeletons and features that only this video's runs had.

    Their names come from the bytes, so that a video with the same bytes elsewhere keeps them.
    """
    rows = PipelineRun.objects.filter(video=video).values_list("poses_file", "features_file")
    names = {name for row in rows for name in row if name}
    names |= {pages_name(name) for name, _ in rows if name}
    transaction.on_commit(partial(_remove_unused, names, video.sha256))
    for name in video.pose_estimates.values_list("poses_file", flat=True):
        transaction.on_commit(partial(storage.remove, name))


def _remove_unused(names: set[str], sha256: str) -> None:
    if bytes_are_in_use(sha256):
        return
    for name in names:
        storage.remove(name)
    curve_files.remove_of(names)
