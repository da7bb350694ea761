import pytest

from webapp.core.body_limit import BodyLimit


async def call(messages, headers=()):
    """Run the middleware around an application that reads its whole body."""
    seen, sent, queue = [], [], list(messages)

    async def app(scope, receive, send):
        while True:
            message = await receive()
            seen.append(message)
            if message["type"] == "http.disconnect" or not message.get("more_body"):
                return

    async def receive():
        return queue.pop(0)

    async def send(message):
        sent.append(message)

    await BodyLimit(app, max_bytes=10)({"type": "http", "headers": list(headers)}, receive, send)
    return seen, sent


def chunk(size, more=False):
    return {"type": "http.request", "body": b"x" * size, "more_body": more}


async def test_a_body_within_the_limit_passes():
    seen, sent = await call([chunk(5, True), chunk(5)], [(b"content-length", b"10")])
    assert [message["type"] for message in seen] == ["http.request"] * 2
    assert sent == []


@pytest.mark.parametrize(
    ("length", "messages"), [(b"11", [chunk(9, True), chunk(2)]), (b"9999999999", [])]
)
async def test_an_announced_excess_is_413_and_reaches_nobody(length, messages):
    """A small one is read and dropped, so that the sender gets to see the answer."""
    seen, sent = await call(messages, [(b"content-length", length)])
    assert seen == []
    assert sent[0]["status"] == 413
    assert b"body_too_large" in sent[1]["body"]


async def test_an_excess_that_was_not_announced_is_cut_off():
    seen, _ = await call([chunk(9, True), chunk(9, True), chunk(9)])
    assert [message["type"] for message in seen] == ["http.request", "http.disconnect"]
