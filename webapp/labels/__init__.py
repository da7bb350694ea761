"""The actions that a project tells apart."""
