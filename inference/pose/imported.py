"""Turns published checkpoints into our own form, so that they serve wherever pose weights do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from inference.errors import BadInput, ModelError
from inference.pose.config import DCPoseConfig
from inference.pose.dcpose import DCPose
from inference.skeleton import COCO17, POSETRACK17
from inference.weights_file import Card, save_weights
from thirdparty.checkpoints import (
    BACKBONE,
    HOMES,
    CheckpointError,
    backbone_of,
    check_fit,
    head_sizes,
    hrnet_sizes,
    kind_of,
    known_digest,
    load_into,
    read_state_dict,
    sha256_of,
)

KINDS = ("auto", "dcpose", "hrnet")

PUBLISHED_IMAGE = (288, 384)
"""(width, height) px that DCPose and the larger HRNets were published for."""

DILATIONS = (3, 6, 9, 12, 15)
"""Of DCPose's deformable convolutions, as published: the weights do not tell them."""

BRANCH_SHARE = 26
"""Width of the branches in the published head, in 64ths; tried first."""

SHOWN = 3


@dataclass(frozen=True)
class Imported:
    """What came out of a checkpoint.

    Attributes:
        network: whole, with all weights in place.
        kind: "dcpose" or "hrnet".
        holds: which parts came from the file: "backbone", "heatmaps" (its last layer), "head".
        left_out: names of weights that were not taken.
    """

    network: DCPose
    kind: str
    holds: dict[str, bool]
    left_out: list[str]


def import_checkpoint(
    path: Path | str,
    out: Path | str,
    *,
    kind: str = "auto",
    image: tuple[int, int] | None = None,
    skeleton: str | None = None,
) -> Path:
    """Write a published checkpoint's weights in our form, with a card that tells their source.

    Args:
        path: the file as published: ``{"state_dict": ...}`` or the weights alone, names with or
            without ``module.``.
        out: a folder, which gets a file of the checkpoint's name; or a path that ends in
            ``.safetensors``.
        kind: "dcpose" for a whole DCPose; "hrnet" for its backbone alone, from COCO, PoseTrack
            or ImageNet, also out of a larger network; "auto" to tell by the names.
        image: (width, height) px of the crops that the network was trained on; if not given, as
            in the file's name (``384x288``), else 288x384.
        skeleton: joint order of the heatmaps; if not given, PoseTrack's for a DCPose or what
            lies inside one, COCO's for an HRNet by itself.

    Returns:
        Path of the written ``.safetensors``; its card lies beside it.

    Raises:
        BadInput: the file is no such checkpoint, does not fit, or cannot be written there.
    """
    path, out = Path(path), Path(out)
    if kind not in KINDS:
        raise BadInput("bad_kind", f"kind: expected one of {', '.join(KINDS)}, got {kind!r}.")
    target = out if out.suffix == ".safetensors" else out / f"{path.stem}.safetensors"
    try:
        imported = _read(path, kind, image or _image_named(path), skeleton)
        card = _card(path, imported)
    except CheckpointError as error:
        raise BadInput("bad_checkpoint", str(error), {"misfits": error.misfits}) from error
    except ModelError as error:
        raise BadInput("bad_checkpoint", f"{path.name}: {error.message}") from error
    try:
        save_weights(target, imported.network.state_dict(), card)
    except OSError as error:
        raise BadInput("not_written", f"{target} cannot be written: {error.strerror}.") from error
    return target


def _read(path: Path, kind: str, image: tuple[int, int], skeleton: str | None) -> Imported:
    state = read_state_dict(path)
    _expect_finite(state)
    found = kind_of(state) if kind == "auto" else kind
    if found == "dcpose":
        return _whole(state, image, skeleton or POSETRACK17.name)
    return _backbone(state, image, skeleton, allow_rest=kind == "hrnet")


def _expect_finite(state: Mapping[str, Tensor]) -> None:
    broken = [
        name
        for name, tensor in state.items()
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all())
    ]
    if broken:
        raise CheckpointError(
            f"{len(broken)} weights hold numbers that are not finite: {', '.join(broken[:SHOWN])}.",
            {"not finite": broken},
        )


def _whole(state: dict[str, Tensor], image: tuple[int, int], skeleton: str) -> Imported:
    """A network with all of a DCPose's weights."""
    head = head_sizes(state)
    if head.dilations != len(DILATIONS):
        raise CheckpointError(
            f"Expected {len(DILATIONS)} deformable convolutions with dilations {DILATIONS}, "
            f"got {head.dilations}: the file does not tell their dilations."
        )
    inner = {name.removeprefix(BACKBONE): t for name, t in state.items() if BACKBONE in name}
    settings = _backbone_settings(inner, head.joints) | {
        "difference_channels": head.difference_channels,
        "difference_blocks": head.difference_blocks,
        "support_blocks": head.support_blocks,
        "fusion_channels": head.fusion_channels,
        "fusion_blocks": head.fusion_blocks,
        "offset_kernel": head.offset_kernel,
        "branch_share": _branch_share(head.branch, 4 * head.joints),
        "dilations": DILATIONS,
    }
    config = DCPoseConfig(skeleton=skeleton, image=image, **settings)
    check_fit(_shapes(config), state)
    network = _network(config)
    load_into(network, state)
    holds = {"backbone": True, "heatmaps": True, "head": True}
    return Imported(network, "dcpose", holds, [])


