"""Skeletons over time as vectors of numbers that a small classifier can read."""
