"""The life of classifier versions."""

import json

import pytest
from django.db import IntegrityError, transaction

from tests.webapp import factories, factories_runs
from webapp.classifiers import services
from webapp.classifiers.models import ClassifierVersion
from webapp.classifiers.selectors import active_classifier, known_label_ids
from webapp.core import storage
from webapp.core.errors import AppError, Conflict, Refused

pytestmark = pytest.mark.django_db


def test_the_shipped_classifier_becomes_version_one(project, label_set, admin):
    version = services.install_shipped_classifier(project=project, by=admin)
    assert (version.number, version.state) == (1, "active")
    assert version.output_names == ["Jump", "Run", "Sit", "Stand", "Turn", "Walk"]
    names = [label_set.labels.get(pk=pk).name for pk in version.label_ids]
    assert names == version.output_names
    copy = storage.path_of(version.weights_file)
    assert storage.hash_file(copy) == version.weights_sha256
    assert active_classifier(project.pk) == version


def test_installing_twice_gives_the_same_version(project, label_set, admin):
    first = services.install_shipped_classifier(project=project, by=admin)
    assert services.install_shipped_classifier(project=project, by=admin) == first
    assert ClassifierVersion.objects.count() == 1


def test_outputs_without_a_label_map_to_none(project, admin):
    labels = factories.LabelSet.objects.create(project=project)
    run = factories.label(labels, "run")
    version = services.install_shipped_classifier(project=project, by=admin)
    assert version.label_ids == [None, run.pk, None, None, None, None]
    assert known_label_ids(version) == {run.pk}


def test_a_project_without_known_labels_gets_no_classifier_by_itself(project):
    factories.label(factories.LabelSet.objects.create(project=project), "Cartwheel")
    assert services.ensure_classifier(project=project) is None
    assert not ClassifierVersion.objects.exists()


def test_a_retired_project_is_not_given_a_classifier_again(project, label_set):
    version = services.ensure_classifier(project=project)
    ClassifierVersion.objects.filter(pk=version.pk).update(state="retired")
    assert services.ensure_classifier(project=project) is None


def test_broken_weights_are_ours_to_mend(project, label_set, admin, settings, tmp_path):
    settings.SHIPPED_CLASSIFIER = tmp_path / "broken.safetensors"
    for content in (b"", b"\xff" * 20, (9).to_bytes(8, "little") + b'{"a": 1} '):
        settings.SHIPPED_CLASSIFIER.write_bytes(content)
        with pytest.raises(AppError) as error:
            services.install_shipped_classifier(project=project, by=admin)
        assert (error.value.code, error.value.status) == ("no_classifier_weights", 500)


def test_versions_are_numbered_without_gaps(project, label_set):
    numbers = [factories_runs.candidate(project).number for _ in range(3)]
    assert numbers == [2, 3, 4]


def test_activating_retires_the_former(project, label_set):
    first, second = factories_runs.shipped(project), factories_runs.candidate(project)
    assert services.activate_classifier(version=second) == first
    first.refresh_from_db()
    assert (first.state, second.state) == ("retired", "active")
    assert second.activated_at is not None


def test_the_database_allows_one_active_version(project, label_set):
    factories_runs.shipped(project)
    second = factories_runs.candidate(project)
    second.state = "active"
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()


def test_only_candidates_are_discarded(project, label_set):
    first, second = factories_runs.shipped(project), factories_runs.candidate(project)
    assert services.discard_classifier(version=second).state == "discarded"
    assert services.discard_classifier(version=second).state == "discarded"
    with pytest.raises(Conflict, match="is active"):
        services.discard_classifier(version=first)
    with pytest.raises(Conflict, match="was discarded"):
        services.activate_classifier(version=second)
    assert active_classifier(project.pk) == first


def test_each_change_is_told(project, label_set, monkeypatch):
    told = []
    monkeypatch.setattr(
        services.events, "publish", lambda project_id, kind, **what: told.append((kind, what))
    )
    second = factories_runs.candidate(project)
    services.activate_classifier(version=second)
    assert [(kind, what["number"], what["state"]) for kind, what in told] == [
        ("classifier", 1, "active"),
        ("classifier", 2, "candidate"),
        ("classifier", 1, "retired"),
        ("classifier", 2, "active"),
    ]
    json.dumps(told)


def test_weights_with_the_outputs_in_another_order_are_refused(project, label_set):
    version = factories_runs.candidate(project)
    ClassifierVersion.objects.filter(pk=version.pk).update(output_names=version.output_names[::-1])
    version.refresh_from_db()
    with pytest.raises(Refused) as refusal:
        services.expect_fitting_weights(version=version)
    assert refusal.value.code == "label_order"
    assert "in this order" in refusal.value.message


def test_weights_for_other_features_are_refused(project, label_set):
    version = factories_runs.candidate(project, feature_version="another")
    with pytest.raises(Refused) as refusal:
        services.expect_fitting_weights(version=version)
    assert refusal.value.code == "feature_version"
    assert "another" in refusal.value.message