def _backbone(
    state: dict[str, Tensor], image: tuple[int, int], skeleton: str | None, *, allow_rest: bool
) -> Imported:
    """A network with an HRNet's weights, whose head changes nothing yet."""
    found = backbone_of(state)
    if found.nested and found.left_out and not allow_rest:
        raise CheckpointError(
            f"The file holds an HRNet and {len(found.left_out)} weights beside it that are not "
            f"DCPose's: {', '.join(found.left_out[:SHOWN])}, …. The kind 'hrnet' takes the HRNet "
            "alone.",
            {"unknown": found.left_out},
        )
    order = skeleton or (POSETRACK17 if found.nested else COCO17).name
    joints = None if found.heatmaps else len(COCO17)
    settings = _backbone_settings(found.state, joints)
    config = DCPoseConfig(skeleton=order, image=image, residual=True, squash_masks=True, **settings)
    own = {
        name.removeprefix(BACKBONE): tensor
        for name, tensor in _shapes(config).items()
        if name.startswith(BACKBONE) and (found.heatmaps or "final_layer" not in name)
    }
    check_fit(own, found.state)
    network = _network(config)
    network.rough_pose_estimation_net.load_state_dict(found.state, strict=False)
    holds = {"backbone": True, "heatmaps": found.heatmaps, "head": False}
    return Imported(network, "hrnet", holds, found.left_out)


def _backbone_settings(state: Mapping[str, Tensor], joints: int | None) -> dict[str, Any]:
    """Settings of ``DCPoseConfig`` that an HRNet's weights tell."""
    sizes = hrnet_sizes(state)
    count = joints or sizes.joints
    if count != len(COCO17):
        raise CheckpointError(f"Expected heatmaps of {len(COCO17)} joints, got {count}.")
    return {
        "joints": count,
        "input_channels": sizes.input_channels,
        "stem": sizes.stem,
        "bottlenecks": sizes.bottlenecks,
        "bottleneck_channels": sizes.bottleneck_channels,
        "width": sizes.width,
        "modules": sizes.modules,
        "blocks": sizes.blocks,
    }


def _branch_share(branch: int, inputs: int) -> int:
    """64ths of ``inputs`` that give so many channels; the published share where it does."""
    shares: list[int] = [BRANCH_SHARE, *range(1, 65)]
    fitting = [share for share in shares if max(1, inputs * share // 64) == branch]
    if not fitting:
        raise CheckpointError(f"Expected branches of at most {inputs} channels, got {branch}.")
    return fitting[0]


def _shapes(config: DCPoseConfig) -> dict[str, Tensor]:
    """The network's weights without their content: a file's claims cost no memory."""
    with torch.device("meta"):
        return DCPose(config).state_dict()


def _network(config: DCPoseConfig) -> DCPose:
    """A network whose start values are always the same."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return DCPose(config).eval()


def _image_named(path: Path) -> tuple[int, int]:
    """Crop size in a file's name, such as ``_384x288``: people's crops are higher than wide."""
    named = re.search(r"(?<!\d)(\d{2,4})x(\d{2,4})(?!\d)", path.stem)
    sides = sorted(int(side) for side in named.groups()) if named else PUBLISHED_IMAGE
    return sides[0], sides[1]


def _card(path: Path, imported: Imported) -> Card:
    config, digest = imported.network.config, sha256_of(path)
    known = known_digest(digest)
    home, licence = HOMES[imported.kind]
    return {
        "name": f"imported-{imported.kind}-w{config.width}",
        "task": f"17 joints ({config.skeleton}) of one person in three frames of video",
        "note": _note(imported),
        "config": config.as_dict(),
        "holds": imported.holds,
        "source": {
            "file": path.name,
            "sha256": digest,
            "known_as": known.name if known else None,
            "published_at": known.source if known else None,
            "licence": (known.licence if known else "") or "unknown: ask where you got the file",
            "networks_of_this_kind": {"first_published_at": home, "licence_stated_there": licence},
        },
        "left_out": len(imported.left_out),
        "torch": torch.__version__,
        "date": datetime.now(UTC).date().isoformat(),
    }


def _note(imported: Imported) -> str:
    start = "Imported, not trained by this project; how good it is has not been measured here."
    if imported.holds["head"]:
        return start + " Backbone and head come from the file."
    if imported.holds["heatmaps"]:
        return start + (
            " The backbone comes from the file. The three-frame head is at its start values and"
            " changes nothing: skeletons are those of single frames until it is trained."
        )
    return start + (
        " Only the backbone's body comes from the file (an HRNet without heatmaps). Its last"
        " layer and the head are at their start values: a start for training, of no use before."
    )
