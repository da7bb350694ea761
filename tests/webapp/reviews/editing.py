"""Short ways to send edits in tests."""

from typing import Any
from uuid import uuid4


def new(kind: str, target: Any = None, data: dict[str, Any] | None = None, **more: Any):
    """An edit with an id of its own; a fresh UUID as target where none is given."""
    return {
        "id": str(uuid4()),
        "kind": kind,
        "target": str(target if target is not None else uuid4()),
        "data": data or {},
        **more,
    }


def segment(label: Any, start: int = 0, end: int = 10, person: int | None = 0, **more: Any):
    """The data of a new segment."""
    return {
        "person": person,
        "start_frame": start,
        "end_frame": end,
        "label": label.pk,
        **more,
    }


class Editor:
    """A person's way to the edits of one clip."""

    def __init__(self, client: Any, video_id: int) -> None:
        self.client = client
        self.address = f"/api/videos/{video_id}"

    def send(self, *edits: dict[str, Any], **more: Any):
        return self.client.post(f"{self.address}/edits/", {"edits": list(edits), **more})

    def do(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Send one new edit that must be applied; its result."""
        answer = self.send(new(*args, **kwargs))
        assert answer.status_code == 200, answer.json()
        [result] = answer.json()["results"]
        assert result["outcome"] == "applied"
        return result

    def refused(self, *args: Any, **kwargs: Any) -> tuple[int, str]:
        """Send one new edit that must be refused; status and code."""
        answer = self.send(new(*args, **kwargs))
        return answer.status_code, answer.json()["error"]["code"]

    def read(self) -> dict[str, Any]:
        return self.client.get(f"{self.address}/annotations/").json()

    def history(self, **asked: Any) -> dict[str, Any]:
        return self.client.get(f"{self.address}/edits/", asked).json()
