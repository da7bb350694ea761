"""Slows down who guesses passwords, on the login page and where tokens are given alike."""

import math
from typing import Any

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle


class LoginThrottle(SimpleRateThrottle):
    """So many wrong passwords a minute from one address, counted in this process's cache."""

    scope = "login"

    def get_cache_key(self, request: Request | HttpRequest, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}

    def throttle_success(self) -> bool:
        """Attempts count when they turn out to be wrong."""
        return True

    def note_failure(self, request: Request | HttpRequest) -> None:
        if self.allow_request(request, None):
            super().throttle_success()


def seconds_to_wait(request: HttpRequest) -> int:
    """How long this address must wait before it may try another password; 0: it may now."""
    throttle = LoginThrottle()
    return 0 if throttle.allow_request(request, None) else math.ceil(throttle.wait() or 1)
