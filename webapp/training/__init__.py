"""Retraining on corrections: frozen sets, runs and promotion."""
