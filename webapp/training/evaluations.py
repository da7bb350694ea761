"""What both versions said of each held-out segment of the project: the clips behind the figures."""

import hashlib
import json
from typing import Any

from webapp.core import storage
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
    names = _video_names(run.project_id, [row["segment_id"] for row in stored["segments"]])
    rows = [
        row | {"video_name": names[row["segment_id"]]}
        for row in stored["segments"]
        if row["segment_id"] in names
    ]
    return {"base": stored["base"], "segments": rows}


def _video_names(project_id: int, segment_ids: list[int]) -> dict[int, str]:
    segments = Segment.objects.filter(pk__in=segment_ids, track__run__video__project_id=project_id)
    return dict(segments.values_list("pk", "track__run__video__name"))
