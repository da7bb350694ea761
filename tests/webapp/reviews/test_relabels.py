"""Relabelling many at once: shown first, nothing overwritten, all of it can be taken back."""

import pytest

from tests.webapp import factories, factories_runs
from webapp.core.errors import Conflict, Refused
from webapp.reviews import library, relabels, selectors
from webapp.reviews.models import Correction, Relabel
from webapp.videos.models import Video

JUMP = [[1, 0, 0, 0, 0, 0]]
RUN = [[0, 1, 0, 0, 0, 0]]


@pytest.fixture
def runs(project, label_set):
    """Two clips that jump and one that runs."""
    factories_runs.shipped(project)
    names_outputs = [("north 1", JUMP), ("north 2", JUMP), ("south", RUN)]
    return [
        factories_runs.analysed(project, video=factories.video(project, name), outputs=outputs)
        for name, outputs in names_outputs
    ]


@pytest.fixture
def preview(project, runs, reviewer):
    def make(to="Wave", **filters):
        return relabels.preview_relabel(
            project=project,
            label=factories_runs.label(project, to),
            filters=filters,
            by=reviewer,
        )

    return make


def shown(run):
    current = selectors.segment_state(factories_runs.main_segment(run))["current"]
    return current["label"]["name"], current["source"]


def test_a_preview_counts_and_changes_nothing(preview, runs, reviewer):
    factories_runs.correct(runs[0], "Run", reviewer)
    made = preview("Run")
    assert (made.counts["change"], made.counts["confirm"], made.counts["already"]) == (1, 1, 1)
    assert {row["label"]["name"] for row in made.counts["from_labels"]} == {"Jump", "Run"}
    assert Correction.objects.count() == 1
    assert shown(runs[1]) == ("Jump", "prediction")


def test_all_chosen_segments_get_the_label_each_by_a_row_of_its_own(preview, runs, reviewer, admin):
    made = relabels.apply_relabel(relabel=preview(q="north"), by=admin)
    assert (made.state, made.applied, made.conflicts) == ("applied", 2, [])
    assert [shown(run) for run in runs] == [
        ("Wave", "correction"),
        ("Wave", "correction"),
        ("Run", "prediction"),
    ]
    row = made.corrections.get(segment=runs[0].main_segment_id)
    assert (row.kind, row.author, row.segment_version) == ("correct", admin, 1)
    assert (row.shown_label.name, row.shown_classifier.number) == ("Jump", 1)


def test_what_was_predicted_so_is_confirmed(preview, runs, reviewer):
    made = relabels.apply_relabel(relabel=preview("Jump"), by=reviewer)
    kinds = {row.segment_id: row.kind for row in made.corrections.all()}
    assert [kinds[run.main_segment_id] for run in runs] == ["accept", "accept", "correct"]


def test_the_filters_are_those_of_the_library(preview, project, runs, reviewer):
    factories_runs.correct(runs[1], "Sit", reviewer)
    label = {name: factories_runs.label(project, name).pk for name in ("Jump", "Sit", "Run")}
    ids = f"{runs[0].video_id},{runs[2].video_id}"
    counts = [
        len(preview(**chosen).plan)
        for chosen in (
            {},
            {"label": label["Jump"]},
            {"reviewed": True},
            {"reviewed": False},
            {"ids": ids},
            {"state": "failed"},
            {"from_label": label["Sit"]},
            {"least_probability": 0.5},
            {"most_probability": 0.5},
            {"q": "north", "from_label": label["Run"]},
        )
    ]
    assert counts == [3, 1, 1, 2, 2, 0, 1, 3, 0, 0]


def test_windows_and_people_are_chosen_as_asked(preview, project, label_set):
    factories_runs.analysed(project, (((0, 10), (10, 30)), ((0, 5),)))
    assert [len(preview(which=which).plan) for which in relabels.WHICH] == [4, 5, 6]


