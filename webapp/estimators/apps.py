"""Registers the app with Django."""

from django.apps import AppConfig


class EstimatorsConfig(AppConfig):
    name = "webapp.estimators"
