"""The one name that ties a feature vector to the heads made for it.

``inference.features`` writes vectors of this version and ``inference.classify`` refuses heads
of any other. The two stages do not know each other, so the name stands between them.
"""

from __future__ import annotations

FEATURE_VERSION = "skeleton-statistics-2"
"""Change this whenever the content, order or length of the vector changes."""
