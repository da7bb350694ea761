"""How the results of a run reach the database: all at once, with the active version's word."""

import pytest

from tests.webapp import factories, factories_runs
from webapp.classifiers.services import activate_classifier
from webapp.core.models import WorkState
from webapp.runs import gpu, services
from webapp.runs.models import SegmentPrediction, Track, VideoPrediction
from webapp.runs.selectors import current_run
from webapp.videos.models import VideoState

pytestmark = pytest.mark.django_db

TWO_PEOPLE = (((0, 20),), ((0, 14), (14, 30)))


@pytest.fixture
def classifier(project, label_set):
    return factories_runs.shipped(project)


def test_tracks_segments_and_predictions_are_stored(project, classifier):
    outputs = [[1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0]]
    run = factories_runs.analysed(project, TWO_PEOPLE, outputs=outputs)
    assert [(t.start_frame, t.end_frame) for t in run.tracks.all()] == [(0, 20), (0, 30)]
    said = SegmentPrediction.objects.filter(segment__track__run=run).order_by("segment_id")
    assert [row.label.name for row in said] == ["Jump", "Run", "Sit"]
    assert (run.people, run.frames, run.feature_version) == (2, 30, gpu.feature_version())
    assert len(run.features_sha256) == 64


def test_segments_speak_for_the_clip_by_their_weight(project, classifier):
    outputs = [[1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0]]
    run = factories_runs.analysed(project, TWO_PEOPLE, outputs=outputs)
    clip = VideoPrediction.objects.get(run=run)
    assert clip.label.name == "Sit"
    assert clip.probability == pytest.approx(16 / 30)


def test_the_main_segment_is_the_longest_of_the_longest_track(project, classifier):
    run = factories_runs.analysed(project, TWO_PEOPLE)
    assert (run.main_segment.track.index, run.main_segment.start_frame) == (1, 14)


def test_nobody_is_a_result_too(project, classifier):
    run = factories_runs.analysed(project, ())
    run.video.refresh_from_db()
    assert (run.people, run.main_segment, run.video.state) == (0, None, VideoState.ANALYSED)
    assert run.video.message == "Nobody was found in this clip."
    assert not VideoPrediction.objects.exists()


def test_without_a_classifier_there_are_tracks_but_no_predictions(project):
    run = factories_runs.analysed(project, TWO_PEOPLE, outputs=[])
    assert (run.tracks.count(), SegmentPrediction.objects.count()) == (2, 0)


def test_archived_labels_are_never_shown(project, classifier):
    label = factories_runs.label(project, "Jump")
    label.archived = True
    label.save()
    run = factories_runs.analysed(project, outputs=[[0.6, 0.3, 0.1, 0, 0, 0]])
    clip = VideoPrediction.objects.get(run=run)
    assert (clip.label.name, clip.probability) == ("Run", pytest.approx(0.75))


def store(run, classifier):
    spans = (((0, 30),),)
    return services.store_results(
        run=run,
        found=factories_runs.found(spans),
        files=factories_runs.files_of(run.video, spans),
        classifier=classifier,
        probabilities=[[1, 0, 0, 0, 0, 0]],
    )


def test_nothing_is_stored_for_a_version_that_is_not_active_any_more(project, classifier):
    run = factories_runs.running_run(factories.video(project))
    second = factories_runs.candidate(project)
    activate_classifier(version=second)
    assert store(run, classifier) is False
    assert not Track.objects.exists()
    assert store(run, second) is True
    assert VideoPrediction.objects.get(run=run).classifier == second


def test_storing_twice_changes_nothing(project, classifier):
    run = factories_runs.running_run(factories.video(project))
    assert store(run, classifier)
    tracks = list(Track.objects.values_list("pk"))
    assert store(run, classifier)
    assert list(Track.objects.values_list("pk")) == tracks


def test_a_run_that_was_cancelled_meanwhile_stays_so(project, classifier):
    run = factories_runs.running_run(factories.video(project))
    type(run).objects.filter(pk=run.pk).update(state=WorkState.CANCELLED)
    assert store(run, classifier)
    run.refresh_from_db()
    assert (run.state, Track.objects.count()) == (WorkState.CANCELLED, 0)


def test_a_failure_half_way_leaves_nothing(project, classifier, settings):
    settings.AFTER_RUN_STORED = "webapp.no.such.hook"
    run = factories_runs.running_run(factories.video(project))
    with pytest.raises(ImportError):
        store(run, classifier)
    run.refresh_from_db()
    assert (run.state, Track.objects.count()) == (WorkState.RUNNING, 0)
    assert not VideoPrediction.objects.exists()


def test_the_newest_finished_run_is_the_current_one(project, classifier):
    first = factories_runs.analysed(project)
    second = factories_runs.analysed(project, video=first.video)
    first.refresh_from_db()
    assert (first.is_current, second.is_current) == (False, True)
    assert current_run(first.video) == second
