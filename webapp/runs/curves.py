"""Has a worker score the windows of a run, so that the page can draw how sure a classifier is."""

from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext as _

from webapp.accounts.models import User
from webapp.classifiers.models import ClassifierVersion
from webapp.classifiers.selectors import active_classifier
from webapp.core import storage
from webapp.core.errors import Conflict
from webapp.core.models import UNFINISHED
from webapp.jobs import events
from webapp.jobs import services as jobs
from webapp.jobs.models import Job, JobKind
from webapp.jobs.work import Report
from webapp.runs import curve_files, gpu
from webapp.runs.models import PipelineRun


class CurveState(StrEnum):
    READY = "ready"
    COMPUTING = "computing"


@transaction.atomic
def ask_for_curves(*, run: PipelineRun, by: User) -> CurveState:
    """Queue the scoring of a run's windows by the active classifier, once.

    Raises:
        Conflict: ``no_poses``, ``no_classifier``, or ``outdated`` where the classifier reads
            other features than the run has.
    """
    # People who open a clip at the same time ask one after the other.
    run = PipelineRun.objects.select_for_update(of=("self",)).select_related("video").get(pk=run.pk)
    classifier = _expect_classifier(run)
    if curve_files.exists(run, classifier):
        return CurveState.READY
    waiting = Job.objects.filter(kind=JobKind.CURVES, subject_id=run.pk, state__in=UNFINISHED)
    if not waiting.exists():
        made = jobs.create_job(
            project_id=run.video.project_id, kind=JobKind.CURVES, subject_id=run.pk, by=by
        )
        jobs.enqueue_job(job=made)
    return CurveState.COMPUTING


def _expect_classifier(run: PipelineRun) -> ClassifierVersion:
    if not run.poses_file:
        raise Conflict(
            "no_poses", _("The run is %(state)s: it has no skeletons.") % {"state": run.state}
        )
    classifier = active_classifier(run.video.project_id)
    if classifier is None:
        raise Conflict("no_classifier", _("The project has no active classifier."))
    if classifier.feature_version != run.feature_version:
        raise Conflict(
            "outdated",
            _("Version %(number)s reads other features than this clip has.")
            % {"number": classifier.number},
        )
    return classifier


def compute(*, run_id: int, report: Report) -> None:
    """Score the windows and store the result; safe to do twice, files that exist stay."""
    run = PipelineRun.objects.select_related("video").get(pk=run_id)
    classifier = _expect_classifier(run)
    vectors = curve_files.vectors_name(run, classifier.feature_version)
    if not storage.path_of(vectors).exists():
        gpu.write_windows(run.poses_file, vectors, lambda share: report("windows", 0.95 * share))
    report("classify", 0.95)
    if not curve_files.exists(run, classifier):
        spans, outputs = gpu.score_windows(storage.path_of(classifier.weights_file), vectors)
        curve_files.write(curve_files.scores_name(run, classifier), spans, outputs)
    events.publish(run.video.project_id, "curves", run=run.pk)
