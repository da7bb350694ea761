"""Measures how clips are exposed and brightens frames for networks that want it."""
