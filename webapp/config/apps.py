"""Registers the project's own package, so that its management commands are found."""

from importlib import import_module

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "webapp.config"
    label = "project"

    def ready(self) -> None:
        import_module("webapp.config.celery")  # tasks are sent by this Celery application
