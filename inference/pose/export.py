"""Writes trained weights with the card that tells where they come from."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from inference.pose.checkpoint import State
from inference.pose.config import DCPoseConfig
from inference.weights_file import save_weights

LICENCES = {
    "arid": "ARID (Xu et al., 2020), CC BY 4.0; keypoints by MoveNet (Apache-2.0)",
    "gym_free_exercise": "free-exercise-db, public domain",
    "ccp_fashion": "Clothing Co-Parsing (Yang et al., 2014), Apache-2.0 repository",
    "yoga_manoj": "yoga poses, MIT repository, pictures from the web",
    "basketball": "basketball footage, permission stated by its owner",
    "coco_mini": "COCO (Lin et al., 2014), annotations CC BY 4.0, pictures by their owners",
    "lspet": "Leeds Sports Pose Extended (Johnson and Everingham, 2011), for research",
    "fashion_gt": "fashion pictures with joints, origin unclear, for research",
    "pennfudan": "Penn-Fudan pedestrians (Wang et al., 2007), for research",
    "renders": "rendered by inference.video.synthetic, ours",
}


def compact(state: State) -> State:
    """Kernels in half precision, everything else as it is: half the size, same keypoints."""
    return {
        name: value.half() if value.ndim == 4 and value.is_floating_point() else value
        for name, value in state.items()
    }


def export(
    path: Path,
    state: State,
    config: DCPoseConfig,
    *,
    recipe: dict[str, Any],
    data: list[str],
    figures: dict[str, Any],
    note: str,
) -> None:
    """Write weights and card.

    Args:
        path: ending in ``.safetensors``.
        state: of a whole ``DCPose``.
        config: of that network.
        recipe: settings of each stage.
        data: names of the sets that were trained on.
        figures: measured on held-out takes.
        note: what a person should know first.
    """
    card = {
        "name": "nightjar-dcpose-compact",
        "task": "17 joints (COCO order) of one person in three frames of dark video",
        "note": note,
        "config": config.as_dict(),
        "data": [{"name": name, "licence": LICENCES.get(name, "unknown")} for name in data],
        "recipe": recipe,
        "figures": figures,
        "torch": torch.__version__,
        "date": datetime.now(UTC).date().isoformat(),
    }
    save_weights(path, compact(state), card, in_bytes=True)
