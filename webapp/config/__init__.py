"""Settings, routes and entry points of the web application."""
