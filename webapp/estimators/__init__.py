"""Versions of the pose network's weights, at most one active for each project."""
