"""Registers the app with Django."""

from django.apps import AppConfig


class ClassifiersConfig(AppConfig):
    name = "webapp.classifiers"
