"""Skeletons from crops of people: the DCPose network and what surrounds it."""
