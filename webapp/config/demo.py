"""What a first start finds to try: a project with ARID's labels and a dark clip of our own."""

import subprocess
import sys
import tempfile
from pathlib import Path

from django.conf import settings

from webapp.accounts.models import Project, User
from webapp.accounts.services import create_project
from webapp.classifiers.services import ensure_classifier
from webapp.labels.services import create_arid_labels
from webapp.videos.uploads import append_chunk, start_upload

NAME = "Demo"
CLIP_NAME = "rendered walk and sit.mp4"
ACTIONS = "Walk:2.4,Sit:2.4"  # seconds: long enough to be cut into two segments
SEED = 7


def create_demo(*, by: User) -> Project | None:
    """Make the demo project with its clip on the way to analysis; None where projects exist."""
    if Project.objects.exists():
        return None
    project = create_project(name=NAME, by=by)
    create_arid_labels(project)
    ensure_classifier(project=project)
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / CLIP_NAME
        render_demo_clip(clip)
        upload_file(clip, project=project, by=by)
    return project


def render_demo_clip(path: Path) -> None:
    """An articulated figure does two actions in a dark room, with a sensor's noise.

    In a process of its own: only tasks load the library.
    """
    command = [sys.executable, "-m", "inference", "render", str(path)]
    command += ["--actions", ACTIONS, "--seed", str(SEED)]
    subprocess.run(command, cwd=settings.BASE_DIR, check=True)


def upload_file(path: Path, *, project: Project, by: User) -> None:
    """Take a file of this machine the way that uploads from a browser go."""
    content = path.read_bytes()
    upload = start_upload(project=project, name=path.name, size_bytes=len(content), by=by)
    append_chunk(upload=upload, offset=0, data=content)
