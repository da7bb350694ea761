"""Versions of pose weights: numbered, at most one active, never lost."""

import json

import pytest
from django.db import IntegrityError, transaction

from tests.webapp import factories, factories_pose
from webapp.core import storage
from webapp.core.errors import Conflict
from webapp.estimators.facts import PoseFacts, shipped_facts
from webapp.estimators.models import PoseVersion
from webapp.estimators.selectors import active_pose
from webapp.estimators.services import activate_pose, discard_pose

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(project, tmp_path):
    return lambda seed=0, **fields: factories_pose.pose_version(
        project, tmp_path, seed=seed, **fields
    )


def test_versions_are_numbered_in_their_project(version, tmp_path):
    assert [version(seed).number for seed in range(2)] == [1, 2]
    elsewhere = factories.project("Elsewhere")
    assert factories_pose.pose_version(elsewhere, tmp_path).number == 1


def test_weights_and_card_are_stored_together_and_once(version):
    first, again, other = version(0), version(0), version(1)
    assert first.weights_file == again.weights_file != other.weights_file
    stored = storage.path_of(first.weights_file)
    assert storage.hash_file(stored) == first.weights_sha256
    assert json.loads(stored.with_suffix(".json").read_text())["name"] == "test-pose"


def test_another_card_with_the_same_weights_is_another_file(project, tmp_path, version):
    first = version(0)
    factories_pose.weights(tmp_path, seed=0)
    card = tmp_path / "weights0.json"
    card.write_text(card.read_text().replace("96", "192"))
    second = factories_pose.register_pose_version(
        project=project,
        kind="imported",
        weights_path=tmp_path / "weights0.safetensors",
        source_name="x",
        by=None,
    )
    assert second.weights_sha256 == first.weights_sha256
    assert second.weights_file != first.weights_file


def test_facts_come_from_card_and_header(version):
    facts = PoseFacts.of(version().card)
    assert (facts.parameters, facts.joints, facts.skeleton) == (10, 17, "posetrack17")
    assert (facts.image, facts.is_large) == ([96, 128], False)


def test_the_shipped_weights_are_the_fallback(project):
    assert active_pose(project.pk) is None
    facts = shipped_facts()
    assert (facts.skeleton, facts.joints) == ("coco17", 17)
    assert facts.parameters > 100_000
    assert len(facts.sha256) == 64


def test_activating_retires_the_former_and_the_way_back_too(project, version):
    first, second = version(0), version(1)
    assert activate_pose(project_id=project.pk, version=first) is None
    assert activate_pose(project_id=project.pk, version=second) == first
    assert active_pose(project.pk) == second
    assert activate_pose(project_id=project.pk, version=None) == second
    states = PoseVersion.objects.order_by("number").values_list("state", flat=True)
    assert (active_pose(project.pk), list(states)) == (None, ["retired", "retired"])


def test_the_database_refuses_a_second_active_version(version):
    version(0, state="active")
    with pytest.raises(IntegrityError), transaction.atomic():
        version(1, state="active")


def test_only_candidates_are_discarded_and_then_never_used(project, version):
    first, second = version(0, state="active"), version(1)
    with pytest.raises(Conflict) as error:
        discard_pose(version=first)
    assert error.value.code == "not_a_candidate"
    discard_pose(version=second)
    assert discard_pose(version=second).state == "discarded"
    with pytest.raises(Conflict):
        activate_pose(project_id=project.pk, version=second)
    assert active_pose(project.pk) == first
