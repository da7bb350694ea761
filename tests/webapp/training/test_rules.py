"""What a project does by itself: nothing until an admin says so, and then what was said."""

from datetime import UTC, datetime

import pytest

from tests.webapp import factories_runs
from tests.webapp.training.conftest import QUICK
from webapp.classifiers.selectors import active_classifier
from webapp.training import rules, services, tasks
from webapp.training.models import Promotion, RuleChange, TrainingRules, TrainingRun

pytestmark = pytest.mark.django_db

EVENING = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)


@pytest.fixture
def set_rules(project, admin):
    return lambda **wanted: rules.change_rules(project=project, by=admin, wanted=wanted)


@pytest.fixture
def clock(monkeypatch):
    """``clock(moment)``: what time it is for the rules."""

    def turn(moment):
        monkeypatch.setattr(rules.timezone, "localtime", lambda now=None: now or moment)

    turn(EVENING)
    return turn


def triggers():
    return list(TrainingRun.objects.order_by("pk").values_list("trigger", flat=True))


def end_training(state="done"):
    TrainingRun.objects.update(state=state)


def test_nothing_happens_by_itself_at_first(project, teach, clock):
    teach("Wave", 3)
    assert rules.apply_rules(NIGHT) == 0
    assert (triggers(), TrainingRules.objects.count()) == ([], 0)


def test_a_training_starts_once_there_are_enough_new_judgements(set_rules, teach, clock):
    set_rules(after_corrections=3)
    teach("Wave", 2)
    assert rules.apply_rules() == 0
    teach("Wave", 1)
    assert rules.apply_rules() == 1
    assert triggers() == ["corrections"]
    assert TrainingRun.objects.get().created_by is None


@pytest.mark.parametrize("state", ["done", "failed"])
def test_judgements_are_counted_from_the_last_training_however_it_ended(
    set_rules, teach, clock, state
):
    set_rules(after_corrections=2)
    teach("Wave", 2)
    rules.apply_rules()
    end_training(state)
    assert rules.apply_rules() == 0
    teach("Wave", 2)
    assert rules.apply_rules() == 1


def test_judgements_that_change_nothing_are_not_counted_for_ever(
    set_rules, teach, clock, reviewer, monkeypatch
):
    [run] = teach("Wave", 1)
    services.start_training(project=run.video.project, by=None)
    end_training()
    set_rules(after_corrections=1)
    factories_runs.correct(run, "Wave", reviewer)  # says the same again
    assert rules.apply_rules() == 0
    monkeypatch.setattr(services, "start_training", lambda **_: pytest.fail("asked again"))
    assert rules.apply_rules() == 0


@pytest.mark.parametrize("rule", [{"after_corrections": 1}, {"nightly_hour": 2}])
def test_a_training_that_runs_is_waited_for(set_rules, project, teach, clock, rule):
    teach("Wave", 1)
    services.start_training(project=project, by=None)
    set_rules(**rule)
    teach("Wave", 1)
    assert (rules.apply_rules(NIGHT), triggers()) == (0, ["person"])
    end_training()
    assert (rules.apply_rules(NIGHT), len(triggers())) == (1, 2)


def test_a_night_has_one_training_and_begins_at_its_hour(set_rules, teach, clock):
    teach("Wave", 1)
    set_rules(nightly_hour=2)  # in the evening: the coming night is meant
    assert rules.apply_rules(EVENING) == 0
    assert rules.apply_rules(NIGHT.replace(hour=1)) == 0
    assert rules.apply_rules(NIGHT) == 1
    end_training()
    teach("Wave", 1)
    assert rules.apply_rules(NIGHT.replace(hour=3)) == 0
    assert rules.apply_rules(NIGHT.replace(day=24)) == 1
    assert triggers() == ["nightly", "nightly"]


def test_a_night_without_news_trains_nothing(set_rules, project, clock):
    set_rules(nightly_hour=2)
    assert (rules.apply_rules(NIGHT), triggers()) == (0, [])


def test_each_change_of_a_rule_is_written_down(set_rules, project, admin, clock):
    set_rules(after_corrections=50)
    set_rules(after_corrections=50)
    set_rules(after_corrections=None, largest_f1_fall=2.5)
    last, first = RuleChange.objects.all()
    assert (first.before, first.after) == ({"after_corrections": None}, {"after_corrections": 50})
    assert last.before == {"after_corrections": 50, "largest_f1_fall": None}
    assert last.after == {"after_corrections": None, "largest_f1_fall": 2.5}
    assert {first.created_by, last.created_by, rules.rules_of(project).updated_by} == {admin}


# The gate ---------------------------------------------------------------------------------


def figures(**f1):
    per_class = {label: {"f1": value, "support": 4} for label, value in f1.items()}
    return {"per_class": per_class, "count": 4 * len(f1)}


@pytest.fixture
def trained(project, teach, admin):
    """``trained(now, before)``: a run that is done, with these figures."""

    def make(now, before):
        teach("Wave", 1)
        run = services.start_training(project=project, by=admin, config=QUICK)
        run.state, run.candidate = "done", factories_runs.candidate(project)
        run.metrics, run.baseline_metrics = now, before
        run.save()
        return run

    return make


def test_without_a_gate_nothing_is_promoted(trained):
    run = trained(figures(Walk=0.9), figures(Walk=0.1))
    rules.pass_gate(run=run)
    assert (run.gate, Promotion.objects.count()) == ({}, 0)


