"""What both versions said of each held-out segment of the project: the clips behind the figures."""

import hashlib
import json
from typing import Any

from webapp.core import storage
from webapp.reviews.edit_models import HumanSegment
from webapp.runs.models import Segment
from webapp.training.models import TrainingRun


def store_evaluation(*, project_id: int, evaluation: dict[str, Any]) -> str:
    """Keep it as a file named by its content; gives the name."""
    content = json.dumps(evaluation, separators=(",", ":")).encode()
    name = f"training/{project_id}/evaluation-{hashlib.sha256(content).hexdigest()}.json"
    storage.write_atomically(name, content)
    return name


def evaluation_of(run: TrainingRun) -> dict[str, Any]:
    """``base``: how many examples of the base set; ``segments`` of clips that are still there.

    Both are empty for a run from before evaluations were kept.
    """
    if not run.evaluation_file:
        return {"base": 0, "segments": []}
    stored = json.loads(storage.path_of(run.evaluation_file).read_bytes())
    told = [row | {"annotation": row.get("annotation")} for row in stored["segments"]]
    predicted = _video_names(run.project_id, [row["segment_id"] for row in told])
    drawn = _names_of_drawn(run.project_id, [row["annotation"] for row in told])
    names = [predicted.get(row["segment_id"]) or drawn.get(row["annotation"]) for row in told]
    rows = [
        row | {"video_name": name}
        for row, name in zip(told, names, strict=True)
        if name is not None
    ]
    return {"base": stored["base"], "segments": rows}


def _video_names(project_id: int, segment_ids: list[int | None]) -> dict[int | None, str]:
    segments = Segment.objects.filter(pk__in=[pk for pk in segment_ids if pk])
    ours = segments.filter(track__run__video__project_id=project_id)
    return dict(ours.values_list("pk", "track__run__video__name"))


def _names_of_drawn(project_id: int, keys: list[str | None]) -> dict[str | None, str]:
    """By the keys of segments that people drew."""
    segments = HumanSegment.objects.filter(key__in=[key for key in keys if key])
    ours = segments.filter(video__project_id=project_id)
    return {str(key): name for key, name in ours.values_list("key", "video__name")}
