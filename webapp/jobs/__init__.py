"""Work that outlives a request: state, lease, progress and live events."""
