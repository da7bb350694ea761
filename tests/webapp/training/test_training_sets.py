"""What is frozen into a training set, and that it stays what it was."""

import json

import pytest

from tests.webapp import factories, factories_runs
from webapp.core import storage
from webapp.runs.models import PipelineRun
from webapp.training import selectors
from webapp.training.models import TrainingSet, VideoPart
from webapp.training.samples import gather
from webapp.training.services import freeze_training_set

pytestmark = pytest.mark.django_db


def freeze(project):
    return freeze_training_set(project=project, by=None)


def manifest(training_set):
    return json.loads(storage.path_of(training_set.manifest_file).read_bytes())


def rows(training_set):
    return {row["name"]: row for row in training_set.summary["labels"]}


def test_every_fifth_video_of_a_label_is_for_evaluation(project, teach):
    waves, drinks = teach("Wave", 11), teach("Drink", 4)
    freeze(project)
    parts = dict(VideoPart.objects.values_list("video_id", "part"))
    assert [parts[run.video_id] for run in waves] == [*(["train"] * 4 + ["eval"]) * 2, "train"]
    assert [parts[run.video_id] for run in drinks] == ["train"] * 4


def test_a_part_is_given_once_and_for_good(project, teach, reviewer):
    waves = teach("Wave", 5)
    freeze(project)
    before = dict(VideoPart.objects.values_list("video_id", "part"))
    factories_runs.correct(waves[4], "Drink", reviewer)
    waves[0].video.training_part.delete()
    teach("Wave", 1)
    freeze(project)
    after = dict(VideoPart.objects.values_list("video_id", "part"))
    assert before.items() <= after.items()
    assert after[waves[4].video_id] == "eval"


def test_all_segments_of_a_video_are_in_one_part(project, reviewer, teach):
    teach("Wave", 4)
    run = factories_runs.analysed(project, (((0, 15), (15, 30)),))
    for segment, name in zip(run.tracks.get().segments.all(), ("Wave", "Drink"), strict=True):
        factories_runs.correct(run, name, reviewer, segment)
    samples = [s for s in gather(project).samples if s["video_id"] == run.video_id]
    assert [s["part"] for s in samples] == ["eval", "eval"]


def test_the_same_content_is_the_same_set(project, teach):
    teach("Wave", 2)
    first = freeze(project)
    assert freeze(project) == first
    teach("Wave", 1)
    assert freeze(project) != first
    assert TrainingSet.objects.count() == 2


def test_saying_the_same_again_is_no_new_content(project, teach, reviewer):
    [run] = teach("Wave", 1)
    first = freeze(project)
    row = factories_runs.correct(run, "Wave", reviewer)
    again = freeze(project)
    assert (again, again.last_correction_id) == (first, row.pk)


def test_the_newest_label_counts(project, teach, reviewer):
    [run] = teach("Wave", 1)
    factories_runs.correct(run, "Drink", reviewer)
    [sample] = manifest(freeze(project))["samples"]
    assert sample["label_id"] == factories_runs.label(project, "Drink").pk


def test_the_manifest_names_all_that_is_learned_from(project, teach):
    [run] = teach("Wave", 1)
    stored = manifest(freeze(project))
    [sample] = stored["samples"]
    run = PipelineRun.objects.get(pk=run.pk)
    assert sample["features_file"] == run.features_file
    assert sample["features_sha256"] == storage.hash_file(storage.path_of(run.features_file))
    assert (sample["segment_id"], sample["feature_row"]) == (run.main_segment_id, 0)
    assert sorted(stored["base_labels"]) == ["Jump", "Run", "Sit", "Stand", "Turn", "Walk"]
    assert len(stored["base_sha256"]) == 64


def test_counts_tell_base_from_corrections(project, teach):
    teach("Wave", 5)
    teach("Jump", 1)
    summary = rows(freeze(project))
    wave, jump = summary["Wave"], summary["Jump"]
    assert (wave["base_train"], wave["corrected_train"], wave["corrected_eval"]) == (0, 4, 1)
    assert jump["base_train"] > 0
    assert (jump["base_eval"] > 0, jump["corrected_train"]) == (True, 1)


def test_archived_labels_leave(project, teach):
    teach("Wave", 1)
    teach("Jump", 1)
    for name in ("Wave", "Jump"):
        label = factories_runs.label(project, name)
        label.archived = True
        label.save()
    frozen = freeze(project)
    assert not {"Wave", "Jump"} & set(rows(frozen))
    assert manifest(frozen)["samples"] == []
    assert "Jump" not in manifest(frozen)["base_labels"]


def test_a_renamed_label_keeps_its_examples(project, teach):
    label = factories_runs.label(project, "Jump")
    label.name = "Leap"
    label.save()
    teach("Leap", 1)
    frozen = freeze(project)
    assert rows(frozen)["Leap"]["base_train"] > 0
    assert manifest(frozen)["base_labels"]["Jump"] == label.pk


def test_only_the_current_run_counts(project, teach, reviewer):
    [run] = teach("Wave", 1)
    factories_runs.analysed(project, (((0, 30),),), video=run.video, fingerprint="new")
    [sample] = gather(project).samples
    assert sample["segment_id"] != run.main_segment_id


def test_segments_with_other_features_are_skipped_and_counted(project, teach):
    [run, _] = teach("Wave", 2)
    PipelineRun.objects.filter(pk=run.pk).update(feature_version="older")
    frozen = freeze(project)
    assert (frozen.summary["skipped"], len(manifest(frozen)["samples"])) == (1, 1)


def test_a_new_label_takes_the_base_examples_of_an_archived_one_that_was_renamed(project):
    walk = factories_runs.label(project, "Walk")
    walk.name, walk.archived = "Stroll", True
    walk.save()
    again = factories.label(project.label_set, "Walk")
    row = next(row for row in selectors.label_set_state(project)["labels"] if row["id"] == again.pk)
    assert row["examples"] > 0
