"""What an edit is and what it is checked against."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from webapp.accounts.models import User
from webapp.runs.models import PipelineRun
from webapp.videos.models import Video


@dataclass(frozen=True)
class NewEdit:
    """One edit as a page sent it."""

    id: UUID
    kind: str
    target: str
    data: dict[str, Any] = field(default_factory=dict)
    if_version: int | None = None
    group: UUID | None = None
    made_at: datetime | None = None

    @property
    def family(self) -> str:
        return self.kind.partition(".")[0]

    @property
    def act(self) -> str:
        return self.kind.partition(".")[2]


@dataclass(frozen=True)
class Scene:
    """The clip as it is while one edit is applied; its video's row is locked.

    Attributes:
        number: of the edit that is being applied.
        seen_run: the run whose people the page showed; None where it did not say.
    """

    video: Video
    by: User
    run: PipelineRun | None
    number: int
    now: datetime
    seen_run: int | None = None

    @cached_property
    def frames(self) -> int:
        return self.video.frames or 0


@dataclass(frozen=True)
class Applied:
    """What became of the thing that was edited."""

    family: str
    target: str
    version: int
    entity: dict[str, Any]
