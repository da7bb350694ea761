"""Published checkpoints of others: where they come from, and how they are read safely."""

from thirdparty.checkpoints.loader import CheckpointError, load_into, read_state_dict
from thirdparty.checkpoints.registry import PUBLISHED, Published, published_as

__all__ = [
    "PUBLISHED",
    "CheckpointError",
    "Published",
    "load_into",
    "published_as",
    "read_state_dict",
]
