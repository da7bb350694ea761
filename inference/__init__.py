"""Dark video to people, skeletons and actions: a plain library that knows no web framework."""
