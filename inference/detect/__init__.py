"""Finds people in single dark frames."""
