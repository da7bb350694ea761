import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions

from webapp.core import errors


def answer(error):
    response = errors.answer_error(error, {})
    return response.status_code, response.data["error"]


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.AppError, 400),
        (errors.Refused, 400),
        (errors.Forbidden, 403),
        (errors.NotFound, 404),
        (errors.Conflict, 409),
        (errors.Stale, 412),
        (errors.TooLarge, 413),
    ],
)
def test_each_refusal_has_its_status_and_the_one_form(kind, status):
    expected = {"code": "why", "message": "Because.", "extra": {"n": 1}}
    assert answer(kind("why", "Because.", {"n": 1})) == (status, expected)


def test_a_status_may_be_given():
    assert answer(errors.AppError("disk_full", "Full.", status=507))[0] == 507


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404(), 404, "not_found"),
        (PermissionDenied(), 403, "forbidden"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.ParseError(), 400, "parse_error"),
        (exceptions.Throttled(wait=3), 429, "throttled"),
    ],
)
def test_the_frameworks_errors_take_the_same_form(error, status, code):
    got_status, body = answer(error)
    assert (got_status, body["code"]) == (status, code)
    assert body["message"]


def test_a_bad_field_is_named_in_message_and_extra():
    status, body = answer(exceptions.ValidationError({"name": ["Expected a text."]}))
    assert (status, body["code"]) == (400, "invalid")
    assert body["message"] == "name: Expected a text."
    assert body["extra"]["name"] == ["Expected a text."]


def test_a_real_fault_is_left_to_django():
    assert errors.answer_error(RuntimeError("bug"), {}) is None


def test_unknown_api_addresses_answer_in_json(client):
    response = client.get("/api/nonsense/")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"
