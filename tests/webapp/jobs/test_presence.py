"""People who have the same clip open see each other, and nobody else does."""

import asyncio
import json

import pytest
from channels.db import database_sync_to_async

from tests.webapp import factories
from tests.webapp.jobs.test_consumer import connected, set_up
from tests.webapp.sockets import Socket
from webapp.accounts.models import Membership, Role
from webapp.jobs import presence
from webapp.jobs.consumers import ProjectEvents

pytestmark = pytest.mark.django_db(transaction=True)


async def clip_of(project):
    return (await database_sync_to_async(factories.video)(project)).pk


async def another(project, role=Role.REVIEWER):
    return await database_sync_to_async(factories.member)(project, role)


async def opened(project, user) -> Socket:
    socket = await connected(project, user)
    assert (await socket.receive_json())["kind"] == "hello"
    return socket


async def say(socket, video, **more):
    await socket.send_text(json.dumps({"kind": "here", "video": video, **more}))


def names(message):
    assert message["kind"] == "presence", message
    return [person["username"] for person in message["people"]]


async def test_two_people_on_one_clip_see_each_other():
    project, ann = await set_up(Role.VIEWER)
    bob, clip = await another(project), await clip_of(project)
    first, second = await opened(project, ann), await opened(project, bob)
    await say(first, clip)
    alone = await first.receive_json()
    assert (names(alone), alone["video"], alone["id"]) == ([ann.username], clip, clip)
    assert alone["people"][0]["sid"] == alone["you"]
    await say(second, clip, editing=True, frame=3, person=0)
    both = sorted([ann.username, bob.username])
    assert names(await first.receive_json()) == both
    seen = await second.receive_json()
    while names(seen) != both:
        seen = await second.receive_json()
    [other] = [p for p in seen["people"] if p["sid"] == seen["you"]]
    assert (other["editing"], other["frame"], other["person"]) == (True, 3, 0)
    await second.disconnect()
    assert names(await first.receive_json()) == [ann.username]
    await first.disconnect()


async def test_going_to_another_clip_is_leaving():
    project, ann = await set_up(Role.REVIEWER)
    bob = await another(project)
    clip, other = await clip_of(project), await clip_of(project)
    first, second = await opened(project, ann), await opened(project, bob)
    await say(first, clip)
    assert names(await first.receive_json()) == [ann.username]
    await say(second, clip)
    assert len(names(await first.receive_json())) == 2
    await say(second, other)
    assert names(await first.receive_json()) == [ann.username]
    await first.disconnect()
    await second.disconnect()


async def test_what_does_not_change_is_not_told_again():
    project, ann = await set_up(Role.REVIEWER)
    clip = await clip_of(project)
    socket = await opened(project, ann)
    for _ in range(3):
        await say(socket, clip)
    assert names(await socket.receive_json()) == [ann.username]
    assert await socket.receive_nothing()
    await socket.disconnect()


async def test_who_falls_silent_is_gone(monkeypatch):
    monkeypatch.setattr(presence, "SILENCE_S", 0.2)
    project, ann = await set_up(Role.REVIEWER)
    bob, clip = await another(project), await clip_of(project)
    first, second = await opened(project, ann), await opened(project, bob)
    await say(second, clip)
    await second.receive_json()
    await say(first, clip)
    while len(names(await first.receive_json())) < 2:
        pass
    await asyncio.sleep(0.4)
    await say(first, clip)
    assert names(await first.receive_json()) == [ann.username]
    await first.disconnect()
    await second.disconnect()


async def test_clips_of_other_projects_cannot_be_named():
    project, ann = await set_up(Role.ADMIN)
    other, _ = await set_up(None)
    socket = await opened(project, ann)
    await say(socket, await clip_of(other))
    await say(socket, 10**12)
    assert await socket.receive_nothing()
    await socket.disconnect()


@pytest.mark.parametrize(
    "words",
    [
        '{"kind": "here"}',
        '{"kind": "here", "video": "1"}',
        '{"kind": "here", "video": true}',
        '{"kind": "here", "video": -1}',
        '{"kind": "job", "video": 1}',
        "[1]",
        "{",
        '{"kind": "here", "video": null, "x": "' + "y" * 2000 + '"}',
    ],
)
async def test_other_words_are_passed_over(words):
    project, ann = await set_up(Role.ADMIN)
    socket = await opened(project, ann)
    await socket.send_text(words)
    await say(socket, clip := await clip_of(project))
    assert (await socket.receive_json())["video"] == clip
    await socket.disconnect()


async def test_who_was_removed_is_shown_the_door_when_speaking(monkeypatch):
    monkeypatch.setattr(ProjectEvents, "trust_s", 0.0)
    project, ann = await set_up(Role.REVIEWER)
    clip = await clip_of(project)
    socket = await opened(project, ann)
    await Membership.objects.filter(user=ann).adelete()
    await say(socket, clip)
    assert await socket.receive_close() == 4403


async def test_who_floods_the_project_is_not_heard(monkeypatch):
    monkeypatch.setattr(ProjectEvents, "most_words_a_second", 2)
    project, ann = await set_up(Role.REVIEWER)
    clip = await clip_of(project)
    socket = await opened(project, ann)
    for frame in range(5):
        await say(socket, clip, frame=frame)
    frames = [(await socket.receive_json())["people"][0]["frame"] for _ in range(2)]
    assert frames == [0, 1]
    assert await socket.receive_nothing()
    await socket.disconnect()
