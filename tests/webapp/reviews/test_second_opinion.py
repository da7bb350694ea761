"""Which given labels everything else speaks against, on plain arrays."""

import numpy as np
import pytest

from webapp.reviews.second_opinion import Examples, out_of_fold, suspects


def examples(seed=0, per_class=15, classes=3, features=20):
    """Classes that lie apart, five videos each."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(classes, features)) * 2
    labels = np.repeat(np.arange(classes), per_class)
    rows = centres[labels] + rng.normal(size=(len(labels), features))
    groups = labels * 5 + np.tile(np.arange(per_class) % 5, classes)
    weights = np.ones(len(labels), np.float32)
    return Examples(rows.astype(np.float32), labels, groups, weights)


def test_labels_that_were_swapped_are_found_first():
    truth = examples()
    wrong = truth.labels.copy()
    swapped = [3, 20, 41]
    wrong[swapped] = (wrong[swapped] + 1) % 3
    said = out_of_fold(Examples(truth.features, wrong, truth.groups, truth.weights), None, 3)
    rows, against, lead = suspects(said, wrong)
    assert set(rows[:3].tolist()) == set(swapped)
    assert against[:3].tolist() == truth.labels[rows[:3]].tolist()
    assert (np.diff(lead) <= 0).all()


def test_right_labels_are_hardly_ever_suspect():
    truth = examples(seed=4, per_class=30)
    rows, _, _ = suspects(out_of_fold(truth, None, 3), truth.labels)
    assert len(rows) <= 0.05 * len(truth.labels)


def test_rows_are_probabilities():
    truth = examples(seed=2)
    said = out_of_fold(truth, None, 4)
    assert said.sum(axis=1) == pytest.approx(np.ones(len(said)), abs=1e-5)
    assert (said[:, 3] == 0).all()  # nobody has given that label


def test_no_row_learns_from_its_own_video():
    """Twins in one video with a label of their own cannot vouch for each other."""
    truth = examples(seed=3)
    features, labels, groups = truth.features.copy(), truth.labels.copy(), truth.groups.copy()
    features[:2] = 9.0
    labels[:2], groups[:2] = 2, 99
    said = out_of_fold(Examples(features, labels, groups, truth.weights), None, 3)
    apart = groups.copy()
    apart[0], apart[1] = 98, 99  # the same twins in two videos do
    vouched = out_of_fold(Examples(features, labels, apart, truth.weights), None, 3)
    assert vouched[0, 2] > said[0, 2] + 0.2


def test_the_base_set_helps_where_there_is_little():
    truth = examples(seed=6)
    few = [0, 15, 30, 1, 2, 3]
    given = np.array([0, 1, 2, 1, 0, 0])  # the fourth is wrong
    own = Examples(truth.features[few], given, np.array([7, 8, 9, 7, 7, 7]), np.ones(6, np.float32))
    assert out_of_fold(own, None, 3) is None
    said = out_of_fold(own, truth, 3)
    assert said.argmax(axis=1).tolist() == [0, 1, 2, 0, 0, 0]


def test_a_label_must_be_as_sure_as_it_is_for_its_own():
    """The first row leans to label 1, but less than rows of label 1 do."""
    said = np.array([[0.45, 0.55], [0.9, 0.1], [0.1, 0.9], [0.2, 0.8]], np.float32)
    assert suspects(said, np.array([0, 0, 1, 1]))[0].tolist() == []
    said[0] = [0.1, 0.9]
    rows, against, lead = suspects(said, np.array([0, 0, 1, 1]))
    assert (rows.tolist(), against.tolist()) == ([0], [1])
    assert lead == pytest.approx([0.8])


def test_rows_without_an_opinion_are_passed_over():
    said = np.array([[np.nan, np.nan], [0.1, 0.9], [0.05, 0.95]], np.float32)
    assert suspects(said, np.array([0, 0, 1]))[0].tolist() == []
    assert suspects(np.zeros((0, 2), np.float32), np.zeros(0, np.int64))[0].tolist() == []
