"""Registers the app with Django."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "webapp.pages"
