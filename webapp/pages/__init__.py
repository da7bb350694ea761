"""The browser's side: the only app that knows HTML."""
