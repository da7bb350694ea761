"""Language, theme and preferences belong to a person and to nobody else."""

import pytest

from webapp.accounts.models import User
from webapp.accounts.services import MAX_PREFERENCES


def test_a_person_starts_with_the_system_and_nothing_kept(client_of, viewer):
    me = client_of(viewer).get("/api/me/").json()
    assert (me["language"], me["theme"], me["preferences"]) == ("", "system", {})


def test_what_is_left_out_stays(client_of, viewer):
    client = client_of(viewer)
    client.patch("/api/me/", {"theme": "light", "preferences": {"keys": {"play": ["P"]}}})
    me = client.patch("/api/me/", {"language": "zh-hans"}).json()
    assert (me["language"], me["theme"]) == ("zh-hans", "light")
    assert me["preferences"] == {"keys": {"play": ["P"]}}


def test_preferences_are_merged_by_name_and_null_forgets(client_of, viewer):
    client = client_of(viewer)
    client.patch("/api/me/", {"preferences": {"keys": {"a": 1}, "light": 2}})
    me = client.patch("/api/me/", {"preferences": {"keys": {"b": 1}, "light": None}}).json()
    assert me["preferences"] == {"keys": {"b": 1}}


def test_one_person_s_choice_changes_nobody_else(client_of, viewer, reviewer):
    client_of(viewer).patch("/api/me/", {"theme": "dark"})
    assert User.objects.get(pk=reviewer.pk).theme == "system"


def test_strangers_choose_nothing(client_of):
    assert client_of(None).patch("/api/me/", {"theme": "dark"}).status_code == 401


@pytest.mark.parametrize("wrong", [{"theme": "pink"}, {"language": "xx"}, {"preferences": [1]}])
def test_unknown_choices_are_refused(client_of, viewer, wrong):
    assert client_of(viewer).patch("/api/me/", wrong).status_code == 400


def test_preferences_stay_small(client_of, viewer):
    answer = client_of(viewer).patch("/api/me/", {"preferences": {"x": "a" * MAX_PREFERENCES}})
    assert answer.status_code == 413
    assert User.objects.get(pk=viewer.pk).preferences == {}
