"""Every kind of version lives by the same rules: where it may go, and that one takes over."""

import pytest

from tests.webapp import factories_runs
from webapp.classifiers.models import ClassifierVersion
from webapp.core.errors import Conflict
from webapp.core.versions import MOVES, VersionState, move, next_number, switch
from webapp.estimators.models import PoseKind, PoseVersion

pytestmark = pytest.mark.django_db


def pose(project, state="candidate"):
    numbers = PoseVersion.objects.filter(project=project)
    return PoseVersion.objects.create(
        project=project, number=next_number(numbers), kind=PoseKind.IMPORTED, state=state
    )


@pytest.fixture(params=["classifier", "pose"])
def make(request, project, label_set):
    """``make(state)``: a version of one kind in that state, none other of it being active."""
    if request.param == "pose":
        return lambda state: pose(project, state)

    def classifier(state):
        made = factories_runs.candidate(project)
        ClassifierVersion.objects.exclude(pk=made.pk).update(state="retired")
        ClassifierVersion.objects.filter(pk=made.pk).update(state=state)
        return made

    return classifier


@pytest.mark.parametrize("to", VersionState.values)
@pytest.mark.parametrize("state", VersionState.values)
def test_a_version_goes_only_where_the_table_says(make, state, to):
    version = make(state)
    if to == state:
        assert move(version, to) is False
    elif to in MOVES[state]:
        assert move(version, to) is True
    else:
        with pytest.raises(Conflict) as refusal:
            move(version, to)
        assert refusal.value.code in ("discarded", "not_a_candidate", "not_active")
        assert f"Version {version.number}" in refusal.value.message.replace("version", "Version")
        to = state
    version.refresh_from_db()
    assert version.state == to


def test_only_becoming_active_stamps_the_time(make):
    version = make("candidate")
    assert version.activated_at is None
    move(version, VersionState.ACTIVE)
    stamp = version.activated_at
    assert stamp is not None
    move(version, VersionState.RETIRED)
    version.refresh_from_db()
    assert version.activated_at == stamp


def test_the_row_decides_not_what_the_caller_holds(make):
    version = make("candidate")
    type(version).objects.filter(pk=version.pk).update(state="discarded")
    with pytest.raises(Conflict) as refusal:
        move(version, VersionState.ACTIVE)
    assert refusal.value.code == "discarded"


def test_one_takes_over_from_the_other(project):
    first, second = pose(project, "active"), pose(project)
    told = []
    former = switch(
        former=first, to=second, announce=lambda row: told.append((row.number, row.state))
    )
    assert former == first
    assert told == [(1, "retired"), (2, "active")]


def test_a_discarded_one_takes_over_from_nobody(project):
    first, second = pose(project, "active"), pose(project, "discarded")
    with pytest.raises(Conflict):
        switch(former=first, to=second, announce=lambda row: None)
    first.refresh_from_db()
    assert first.state == "active"


def test_none_may_follow_the_active_one(project):
    first = pose(project, "active")
    assert switch(former=first, to=None, announce=lambda row: None) == first
    assert first.state == "retired"


def test_numbers_go_on_behind_the_last(project):
    assert next_number(PoseVersion.objects.filter(project=project)) == 1
    pose(project)
    pose(project)
    assert next_number(PoseVersion.objects.filter(project=project)) == 3
