"""The one way in which a person's judgement enters the database."""

from functools import partial

from django.db import transaction
from django.db.models import F

from webapp.accounts.models import User
from webapp.accounts.services import lock_project
from webapp.classifiers.selectors import active_classifier
from webapp.core.errors import Conflict, NotFound, Refused, Stale
from webapp.jobs import events
from webapp.labels.models import Label
from webapp.reviews import selectors
from webapp.reviews.edit_models import Edit
from webapp.reviews.edits.files import forget_files
from webapp.reviews.models import Correction, CorrectionKind
from webapp.runs.models import Segment
from webapp.runs.selectors import current_run
from webapp.runs.services import clean_up_after
from webapp.videos.models import Video
from webapp.videos.services import delete_video


@transaction.atomic
def record_correction(
    *, segment: Segment, label: Label, by: User, expected_version: int, note: str = ""
) -> Correction:
    """Add a correction made on what the person saw at ``expected_version``.

    Raises:
        Refused: the label is archived or of another project.
        Conflict: the video was analysed anew since; the page must be read again.
        Stale: somebody else was faster; ``extra`` holds the segment as it is now.
    """
    video = _lock_video(segment)
    _check_label(label, video)
    classifier = active_classifier(video.project_id)
    shown = selectors.current_labels([segment], classifier)[segment.pk]
    version = _take_turn(segment, expected_version)
    agrees = shown is not None and shown.label.pk == label.pk
    correction = Correction.objects.create(
        video=video,
        segment=segment,
        label=label,
        kind=CorrectionKind.ACCEPT if agrees else CorrectionKind.CORRECT,
        segment_version=version,
        shown_classifier=classifier,
        shown_label=shown.label if shown else None,
        author=by,
        note=note,
    )
    events.publish(
        video.project_id, "correction", id=correction.pk, video=video.pk, segment=segment.pk
    )
    return correction


@transaction.atomic
def take_back_label(
    *, segment: Segment, by: User, expected_version: int, note: str = ""
) -> Correction:
    """Let the prediction count again; what was said stays in the history.

    Raises:
        Conflict: nobody's word stands (``nothing_to_take_back``), or the video was analysed anew.
        Stale: somebody else was faster.
    """
    video = _lock_video(segment)
    standing = selectors.newest_corrections(segment_id=segment.pk).get(segment.pk)
    if standing is None:
        raise Conflict("nothing_to_take_back", "Nobody has given this segment a label.")
    version = _take_turn(segment, expected_version)
    correction = Correction.objects.create(
        video=video,
        segment=segment,
        label=standing.label,
        kind=CorrectionKind.UNDO,
        segment_version=version,
        shown_label=standing.label,
        author=by,
        note=note,
    )
    events.publish(
        video.project_id, "correction", id=correction.pk, video=video.pk, segment=segment.pk
    )
    return correction


def _lock_video(segment: Segment) -> Video:
    """The segment's video, locked; refused where another run is shown by now."""
    videos = Video.objects.select_for_update(of=("self",))
    video = videos.filter(runs__tracks__segments=segment).first()
    if video is None:
        raise NotFound("not_found", "The segment is gone.")
    run = current_run(video)
    if run is None or run.pk != segment.track.run_id:
        raise Conflict("analysed_anew", "The clip was analysed anew; please load it again.")
    return video


def _check_label(label: Label, video: Video) -> None:
    if label.label_set.project_id != video.project_id:
        raise Refused("unknown_label", "Expected a label of this project.")
    if label.archived:
        raise Refused("archived_label", f"The label {label.name} is archived.")


def _take_turn(segment: Segment, expected_version: int) -> int:
    """Raise the segment's version, only from the one that the person saw."""
    changed = Segment.objects.filter(pk=segment.pk, version=expected_version).update(
        version=F("version") + 1
    )
    segment.refresh_from_db(fields=["version"])
    if not changed:
        raise Stale(
            "stale",
            f"The segment was changed meanwhile: expected version {expected_version}, "
            f"it is {segment.version}.",
            extra={"segment": selectors.segment_state(segment)},
        )
    return segment.version


@transaction.atomic
def remove_video(*, video: Video, force: bool = False) -> None:
    """Delete a video; people's judgements of it go too, but only with ``force``.

    Takes turns with promotions (the project's lock) and with corrections (the video's).
    """
    lock_project(video.project_id)
    video = Video.objects.select_for_update(of=("self",)).filter(pk=video.pk).first()
    if video is None:
        raise NotFound("not_found", "The video is gone.")
    corrections, edits = Correction.objects.filter(video=video), Edit.objects.filter(video=video)
    count = corrections.count() + edits.exclude(family="label").count()
    if count and not force:
        raise Conflict(
            "has_corrections",
            f"{video.name} holds {count} corrections, which would be lost: force it to go on.",
            extra={"corrections": count},
        )
    corrections.delete()
    edits.delete()
    clean_up_after(video=video)
    transaction.on_commit(partial(forget_files, sha256=video.sha256))
    delete_video(video=video)
