"""Runs every process of one Nightjar on one machine; plain Python, no extra dependency."""
