"""The Celery application; workers take its queues ``media``, ``pose`` and ``train``.

How to start the workers (one process each, see the design's rules on GPU workers):

- ``celery -A webapp.config worker -Q media --pool threads --concurrency 2 -n media@%h``
  (or ``--pool prefork``: a crash inside a video library then takes one child, not the worker;
  in both cases the job is found again and given up after ``JOB_MAX_ATTEMPTS``)
- ``celery -A webapp.config worker -Q pose --pool threads --concurrency 1 -n pose@%h``
- ``celery -A webapp.config worker -Q train --pool threads --concurrency 1 -n train@%h``

No beat is needed: each worker that takes the queue ``media`` also looks after lost jobs, at its
start and then every ``JOB_LEASE_SECONDS``; several of them do no harm to each other.
"""

import logging
import os
import threading
from typing import Any

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.config.settings")

app = Celery("nightjar")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

logger = logging.getLogger(__name__)
_stopping = threading.Event()


@signals.worker_ready.connect
def start_caretaker(sender: Any, **_: Any) -> None:
    if "media" in sender.app.amqp.queues.consume_from:
        threading.Thread(target=_take_care, name="caretaker", daemon=True).start()


@signals.worker_shutting_down.connect
def stop_caretaker(**_: Any) -> None:
    _stopping.set()


def _take_care() -> None:
    from django.conf import settings

    resend_all = True  # the broker may have been started anew, without its messages
    while True:
        _recover(resend_all)
        resend_all = False
        if _stopping.wait(settings.JOB_LEASE_SECONDS):
            return


def _recover(resend_all: bool) -> None:
    from django.db import close_old_connections

    from webapp.core.storage import remove_stale_drafts
    from webapp.estimators.imports import remove_stale_imports
    from webapp.jobs.services import recover_jobs
    from webapp.runs.pose_changes import advance_all
    from webapp.runs.prediction_sets import remove_old_sets
    from webapp.runs.services import start_missing_runs
    from webapp.training.rules import apply_rules
    from webapp.videos.services import remove_stale_uploads

    try:
        recover_jobs(resend_all=resend_all)
        start_missing_runs()
        advance_all()
        remove_old_sets()
        apply_rules()
        remove_stale_uploads()
        remove_stale_imports()
        remove_stale_drafts()
    except Exception:  # the next round tries again; the caretaker must outlive any fault
        logger.exception("Looking after lost jobs failed.")
    finally:
        close_old_connections()
