"""What the import task does, step by step; safe to do twice."""

import tempfile
from pathlib import Path

from webapp.core import storage
from webapp.estimators import gpu, imports
from webapp.estimators.models import ImportState, PoseImport
from webapp.jobs.work import Report


def read_checkpoint(*, import_id: int, report: Report) -> None:
    """Turn the received file into weights of our own form and register them."""
    pose_import = PoseImport.objects.select_related("project", "created_by").get(pk=import_id)
    if pose_import.state == ImportState.DONE:  # a worker was lost just after it had registered
        return
    imports.begin_import(pose_import=pose_import)
    report("reading", 0.1)
    with tempfile.TemporaryDirectory() as draft, tempfile.TemporaryDirectory() as folder:
        # The name that people gave it tells the size of crops, and goes on the card.
        named = storage.lend(pose_import.file, Path(folder), pose_import.name)
        try:
            weights = gpu.import_checkpoint(named, Path(draft) / "pose.safetensors")
        except Exception as error:
            if misfits := getattr(error, "extra", {}).get("misfits"):
                imports.note_misfits(pose_import=pose_import, misfits=misfits)
            raise
        report("storing", 0.9)
        imports.finish_import(pose_import=pose_import, weights_path=weights)
