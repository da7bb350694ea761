"""What may lie over what in the segments that people draw is a rule of the label set."""

import pytest

from webapp.labels.models import Overlap


def test_a_new_set_keeps_each_person_to_one_label_at_a_time(client_of, project, viewer):
    answer = client_of(viewer).get(f"/api/projects/{project.pk}/label-set/").json()
    assert answer["overlap"] == "per_person"


def test_only_admins_set_the_rule(statuses, label_set, project):
    wanted = {"overlap": "forbid"}
    assert statuses(lambda c: c.patch(f"/api/projects/{project.pk}/label-set/", wanted)) == {
        "anonymous": 401,
        "outsider": 404,
        "viewer": 403,
        "reviewer": 403,
        "admin": 200,
    }
    before = label_set.version
    label_set.refresh_from_db()
    assert (label_set.overlap, label_set.version) == (Overlap.FORBID, before + 1)


@pytest.mark.parametrize("wanted", [{}, {"overlap": "sometimes"}, {"overlap": None}])
def test_other_rules_are_refused(client_of, label_set, project, admin, wanted):
    answer = client_of(admin).patch(f"/api/projects/{project.pk}/label-set/", wanted, format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid")
    label_set.refresh_from_db()
    assert label_set.overlap == Overlap.PER_PERSON
