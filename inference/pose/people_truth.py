"""Pictures of people whose joints somebody marked by hand, for figures beside the teacher's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from inference.errors import BadInput
from inference.pose.evaluate import Truth
from inference.skeleton import COCO17
from inference.types import Floats, Pixels

SETS = ("fashion_gt", "lspet", "coco_mini")
"""Sets that hold ``gt_keypoints`` [N, K, 3] (x px, y px, visible above 0) and ``gt_names``."""


def load_people_truth(
    data: Path, name: str, *, part: str = "test"
) -> tuple[list[Truth], list[Floats]]:
    """A set's marked people.

    Args:
        data: folder, see ``inference.pose.dataset``.
        name: of the set.
        part: ``"test"`` or ``"train"``.

    Returns:
        (one truth a picture, the teacher's keypoints float32 [1, 17, 3] of each).

    Raises:
        BadInput: there is no such set, or it has no marks.
    """
    try:
        chosen = json.loads((data / "people" / "split.json").read_text())[name][part]
        with np.load(data / "people" / f"{name}.npz") as file:
            boxes, teacher, marked, names = (
                file[key] for key in ("box_xyxy", "keypoints", "gt_keypoints", "gt_names")
            )
    except (OSError, KeyError, ValueError) as error:
        raise BadInput("no_people", f"Expected marked people {name} in {data}: {error}.") from error
    truths = []
    for index in chosen:
        picture = cv2.imread(str(data / "people" / name / f"{index:05d}.jpg"), cv2.IMREAD_COLOR_RGB)
        if picture is None:
            raise BadInput("no_people", f"{name}: picture {index} cannot be read.")
        truths.append(
            Truth(
                f"{name}/{index}",
                cast(Pixels, picture)[None],
                np.zeros(1, np.int64),
                boxes[index][None].astype(np.float32),
                as_coco(marked[index], names.tolist())[None],
            )
        )
    return truths, [teacher[index][None].astype(np.float32) for index in chosen]


def as_coco(marked: npt.NDArray[np.floating], names: Sequence[str]) -> Floats:
    """Marked joints in COCO's order, score 1 where they are marked and 0 elsewhere.

    Args:
        marked: float [K, 3]: x px, y px, visible above 0.
        names: ``l_knee`` and the like; those that COCO does not know are left out.
    """
    found = np.zeros((len(COCO17.joints), 3), np.float32)
    for name, joint in zip(names, marked, strict=True):
        full = name.replace("l_", "left_", 1) if name.startswith("l_") else name
        full = full.replace("r_", "right_", 1) if full.startswith("r_") else full
        if full in COCO17.joints and joint[2] > 0:
            found[COCO17.joints.index(full)] = (joint[0], joint[1], 1.0)
    return found
