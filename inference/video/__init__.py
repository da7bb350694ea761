"""Video in and out: restricted opening, one frame index, proxies, posters and test clips."""
