"""The one way in which a clip's annotations change: edits, in order, each all or nothing."""
