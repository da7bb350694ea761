"""Pipeline runs over a video: tracks, segments and what was predicted."""
