"""Names the action of a span from its vector, and learns to do so better."""
