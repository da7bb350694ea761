"""What a person's judgement does, and how two people do not lose each other's."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from tests.webapp import factories, factories_runs
from webapp.core.errors import Conflict, Refused, Stale
from webapp.reviews import selectors, services
from webapp.reviews.models import Correction

JUMP = [[1, 0, 0, 0, 0, 0]]


@pytest.fixture
def run(project, label_set):
    factories_runs.shipped(project)
    return factories_runs.analysed(project, outputs=JUMP)


@pytest.fixture
def segment(run):
    return factories_runs.main_segment(run)


def shown(segment):
    return selectors.segment_state(segment)["current"]


def test_the_prediction_is_current_until_somebody_judges(segment, reviewer, run):
    assert (shown(segment)["label"]["name"], shown(segment)["source"]) == ("Jump", "prediction")
    factories_runs.correct(run, "Wave", reviewer)
    now = shown(segment)
    assert (now["label"]["name"], now["source"], now["author"]) == (
        "Wave",
        "correction",
        "reviewer",
    )


def test_agreeing_is_told_from_correcting(run, reviewer):
    first = factories_runs.correct(run, "Jump", reviewer)
    second = factories_runs.correct(run, "Run", reviewer)
    third = factories_runs.correct(run, "Run", reviewer)
    assert [row.kind for row in (first, second, third)] == ["accept", "correct", "accept"]
    assert [row.shown_label.name for row in (first, second, third)] == ["Jump", "Jump", "Run"]
    assert first.shown_classifier.number == 1


def test_history_only_grows(run, segment, reviewer, admin):
    factories_runs.correct(run, "Run", reviewer)
    factories_runs.correct(run, "Sit", admin)
    rows = selectors.corrections_of(segment)
    assert [(row.label.name, row.author.username, row.segment_version) for row in rows] == [
        ("Sit", "admin", 2),
        ("Run", "reviewer", 1),
    ]


def test_the_database_allows_one_correction_of_a_version(run, segment, reviewer):
    row = factories_runs.correct(run, "Run", reviewer)
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_who_saw_an_old_version_is_told_the_new_one(run, segment, reviewer):
    factories_runs.correct(run, "Run", reviewer)
    label = factories_runs.label(run.video.project, "Sit")
    with pytest.raises(Stale) as refusal:
        services.record_correction(segment=segment, label=label, by=reviewer, expected_version=0)
    state = refusal.value.extra["segment"]
    assert (state["version"], state["current"]["label"]["name"]) == (1, "Run")
    assert Correction.objects.count() == 1


def test_labels_of_others_and_archived_ones_are_refused(run, segment, reviewer):
    elsewhere = factories.LabelSet.objects.create(project=factories.project("Far"))
    archived = factories_runs.label(run.video.project, "Sit")
    archived.archived = True
    archived.save()
    for label, code in [
        (factories.label(elsewhere), "unknown_label"),
        (archived, "archived_label"),
    ]:
        with pytest.raises(Refused) as refusal:
            services.record_correction(
                segment=segment, label=label, by=reviewer, expected_version=0
            )
        assert refusal.value.code == code


def test_segments_of_a_former_run_are_closed(run, segment, reviewer):
    factories_runs.analysed(run.video.project, video=run.video)
    with pytest.raises(Conflict) as refusal:
        factories_runs.correct(run, "Run", reviewer, segment)
    assert refusal.value.code == "analysed_anew"


def test_an_archived_prediction_is_read_as_the_next_label(project, label_set, reviewer):
    factories_runs.shipped(project)
    run = factories_runs.analysed(project, outputs=[[0.6, 0.3, 0.1, 0, 0, 0]])
    label = factories_runs.label(project, "Jump")
    label.archived = True
    label.save()
    state = selectors.segment_state(factories_runs.main_segment(run))
    assert state["predicted"]["label"]["name"] == "Run"
    assert state["predicted"]["probability"] == pytest.approx(0.75)
    assert [row["label"]["name"] for row in state["predicted"]["probabilities"]][:2] == [
        "Run",
        "Sit",
    ]


@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_once_one_is_told_to_look_again(project, label_set, run, segment):
    people = [factories.user(name) for name in ("one", "two")]
    labels = [factories_runs.label(project, name) for name in ("Run", "Sit")]
    barrier = threading.Barrier(2)
    outcomes = {}

    def judge(person, label):
        barrier.wait(10)
        try:
            services.record_correction(
                segment=type(segment).objects.select_related("track").get(pk=segment.pk),
                label=label,
                by=person,
                expected_version=0,
            )
            outcomes[person.username] = "recorded"
        except Stale as stale:
            outcomes[person.username] = stale.extra["segment"]["version"]
        finally:
            connection.close()

    pairs = zip(people, labels, strict=True)
    threads = [threading.Thread(target=judge, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(map(str, outcomes.values())) == ["1", "recorded"]
    assert Correction.objects.count() == 1
