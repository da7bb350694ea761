"""A Nightjar without workers, filled with rows and files at once: for benches of the pages alone.

    python -m tests.bench.quiet_house --clips 50 --state-dir ../scratch

fills a folder and serves it until Ctrl-C, with static files as they are in the source (DEBUG=1).
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
USER, PASSWORD = "reviewer", "quite-a-dark-night"
FRAMES = 48
SIZE = (320, 240)
START_S = 300


@dataclass(frozen=True)
class Seeded:
    """A project whose clips are analysed; ``truth`` names the right label of each, by video."""

    slug: str
    project_id: int
    video_ids: tuple[int, ...]
    truth: dict[int, str]
    wrong: frozenset[int]


def fill(state_dir: Path, *, clips: int, wrong: int) -> Seeded:
    """Make the database and ``clips`` analysed clips of which ``wrong`` have a wrong prediction.

    Clip ``k`` carries ``1000 * k + frame`` in the pixels of each frame.
    """
    os.environ |= {"STATE_DIR": str(state_dir), "DJANGO_SETTINGS_MODULE": "webapp.config.settings"}
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    call_command("migrate", verbosity=0)
    return _fill(clips, wrong)


def _fill(clips: int, wrong: int) -> Seeded:
    from tests.webapp import factories, factories_runs
    from webapp.accounts.models import Role, User
    from webapp.config.celery import app
    from webapp.labels.models import LabelSet
    from webapp.labels.services import create_arid_labels

    app.send_task = lambda *_, **__: None  # nobody is there to do it
    project = factories.project("Bench")
    if not LabelSet.objects.filter(project=project).exists():
        create_arid_labels(project)
    factories.member(project, Role.REVIEWER, USER)
    person = User.objects.get(username=USER)
    person.set_password(PASSWORD)
    person.save()
    version = factories_runs.shipped(project)
    names = _names(version.label_ids)
    ids, truth, bad = [], {}, set()
    for number in range(clips):
        is_wrong = number % max(1, clips // max(1, wrong)) == 1 and len(bad) < wrong
        right = number % len(names)
        said = (right + 1) % len(names) if is_wrong else right
        video = _video(project, number)
        factories_runs.analysed(
            project,
            (((0, FRAMES),),),
            video=video,
            outputs=[_outputs(said, len(names))],
            seed=number,
            fingerprint=f"clip {number}",
        )
        ids.append(video.pk)
        truth[video.pk] = names[right]
        if is_wrong:
            bad.add(video.pk)
    return Seeded(project.slug, project.pk, tuple(ids), truth, frozenset(bad))


def _names(label_ids: list[int]) -> list[str]:
    from webapp.labels.models import Label

    found = dict(Label.objects.filter(pk__in=label_ids).values_list("pk", "name"))
    return [found[pk] for pk in label_ids]


def _outputs(index: int, count: int) -> list[float]:
    return [1.0 if i == index else 0.0 for i in range(count)]


def _video(project, number: int):
    """A clip that is ingested as a worker would, but here."""
    import numpy as np

    from inference.types import Clip
    from inference.video.coded import code_frame, coded_clip
    from inference.video.synthetic import write_video
    from tests.webapp import factories
    from webapp.core import storage
    from webapp.videos import ingest
    from webapp.videos.models import VideoState

    pixels = np.stack([code_frame(1000 * number + i, SIZE) for i in range(FRAMES)])
    clip = Clip("coded", pixels, coded_clip(FRAMES, size=(64, 48)).table)
    name = storage.new_name("originals")
    path = storage.path_of(name).with_suffix(".mp4")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_video(path, clip)
    path.rename(storage.path_of(name))
    video = factories.video(
        project,
        f"night-{number:03d}.mp4",
        original_file=name,
        state=VideoState.INGESTING,
        sha256=storage.hash_file(storage.path_of(name)),
    )
    for field, value in ingest._facts(video, storage.path_of(name), _quiet).items():
        setattr(video, field, value)
    video.state = VideoState.READY
    video.save()
    return video


class _Quiet:
    """A report that nobody reads."""

    is_cancelled = staticmethod(lambda: False)

    def __call__(self, *_: object) -> None: ...

    def part(self, *_: object) -> "_Quiet":
        return self


_quiet = _Quiet()


@contextmanager
def serving(state_dir: Path, *, port: int = 0, debug: bool = False) -> Iterator[str]:
    """The web server and the message server, no workers; gives the address."""
    from webapp.config.supervisor.valkey import Valkey

    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(64)
    listener.set_inheritable(True)
    valkey = Valkey.prepare(state_dir)
    env = os.environ | {
        "STATE_DIR": str(state_dir),
        "REDIS_URL": valkey.url,
        "DJANGO_SETTINGS_MODULE": "webapp.config.settings",
        "DEBUG": "1" if debug else "0",
    }
    if not debug:
        command = [sys.executable, "manage.py", "collectstatic", "--no-input", "-v0"]
        subprocess.run(command, cwd=ROOT, env=env, check=True)
    program = valkey.program(env)
    log = (state_dir / "house.log").open("ab")
    store = subprocess.Popen(program.command, cwd=program.cwd, stdout=log, stderr=log)
    web = [sys.executable, "-m", "webapp.config.supervisor.web", str(listener.fileno())]
    server = subprocess.Popen(
        web, cwd=ROOT, env=env, pass_fds=(listener.fileno(),), stdout=log, stderr=log
    )
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        _wait_for(f"{address}/healthz/", server)
        yield address
    finally:
        for process in (server, store):
            process.terminate()
            process.wait(30)
        listener.close()
        log.close()


def _wait_for(url: str, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_S
    while True:
        try:
            urllib.request.urlopen(url, timeout=30).close()
            return
        except OSError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The web server does not answer at {url}: {error}") from error
            time.sleep(0.5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state-dir", type=Path, required=True)
    parser.add_argument("--clips", type=int, default=50)
    parser.add_argument("--wrong", type=int, default=10)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--fill-only", action="store_true", help="say what is there, as JSON")
    asked = parser.parse_args()
    asked.state_dir.mkdir(parents=True, exist_ok=True)
    if not (asked.state_dir / "nightjar.sqlite3").exists():
        seeded = fill(asked.state_dir, clips=asked.clips, wrong=asked.wrong)
        print(json.dumps(asdict(seeded) | {"wrong": sorted(seeded.wrong)}), flush=True)
    if asked.fill_only:
        return
    with serving(asked.state_dir, port=asked.port, debug=True) as address:
        print(f"{address}/projects/bench/ as {USER} with the password {PASSWORD}", flush=True)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            signal.pause()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
