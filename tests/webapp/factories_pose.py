"""Pose weights of a few numbers, with the card that a real file has."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from webapp.accounts.models import Project, User
from webapp.core import storage
from webapp.estimators import imports
from webapp.estimators.models import PoseImport, PoseKind, PoseVersion
from webapp.estimators.services import register_pose_version


def weights(folder: Path, *, seed: int = 0, **card: Any) -> Path:
    """A safetensors file of 10 numbers with a card beside it."""
    path = folder / f"weights{seed}.safetensors"
    numbers = np.random.default_rng(seed).normal(size=(2, 3)).astype(np.float32)
    save_file({"a": numbers, "b": np.zeros(4, np.float32)}, path)
    config = {"skeleton": "posetrack17", "joints": 17, "image": [96, 128]}
    written = {"name": "test-pose", "note": "made up", "config": config} | card
    written["sha256"] = storage.hash_file(path)
    path.with_suffix(".json").write_text(json.dumps(written))
    return path


def pose_version(project: Project, folder: Path, *, seed: int = 0, **fields: Any) -> PoseVersion:
    """The project's next version, a candidate unless told otherwise."""
    made = register_pose_version(
        project=project,
        kind=fields.pop("kind", PoseKind.IMPORTED),
        weights_path=weights(folder, seed=seed),
        source_name="published.pth",
        by=project.created_by,
    )
    if fields:
        PoseVersion.objects.filter(pk=made.pk).update(**fields)
        made.refresh_from_db()
    return made


def received(project: Project, by: User, content: bytes = b"0123456789") -> PoseImport:
    """An import whose file has come whole and waits for a worker."""
    made = imports.start_import(
        project=project, name="published_384x288.pth", size_bytes=len(content), by=by
    )
    return imports.append_piece(pose_import=made, offset=0, data=content)
