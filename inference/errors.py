"""The errors of the library, told apart by who can mend them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class InferenceError(Exception):
    """Anything that this library raises on purpose.

    Attributes:
        code: short machine-readable name, such as ``"not_a_video"``.
        message: one sentence for a person: what was expected and what came.
        extra: more for programs, of what JSON can hold.
    """

    def __init__(self, code: str, message: str, extra: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.extra: dict[str, Any] = dict(extra or {})


class BadInput(InferenceError):
    """The person who gave the input can mend it."""


class ModelError(InferenceError):
    """Weights, configuration or code are at fault: we must mend it."""


class TransientError(InferenceError):
    """Trying again later may work: memory, a busy device, a lost connection."""


class Cancelled(InferenceError):
    """The caller asked to stop and the work stopped cleanly."""

    def __init__(self) -> None:
        super().__init__("cancelled", "The work was cancelled.")
