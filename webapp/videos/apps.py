"""Registers the app with Django."""

from django.apps import AppConfig


class VideosConfig(AppConfig):
    name = "webapp.videos"
