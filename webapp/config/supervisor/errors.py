"""The one error that ends a start: its message is the one line that the person reads."""


class CannotStart(Exception):
    """Something on this machine is in the way; the message says what, and what to do."""