def test_a_candidate_that_keeps_to_the_rule_is_promoted(set_rules, trained, admin):
    set_rules(largest_f1_fall=5)
    run = trained(figures(Walk=0.9, Run=0.56), figures(Walk=0.5, Run=0.6))
    rules.pass_gate(run=run)
    promotion = Promotion.objects.get()
    assert (promotion.to_version, promotion.trigger) == (run.candidate, "gate")
    assert promotion.created_by == admin  # who made the rule
    assert (run.gate["passed"], run.gate["falls"]) == (True, {"Run": 4.0})


def test_one_label_that_falls_too_far_is_enough_to_stop(set_rules, trained):
    set_rules(largest_f1_fall=5)
    run = trained(figures(Walk=1.0, Run=0.54), figures(Walk=0.1, Run=0.6))
    rules.pass_gate(run=run)
    assert Promotion.objects.count() == 0
    assert (run.gate["passed"], run.gate["limit"]) == (False, 5)
    assert "Run by 6.0" in run.gate["reason"]


def test_a_label_that_is_left_out_falls_to_nothing(set_rules, trained):
    set_rules(largest_f1_fall=50)
    run = trained(figures(Walk=1.0), figures(Walk=1.0, Run=0.6))
    rules.pass_gate(run=run)
    assert run.gate["falls"] == {"Run": 60.0}
    assert run.gate["passed"] is False


def test_labels_without_held_out_examples_have_no_say(set_rules, trained):
    set_rules(largest_f1_fall=0)
    before = figures(Walk=0.5)
    before["per_class"]["Drink"] = {"f1": 0.0, "support": 0}
    run = trained(figures(Walk=0.5), before)
    rules.pass_gate(run=run)
    assert run.gate["passed"] is True


def test_without_a_comparison_the_gate_stays_shut(set_rules, trained, project):
    set_rules(largest_f1_fall=100)
    alone = trained(figures(Walk=0.5), {})
    rules.pass_gate(run=alone)
    assert (alone.gate["passed"], Promotion.objects.count()) == (False, 0)


def test_a_comparison_with_a_former_version_does_not_count(set_rules, trained, project, admin):
    set_rules(largest_f1_fall=100)
    run = trained(figures(Walk=0.5), figures(Walk=0.5))
    other = services.classifiers.activate_classifier(version=factories_runs.candidate(project))
    assert other.number == 1
    rules.pass_gate(run=run)
    assert run.gate["passed"] is False
    assert "become active" in run.gate["reason"]


def test_a_verdict_is_given_once(set_rules, trained):
    set_rules(largest_f1_fall=5)
    run = trained(figures(Walk=0.9), figures(Walk=0.5))
    rules.pass_gate(run=run)
    first = run.gate
    rules.pass_gate(run=run)
    assert (run.gate, Promotion.objects.count()) == (first, 1)


def test_a_training_ends_at_the_gate(set_rules, project, teach, admin, sent_tasks):
    set_rules(largest_f1_fall=100)
    teach("Wave", 5)
    run = services.start_training(project=project, by=admin, config=QUICK)
    tasks.train_head(run.pk, run.job_id)
    run.refresh_from_db()
    assert run.gate["passed"] is True
    assert Promotion.objects.get().to_version == run.candidate
    assert active_classifier(project.pk).number == 1  # the promotion is still to run


# Over HTTP --------------------------------------------------------------------------------


def test_members_see_the_rules_and_admins_set_them(statuses, project):
    address = f"/api/projects/{project.pk}/training-rules/"
    changes = f"/api/projects/{project.pk}/training-rule-changes/"
    seen = {"anonymous": 401, "outsider": 404, "viewer": 200, "reviewer": 200, "admin": 200}
    assert statuses(lambda client: client.get(address)) == seen
    assert statuses(lambda client: client.get(changes)) == seen
    wanted = {"after_corrections": 20}
    assert statuses(lambda client: client.patch(address, wanted)) == seen | {
        "viewer": 403,
        "reviewer": 403,
    }


def test_rules_are_off_until_set_and_are_set_one_by_one(client_of, admin, project):
    address = f"/api/projects/{project.pk}/training-rules/"
    client = client_of(admin)
    off = {"after_corrections": None, "nightly_hour": None, "largest_f1_fall": None}
    assert client.get(address).json() == off | {"scenes": "clip", "updated_by": None}
    client.patch(address, {"nightly_hour": 3})
    said = client.patch(address, {"largest_f1_fall": 1.5}).json()
    wanted = {"after_corrections": None, "nightly_hour": 3, "largest_f1_fall": 1.5}
    assert said == wanted | {"scenes": "clip", "updated_by": "admin"}
    rows = client.get(f"/api/projects/{project.pk}/training-rule-changes/").json()["results"]
    assert [row["after"] for row in rows] == [{"largest_f1_fall": 1.5}, {"nightly_hour": 3}]
    assert rows[0]["created_by"] == "admin"


@pytest.mark.parametrize(
    "wanted",
    [
        {"after_corrections": 0},
        {"nightly_hour": 24},
        {"largest_f1_fall": -1},
        {"largest_f1_fall": "much"},
        {"scenes": "room"},
    ],
)
def test_rules_that_make_no_sense_are_refused(client_of, admin, project, wanted):
    address = f"/api/projects/{project.pk}/training-rules/"
    assert client_of(admin).patch(address, wanted).status_code == 400
    assert RuleChange.objects.count() == 0
