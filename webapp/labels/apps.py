"""Registers the app with Django."""

from django.apps import AppConfig


class LabelsConfig(AppConfig):
    name = "webapp.labels"
