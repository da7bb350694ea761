"""Published checkpoints of others: where they come from, and how they are read safely."""

from thirdparty.checkpoints.loader import CheckpointError, check_fit, load_into, read_state_dict
from thirdparty.checkpoints.names import BACKBONE, Backbone, backbone_of, kind_of
from thirdparty.checkpoints.registry import (
    HOMES,
    PUBLISHED,
    Published,
    known_digest,
    published_as,
    sha256_of,
)
from thirdparty.checkpoints.sizes import HeadSizes, HRNetSizes, head_sizes, hrnet_sizes

__all__ = [
    "BACKBONE",
    "HOMES",
    "PUBLISHED",
    "Backbone",
    "CheckpointError",
    "HRNetSizes",
    "HeadSizes",
    "Published",
    "backbone_of",
    "check_fit",
    "head_sizes",
    "hrnet_sizes",
    "kind_of",
    "known_digest",
    "load_into",
    "published_as",
    "read_state_dict",
    "sha256_of",
]
