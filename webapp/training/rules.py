"""What a project does by itself: training by a rule, promoting through a gate; both off first."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from webapp.accounts.models import Project, User
from webapp.accounts.services import lock_project
from webapp.classifiers.selectors import active_classifier
from webapp.core.errors import AppError, Conflict
from webapp.core.models import UNFINISHED
from webapp.jobs import events
from webapp.training import promotions, selectors, services
from webapp.training.models import RuleChange, TrainingRules, TrainingRun, Trigger

logger = logging.getLogger(__name__)

RULES = ("after_corrections", "nightly_hour", "largest_f1_fall", "scenes")


def rules_of(project: Project) -> TrainingRules:
    """The project's rules; before anybody has set one, those of a project that has none."""
    found = TrainingRules.objects.filter(project=project).select_related("updated_by").first()
    return found or TrainingRules(project=project)


@transaction.atomic
def change_rules(*, project: Project, by: User, wanted: Mapping[str, Any]) -> TrainingRules:
    """Set rules and write down who did so, from what to what; no change leaves no trace."""
    lock_project(project.pk)
    rules = rules_of(project)
    before = {name: getattr(rules, name) for name in RULES}
    changed = {n: v for n, v in wanted.items() if n in RULES and v != before[n]}
    if not changed:
        return rules
    for name, value in changed.items():
        setattr(rules, name, value)
    if "nightly_hour" in changed:  # the first night is the next one
        now = timezone.localtime()
        started = rules.nightly_hour is not None and now.hour >= rules.nightly_hour
        rules.last_night = now.date() if started else None
    rules.updated_by = by
    rules.save()
    RuleChange.objects.create(
        project=project,
        before={name: before[name] for name in changed},
        after=changed,
        created_by=by,
    )
    events.publish(project.pk, "training_rules", id=rules.pk)
    return rules


def apply_rules(now: datetime | None = None) -> int:
    """Start the trainings that are due; returns how many. Called each minute or so by a worker.

    Safe to be called by several at once: the night is claimed, and one training runs at a time.
    """
    now = timezone.localtime(now)
    wanted = Q(after_corrections__isnull=False) | Q(nightly_hour__isnull=False)
    rows = TrainingRules.objects.filter(wanted).select_related("project")
    return sum(_apply(rules, now) for rules in rows)


def _apply(rules: TrainingRules, now: datetime) -> bool:
    try:
        return _after_corrections(rules) or _nightly(rules, now)
    except AppError:
        logger.exception("The training rules of project %s could not be applied.", rules.project_id)
        return False


def _after_corrections(rules: TrainingRules) -> bool:
    """Counts from the newest set that was trained on, so that a failure is not tried for ever."""
    if rules.after_corrections is None:
        return False
    if selectors.corrections_since_training(rules.project_id) < rules.after_corrections:
        return False
    return _start(rules, Trigger.CORRECTIONS)


@transaction.atomic
def _nightly(rules: TrainingRules, now: datetime) -> bool:
    if rules.nightly_hour is None or now.hour < rules.nightly_hour:
        return False
    if TrainingRun.objects.filter(project=rules.project, state__in=UNFINISHED).exists():
        return False  # the night is not over: wait for it
    mine = TrainingRules.objects.filter(pk=rules.pk).exclude(last_night=now.date())
    return bool(mine.update(last_night=now.date())) and _start(rules, Trigger.NIGHTLY)


def _start(rules: TrainingRules, trigger: Trigger) -> bool:
    """False where there is nothing to train, or somebody trains already.

    Judgements that changed nothing are noted by freezing: they are not counted again.
    """
    try:
        services.start_training(project=rules.project, by=None, trigger=trigger)
    except Conflict as refusal:
        if refusal.code != "already_training":
            services.freeze_training_set(project=rules.project, by=None)
        logger.info("No training of project %s: %s", rules.project_id, refusal.message)
        return False
    return True


def pass_gate(*, run: TrainingRun) -> None:
    """Promote a new candidate where the rule allows it; what the rule said stays with the run."""
    rules = rules_of(run.project)
    if rules.largest_f1_fall is None or run.candidate is None or run.gate:
        return
    run.gate = verdict(run, rules.largest_f1_fall)
    if run.gate["passed"]:
        run.gate |= _promote(run, rules)
    run.save(update_fields=["gate"])
    events.publish(run.project_id, "training", id=run.pk, state=str(run.state), news="gate")


def _promote(run: TrainingRun, rules: TrainingRules) -> dict[str, Any]:
    try:
        promotions.start_promotion(version=run.candidate, by=rules.updated_by, trigger=Trigger.GATE)
    except AppError as refusal:
        return {"passed": False, "reason": refusal.message}
    return {}


def verdict(run: TrainingRun, limit: float) -> dict[str, Any]:
    """Whether F1 falls on no label with held-out examples by more than ``limit`` points.

    Gives limit, passed, reason and falls: label to points, the labels that fall, worst first.
    """
    said = {"limit": limit, "passed": False, "falls": {}}
    before = run.baseline_metrics.get("per_class")
    if not before:
        return said | {"reason": "There is no active version to compare with."}
    if not run.metrics.get("count"):
        return said | {"reason": "There are no held-out segments to compare on."}
    active = active_classifier(run.project_id)
    if active != run.baseline:
        return said | {"reason": "Another version has become active since the training began."}
    falls = _falls(run.metrics["per_class"], before)
    broken = {label: points for label, points in falls.items() if points > limit}
    reason = "F1 falls on no label by more than that."
    if broken:
        named = ", ".join(f"{label} by {points:.1f}" for label, points in broken.items())
        reason = f"F1 falls on {named} points."
    return said | {"passed": not broken, "falls": falls, "reason": reason}


def _falls(now: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, float]:
    points = {
        label: (old["f1"] - now[label]["f1"] if label in now else old["f1"]) * 100
        for label, old in before.items()
        if old["support"]
    }
    ranked = sorted(points.items(), key=lambda item: (-item[1], item[0]))
    return {label: round(fall, 2) for label, fall in ranked if fall > 0}
