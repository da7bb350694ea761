import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from tests.webapp import factories
from webapp.jobs import services
from webapp.jobs.events import group_of, publish


@pytest.fixture
def inbox(project):
    layer = get_channel_layer()
    async_to_sync(layer.group_add)(group_of(project.pk), "specific.inbox!1")

    def messages():
        channel = layer.channels.get("specific.inbox!1")
        return [] if channel is None else [channel.get_nowait()[1] for _ in range(channel.qsize())]

    return messages


def test_a_hint_is_sent_on_commit_only(project, inbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        publish(project.pk, "video", id=3, state="ready")
    assert inbox() == []
    for callback in callbacks:
        callback()
    [event] = inbox()
    assert event["message"] == {"kind": "video", "id": 3, "state": "ready"}


def test_a_job_tells_each_change(project, inbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = factories.job(project)
        services.claim_job(job_id=job.pk, worker="a")
        services.report_progress(job_id=job.pk, stage="pose", progress=0.5)
        services.fail_job(job_id=job.pk, code="x", message="No.")
    messages = [event["message"] for event in inbox()]
    assert [message["state"] for message in messages] == [
        "queued",
        "running",
        "running",
        "failed",
    ]
    assert messages[2]["stage"] == "pose"
    assert messages[2]["job_kind"] == "ingest"
    assert messages[3]["message"] == "No."


def test_without_a_channel_layer_the_caller_goes_on(
    project, monkeypatch, caplog, django_capture_on_commit_callbacks
):
    def away():
        raise ConnectionError("Redis is away")

    monkeypatch.setattr("webapp.jobs.events.get_channel_layer", away)
    with django_capture_on_commit_callbacks(execute=True):
        publish(project.pk, "video", id=3)
    assert "Redis is away" in caplog.text
