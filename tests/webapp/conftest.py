"""What tests of the web application share: people, a project, and nothing outside the process."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connections
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from tests.webapp import factories
from webapp.accounts.models import Project, Role, User
from webapp.config.celery import app as celery_app
from webapp.labels.models import LabelSet
from webapp.labels.services import create_arid_labels


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, tmp_path_factory):
    """SQLite in a file, as in real life: threads then wait for each other's locks."""
    database = connections["default"].settings_dict
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("db") / "test.sqlite3")
        database["OPTIONS"]["init_command"] += "PRAGMA synchronous = OFF;"


@pytest.fixture(autouse=True)
def _own_world(settings, tmp_path):
    """Files in a temporary folder, events in memory, plain static files, cheap passwords."""
    settings.STORAGE_ROOT = tmp_path / "storage"
    settings.DISK_RESERVE_BYTES = 1
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


@pytest.fixture(autouse=True)
def sent_tasks(monkeypatch) -> list[tuple[str, list[Any]]]:
    """(name, arguments) of each task that would have gone to the broker.

    Tasks go out on commit: wrap the call in ``django_capture_on_commit_callbacks(execute=True)``
    or use ``@pytest.mark.django_db(transaction=True)``.
    """
    sent: list[tuple[str, list[Any]]] = []

    def record(name: str, args: Any = (), kwargs: Any = None, **options: Any) -> None:
        sent.append((name, list(args)))

    monkeypatch.setattr(celery_app, "send_task", record)
    return sent


@pytest.fixture
def project(db) -> Project:
    return factories.project("Night shift")


@pytest.fixture
def label_set(project) -> LabelSet:
    return create_arid_labels(project)


@pytest.fixture
def admin(project) -> User:
    return factories.member(project, Role.ADMIN, "admin")


@pytest.fixture
def reviewer(project) -> User:
    return factories.member(project, Role.REVIEWER, "reviewer")


@pytest.fixture
def viewer(project) -> User:
    return factories.member(project, Role.VIEWER, "viewer")


@pytest.fixture
def outsider(db) -> User:
    """Logged in, admin of another project, nobody here."""
    return factories.member(factories.project("Elsewhere"), Role.ADMIN, "outsider")


@pytest.fixture
def superuser(db) -> User:
    return factories.user("root", is_superuser=True)


@pytest.fixture
def client_of() -> Callable[[User | None], APIClient]:
    """``client_of(user)``: an API client with the user's token; None: nobody."""

    def make(user: User | None) -> APIClient:
        client = APIClient()
        if user is not None:
            token, _ = Token.objects.get_or_create(user=user)
            client.credentials(HTTP_AUTHORIZATION=f"Token {token.key}")
        return client

    return make


@pytest.fixture
def statuses(client_of, outsider, viewer, reviewer, admin):
    """``statuses(call)``: what ``call(client)`` is answered for each kind of person, in order."""

    def ask(call: Callable[[APIClient], Any]) -> dict[str, int]:
        people = {
            "anonymous": None,
            "outsider": outsider,
            "viewer": viewer,
            "reviewer": reviewer,
            "admin": admin,
        }
        return {name: call(client_of(user)).status_code for name, user in people.items()}

    return ask
