"""One error type for services and one JSON form for every refusal of the API.

The form is ``{"error": {"code", "message", "extra"}}``.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback


class AppError(Exception):
    """A refusal with a reason that a person can read: what was expected and what came."""

    status = 400

    def __init__(
        self,
        code: str,
        message: str,
        extra: dict[str, Any] | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.extra = extra or {}
        self.status = status or self.status


class Refused(AppError):
    status = 400


class Forbidden(AppError, PermissionDenied):
    """Also a PermissionDenied, so that plain Django views answer 403."""

    status = 403


class NotFound(AppError, Http404):
    """Also an Http404, so that plain Django views answer 404."""

    status = 404


class Conflict(AppError):
    status = 409


class Stale(AppError):
    """The caller saw an older version of what it wants to change."""

    status = 412


class TooLarge(AppError):
    status = 413


def error_body(code: str, message: str, extra: Any = None) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "extra": extra or {}}}


def answer_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn what a view raised into the one JSON form; None leaves real faults to Django."""
    if isinstance(error, AppError):
        answer = Response(error_body(error.code, error.message, error.extra), error.status)
    elif isinstance(error, Http404):
        answer = Response(error_body("not_found", "There is nothing here."), 404)
    elif isinstance(error, PermissionDenied):
        answer = Response(error_body("forbidden", "You may not do this."), 403)
    elif isinstance(error, exceptions.APIException):
        answer = _answer_framework_error(error)
    else:
        return None
    set_rollback()
    return answer


def _answer_framework_error(error: exceptions.APIException) -> Response:
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header
    if getattr(error, "wait", None):
        headers["Retry-After"] = str(int(error.wait))
    if isinstance(error, exceptions.ValidationError):
        body = error_body("invalid", _first_message(error.detail), error.detail)
    else:
        body = error_body(str(error.get_codes()), str(error.detail))
    return Response(body, error.status_code, headers=headers)


def _first_message(detail: Any, field: str = "") -> str:
    """The first complaint of a serializer, with the name of its field."""
    if isinstance(detail, dict):
        name, inner = next(iter(detail.items()))
        return _first_message(inner, "" if name == "non_field_errors" else str(name))
    if isinstance(detail, list):
        return _first_message(next((item for item in detail if item), ""), field)
    return f"{field}: {detail}" if field else str(detail)


def not_found_page(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse(error_body("not_found", "There is nothing here."), status=404)
    return defaults.page_not_found(request, exception)


def server_error_page(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        message = "Something went wrong on our side; the server's log says what."
        return JsonResponse(error_body("internal", message), status=500)
    return defaults.server_error(request)
