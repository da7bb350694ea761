"""Versions of the action classifier, one active for each project."""
