"""A strict content security policy for our own pages: nothing from elsewhere, no inline code."""

import secrets
from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse

_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'nonce-{nonce}'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "connect-src 'self' {sockets}",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)


def content_security_policy(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Gives the request a nonce for the import map and the response the policy that allows it."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        request.csp_nonce = secrets.token_urlsafe(16)
        response = view(request, *args, **kwargs)
        response["Content-Security-Policy"] = _policy(request)
        return response

    return wrapped


def _policy(request: HttpRequest) -> str:
    scheme = "wss" if request.is_secure() else "ws"
    # Older Safari does not count sockets of the same host as 'self'.
    sockets = f"{scheme}://{request.get_host()}"
    return _POLICY.format(nonce=request.csp_nonce, sockets=sockets)