def test_who_was_faster_is_not_overwritten_but_reported(preview, runs, reviewer, admin):
    made = preview()
    factories_runs.correct(runs[0], "Sit", admin)
    factories_runs.analysed(runs[1].video.project, video=runs[1].video)
    made = relabels.apply_relabel(relabel=made, by=reviewer)
    assert made.applied == 1
    assert {(row["video"], row["reason"]) for row in made.conflicts} == {
        (runs[0].video_id, relabels.CHANGED),
        (runs[1].video_id, relabels.ANEW),
    }
    assert shown(runs[0]) == ("Sit", "correction")
    assert shown(runs[2]) == ("Wave", "correction")


def test_segments_that_are_gone_are_reported(preview, runs, reviewer):
    made = preview()
    Video.objects.get(pk=runs[2].video_id).delete()
    made = relabels.apply_relabel(relabel=made, by=reviewer)
    assert [row["reason"] for row in made.conflicts] == [relabels.GONE]


def test_what_shows_another_label_by_now_is_left_out(preview, project, runs, reviewer):
    made = preview()
    label = factories_runs.label(project, "Jump")
    label.archived = True
    label.save()
    made = relabels.apply_relabel(relabel=made, by=reviewer)
    reasons = [row["reason"] for row in made.conflicts]
    assert (made.applied, reasons) == (1, [relabels.SHOWS_ANOTHER] * 2)


def test_taking_it_back_brings_back_labels_and_predictions(preview, runs, reviewer, admin):
    factories_runs.correct(runs[1], "Sit", admin)
    made = relabels.apply_relabel(relabel=preview(), by=reviewer)
    made = relabels.undo_relabel(relabel=made, by=admin)
    assert (made.state, made.undo_conflicts, made.undone_by) == ("undone", [], admin)
    assert [shown(run) for run in runs] == [
        ("Jump", "prediction"),
        ("Sit", "correction"),
        ("Run", "prediction"),
    ]
    history = selectors.corrections_of(factories_runs.main_segment(runs[0]))
    assert [row.kind for row in history] == ["undo", "correct"]
    reviewed = {v.pk: v.reviewed for v in library.videos_of(runs[0].video.project_id)}
    assert [reviewed[run.video_id] for run in runs] == [False, True, False]


def test_taking_back_leaves_what_people_said_since(preview, runs, reviewer, admin):
    made = relabels.apply_relabel(relabel=preview(), by=reviewer)
    factories_runs.correct(runs[0], "Sit", admin)
    made = relabels.undo_relabel(relabel=made, by=reviewer)
    assert [(row["video"], row["reason"]) for row in made.undo_conflicts] == [
        (runs[0].video_id, relabels.CHANGED)
    ]
    assert shown(runs[0]) == ("Sit", "correction")


def test_it_is_applied_once_and_taken_back_once(preview, reviewer):
    made = preview()
    with pytest.raises(Conflict):
        relabels.undo_relabel(relabel=made, by=reviewer)
    relabels.apply_relabel(relabel=made, by=reviewer)
    with pytest.raises(Conflict):
        relabels.apply_relabel(relabel=made, by=reviewer)
    relabels.undo_relabel(relabel=made, by=reviewer)
    with pytest.raises(Conflict):
        relabels.undo_relabel(relabel=made, by=reviewer)


def test_a_fault_half_way_leaves_nothing_behind(preview, runs, reviewer, monkeypatch):
    made = preview()
    monkeypatch.setattr(relabels, "AT_ONCE", 1)
    given = relabels._give
    calls = []

    def give_twice(*args):
        calls.append(1)
        if len(calls) == 3:
            raise RuntimeError("power cut")
        return given(*args)

    monkeypatch.setattr(relabels, "_give", give_twice)
    with pytest.raises(RuntimeError):
        relabels.apply_relabel(relabel=made, by=reviewer)
    assert Correction.objects.count() == 0
    assert Relabel.objects.get().state == "preview"
    assert shown(runs[0]) == ("Jump", "prediction")


def test_archived_and_foreign_labels_are_refused(project, preview, reviewer):
    label = factories_runs.label(project, "Wave")
    label.archived = True
    label.save()
    with pytest.raises(Refused):
        preview()
    foreign = factories.label(factories.LabelSet.objects.create(project=factories.project("Far")))
    with pytest.raises(Refused):
        relabels.preview_relabel(project=project, label=foreign, filters={}, by=reviewer)
