"""Stored features are read by file and row, each file once."""

import numpy as np
import pytest

from tests.webapp import factories_runs
from webapp.core import storage
from webapp.core.errors import AppError
from webapp.runs import features, gpu, services
from webapp.runs.models import Segment

pytestmark = pytest.mark.django_db


@pytest.fixture
def segments(project, label_set):
    """Ids of five segments of two clips."""
    factories_runs.shipped(project)
    factories_runs.analysed(project, (((0, 10), (10, 30)), ((0, 30),)))
    factories_runs.analysed(project, (((0, 14), (14, 30)),), seed=1)
    return list(Segment.objects.order_by("pk").values_list("pk", flat=True))


def stored(segment_id):
    segment = Segment.objects.select_related("track__run").get(pk=segment_id)
    path = storage.path_of(segment.track.run.features_file)
    return features.read_file(path)[segment.feature_row]


def test_vectors_come_in_the_order_in_which_they_were_asked_for(segments):
    asked = [segments[4], segments[0], segments[3], segments[0], segments[2]]
    found = features.matrix_of(asked)
    np.testing.assert_array_equal(found, [stored(pk) for pk in asked])
    assert found.dtype == np.float32


def test_each_file_is_opened_once(segments, monkeypatch):
    opened = []
    read = features.read_file
    monkeypatch.setattr(features, "read_file", lambda path: opened.append(path) or read(path))
    features.matrix_of([*segments, *segments])
    assert len(opened) == 2


def test_nothing_asked_for_is_nothing(segments):
    assert features.matrix_of([]).shape == (0, 0)


def refusal(call):
    with pytest.raises(AppError) as error:
        call()
    return error.value.code


def test_what_is_gone_or_does_not_fit_is_named(segments):
    name, row = features.rows_of(segments)[segments[0]]
    assert refusal(lambda: features.matrix_of([0])) == "features_missing"
    assert refusal(lambda: features.read_rows([("features/none.npz", 0)])) == "features_missing"
    assert refusal(lambda: features.read_rows([(name, 99)])) == "features_missing"
    with storage.path_of("other.npz").open("wb") as file:
        np.savez(file, features=np.zeros((1, 2), np.float32))
    assert refusal(lambda: features.read_rows([(name, row), ("other.npz", 0)])) == "features_differ"
    storage.path_of(name).write_bytes(b"no archive")
    assert refusal(lambda: features.matrix_of(segments)) == "features_broken"


def test_other_cuts_of_the_same_skeletons_are_another_file(project):
    version = gpu.feature_version()
    names = {
        services.name_features("poses.npz", version, [(0, 0, 60)]),
        services.name_features("poses.npz", version, [(0, 0, 30), (0, 30, 60)]),
        services.name_features("poses.npz", "other", [(0, 0, 60)]),
        services.name_features("better.npz", version, [(0, 0, 60)]),
    }
    assert len(names) == 4


def test_batches_hold_whole_clips_and_a_bounded_number_of_rows():
    counts = [(1, 4), (2, 5), (3, 2), (4, 30), (5, 1)]
    assert list(features.in_batches(counts, 10)) == [[1, 2], [3], [4], [5]]
