import pytest
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.test import Client

from tests.webapp import factories
from tests.webapp.sockets import Socket
from webapp.accounts.models import Membership, Role
from webapp.config.asgi import application
from webapp.jobs.consumers import ProjectEvents
from webapp.jobs.events import group_of

pytestmark = pytest.mark.django_db(transaction=True)


def open_socket(project, user, origin=b"http://localhost"):
    headers = [(b"origin", origin), (b"host", b"localhost")]
    if user is not None:
        client = Client()
        client.force_login(user)
        name = django_settings.SESSION_COOKIE_NAME
        headers.append((b"cookie", f"{name}={client.cookies[name].value}".encode()))
    return Socket(application, f"/ws/projects/{project.pk}/", headers)


async def set_up(role):
    def make():
        project = factories.project()
        user = factories.user() if role is None else factories.member(project, role)
        return project, user

    return await database_sync_to_async(make)()


async def tell(project, **message):
    event = {"type": "project.event", "message": message}
    await get_channel_layer().group_send(group_of(project.pk), event)


async def connected(project, user):
    socket = await database_sync_to_async(open_socket)(project, user)
    assert await socket.connect()
    return socket


@pytest.mark.parametrize("role", list(Role))
async def test_each_member_hears_what_happens(role):
    project, user = await set_up(role)
    socket = await connected(project, user)
    assert await socket.receive_json() == {"kind": "hello", "id": project.pk}
    await tell(project, kind="video", id=3, state="ready")
    assert await socket.receive_json() == {"kind": "video", "id": 3, "state": "ready"}
    await socket.disconnect()


async def test_strangers_are_told_to_log_in():
    project, _ = await set_up(None)
    socket = await connected(project, None)
    assert await socket.receive_close() == 4401


async def test_outsiders_are_told_that_they_may_not():
    project, outsider = await set_up(None)
    socket = await connected(project, outsider)
    assert await socket.receive_close() == 4403


async def test_a_page_of_another_site_is_not_let_in():
    project, user = await set_up(Role.ADMIN)
    socket = await database_sync_to_async(open_socket)(project, user, b"http://evil.example")
    assert not await socket.connect()


async def test_a_project_hears_only_its_own():
    project, user = await set_up(Role.VIEWER)
    other, _ = await set_up(None)
    socket = await connected(project, user)
    await socket.receive_json()
    await tell(other, kind="video", id=3)
    assert await socket.receive_nothing()
    await socket.disconnect()


async def test_who_is_removed_hears_nothing_more(monkeypatch):
    monkeypatch.setattr(ProjectEvents, "trust_s", 0.0)
    project, user = await set_up(Role.ADMIN)
    socket = await connected(project, user)
    await socket.receive_json()
    await Membership.objects.filter(user=user).adelete()
    await tell(project, kind="video", id=3)
    assert await socket.receive_close() == 4403


async def test_who_logs_out_is_found_even_when_nothing_happens(monkeypatch):
    monkeypatch.setattr(ProjectEvents, "patrol_s", 0.05)
    project, user = await set_up(Role.ADMIN)
    socket = await connected(project, user)
    await socket.receive_json()
    await Session.objects.all().adelete()
    assert await socket.receive_close() == 4401


async def test_what_a_page_sends_is_passed_over():
    project, user = await set_up(Role.VIEWER)
    socket = await connected(project, user)
    await socket.receive_json()
    await socket.send_text("{nonsense")
    await tell(project, kind="labels", id=1)
    assert (await socket.receive_json())["kind"] == "labels"
    await socket.disconnect()
