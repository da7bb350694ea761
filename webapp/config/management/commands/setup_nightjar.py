"""Brings a new or an older installation to where the server can start; running it again is safe."""

import hashlib
import json
import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone

from webapp.accounts.models import User
from webapp.config.demo import create_demo
from webapp.core.models import WorkState
from webapp.jobs.models import Job

FIRST_ADMIN = "admin"


class Command(BaseCommand):
    help = "Migrate, collect static files, make the first admin and the demo project."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="make no demo project")
        parser.add_argument(
            "--admin-file",
            type=Path,
            help="write the first admin's name and password there instead of printing them",
        )
        parser.add_argument(
            "--no-worker-runs",
            action="store_true",
            help="no worker runs anywhere now: jobs that were under way may be taken up at once",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        collect_static()
        with transaction.atomic():  # nobody may be stored whose password could not be told
            if password := create_first_admin():
                self.tell(password, options["admin_file"])
        if options["no_worker_runs"]:
            end_leases()
        admin = User.objects.filter(is_superuser=True).order_by("pk").first()
        if not options["no_demo"] and admin is not None and create_demo(by=admin):
            self.stdout.write("The demo project was made.")

    def tell(self, password: str, file: Path | None) -> None:
        if file is None:
            self.stdout.write(f"Log in as {FIRST_ADMIN} with the password {password}")
            self.stdout.write("It is shown only now.")
            return
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as out:
            json.dump({"username": FIRST_ADMIN, "password": password}, out)


def collect_static() -> None:
    """Collect and compress the pages' files, unless none has changed since the last time."""
    seen = static_fingerprint()
    mark = Path(settings.STATIC_ROOT) / ".collected"
    if not mark.is_file() or mark.read_text() != seen:
        call_command("collectstatic", interactive=False, verbosity=0)
        mark.write_text(seen)


def static_fingerprint() -> str:
    """Hash of name, size and time of each file that would be collected."""
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for name, storage in finder.list(ignore_patterns=[]):
            stat = Path(storage.path(name)).stat()
            digest.update(f"{name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def create_first_admin() -> str | None:
    """Make the first user, an admin of everything; gives the password, None if there are users."""
    if User.objects.exists():
        return None
    password = secrets.token_urlsafe(12)
    User.objects.create_superuser(username=FIRST_ADMIN, password=password)
    return password


def end_leases() -> None:
    """Let jobs whose worker went down with the last run be found as lost right away."""
    Job.objects.filter(state=WorkState.RUNNING).update(lease_expires_at=timezone.now())
