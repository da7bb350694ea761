"""The web application: one Django app per noun."""
