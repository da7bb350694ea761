"""Classifier versions over HTTP."""

import pytest

from tests.webapp import factories_runs

pytestmark = pytest.mark.django_db

READERS = {"anonymous": 401, "outsider": 404, "viewer": 200, "reviewer": 200, "admin": 200}


def test_every_member_may_look(statuses, project, label_set):
    version = factories_runs.shipped(project)
    for address in (f"/api/projects/{project.pk}/classifiers/", f"/api/classifiers/{version.pk}/"):
        assert statuses(lambda client, address=address: client.get(address)) == READERS


def test_the_newest_comes_first_and_states_can_be_picked(client_of, viewer, project, label_set):
    factories_runs.shipped(project)
    factories_runs.candidate(project)
    client = client_of(viewer)
    address = f"/api/projects/{project.pk}/classifiers/"

    def numbers(**asked):
        return [row["number"] for row in client.get(address, asked).json()["results"]]

    assert (numbers(), numbers(state="active")) == ([2, 1], [1])


def test_many_versions_take_as_many_queries(
    client_of, viewer, project, label_set, django_assert_max_num_queries
):
    for _ in range(8):
        factories_runs.candidate(project)
    client = client_of(viewer)
    with django_assert_max_num_queries(5):
        assert client.get(f"/api/projects/{project.pk}/classifiers/").json()["count"] == 9
