"""Who has which clip open, as the sockets of a project tell each other; kept nowhere else.

Each socket hears every other's word through the channel layer, so any number of web processes
agree, and one that dies takes only its own people along.
"""

from dataclasses import dataclass
from typing import Any

SILENCE_S = 25.0
"""Pages say every ten seconds that they are here; after this long without a word they are gone."""

LONGEST_MESSAGE = 1000
LARGEST_NUMBER = 2**53


@dataclass(frozen=True)
class Here:
    """One page, and what it shows."""

    sid: str
    user: int
    username: str
    video: int | None
    frame: int | None = None
    person: int | None = None
    editing: bool = False

    def state(self) -> dict[str, Any]:
        names = ("sid", "user", "username", "editing", "frame", "person")
        return {name: getattr(self, name) for name in names}


class Table:
    """What one socket has heard of all pages of its project."""

    def __init__(self) -> None:
        self._heard: dict[str, tuple[Here, float]] = {}

    def hear(self, here: Here, now: float) -> None:
        if here.video is None:
            self._heard.pop(here.sid, None)
        else:
            self._heard[here.sid] = (here, now)

    def people(self, video: int, now: float) -> list[dict[str, Any]]:
        """Pages that show the clip and were heard of lately, in a fixed order."""
        gone = [sid for sid, (_, at) in self._heard.items() if now - at > SILENCE_S]
        for sid in gone:
            del self._heard[sid]
        here = [here for here, _ in self._heard.values() if here.video == video]
        return [one.state() for one in sorted(here, key=lambda one: (one.username, one.sid))]


def read_here(message: Any) -> dict[str, Any] | None:
    """What a page says of itself, checked; None where it says something else."""
    if not isinstance(message, dict) or message.get("kind") != "here" or "video" not in message:
        return None
    found: dict[str, Any] = {"editing": message.get("editing") is True}
    for name in ("video", "frame", "person"):
        value = message.get(name)
        is_number = isinstance(value, int) and not isinstance(value, bool)
        if value is not None and not (is_number and 0 <= value < LARGEST_NUMBER):
            return None
        found[name] = value
    return found
