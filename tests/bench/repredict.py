"""From the click on "promote" to a library that is predicted anew, on SQLite and PostgreSQL.

    python -m tests.bench.repredict
    python -m tests.bench.repredict --sizes 1000x1 1000x100 --postgres postgres://me@localhost/bench

Makes libraries of clips with stored features (random ones) in databases of its own, promotes a
second version, rolls back, and reads pages of the library. SQLite's database is a temporary file;
the one of ``--postgres`` must exist, and ALL THAT IS IN IT IS REMOVED. Nothing is asked of a
network or of a video. Each step is a process of its own, so that its memory can be told.
"""

import argparse
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

MB = 1024.0
SPAN = 40  # frames of a window
AT_ONCE = 2000


def main() -> None:
    args = _arguments()
    if args.step:
        _set_up_django()
        print(json.dumps(STEPS[args.step](*_size(args.sizes[0]))))
        return
    print(f"{'database':10} {'clips':>6} {'windows':>8}  figures")
    for url in ("", args.postgres) if args.postgres else ("",):
        for size in args.sizes:
            _measure(url, size, args.steps)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", nargs="+", default=["1000x1", "250x100", "1000x100"],
                        help="clips x windows a clip")  # fmt: skip
    parser.add_argument("--postgres", default="", help="address of a database to overwrite")
    parser.add_argument("--steps", nargs="+", choices=list(STEPS), default=list(STEPS))
    parser.add_argument("--step", choices=list(STEPS), help=argparse.SUPPRESS)
    return parser.parse_args()


def _size(text: str) -> tuple[int, int]:
    clips, windows = text.split("x")
    return int(clips), int(windows)


def _measure(url: str, size: str, steps: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "webapp.config.settings",
            "STATE_DIR": folder,
            "DATABASE_URL": url or f"sqlite:///{folder}/bench.sqlite3",
            "LOG_LEVEL": "ERROR",
        }
        clips, windows = _size(size)
        for step in steps:
            told = _in_own_process(step, size, env)
            figures = "  ".join(f"{name} {value}" for name, value in told.items())
            database = "postgres" if url else "sqlite"
            print(f"{database:10} {clips:6} {clips * windows:8}  {step}: {figures}", flush=True)


def _in_own_process(step: str, size: str, env: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.repredict", "--step", step, "--sizes", size]
    done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def _set_up_django() -> None:
    import django
    from django.conf import settings

    django.setup()
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    settings.ALLOWED_HOSTS = ["testserver"]
    _send_no_tasks()


def _send_no_tasks() -> None:
    from webapp.config.celery import app

    app.send_task = lambda *args, **kwargs: None


class Spent:
    """Seconds, cpu-seconds of this process and of the database's, and peak memory of a block.

    ``free_s``: seconds without those in which this process or the database's stood in line for a
    core, thus what it would have taken on a quiet machine.
    """

    def __enter__(self) -> "Spent":
        self._memory = _peak_mb()
        self._cpu, self._server = time.process_time(), _server_cpu_s()
        self._began, self._waited = time.perf_counter(), _waited_s()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall_s = time.perf_counter() - self._began
        self.free_s = self.wall_s - (_waited_s() - self._waited)
        self.cpu_s = time.process_time() - self._cpu
        self.server_cpu_s = _server_cpu_s() - self._server
        self.peak_mb = _peak_mb()
        self.grown_mb = self.peak_mb - self._memory


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MB


def _server_cpu_s() -> float:
    """cpu-seconds of this connection's process in a PostgreSQL on this machine, else 0."""
    try:
        fields = Path(f"/proc/{_server_pid()}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _waited_s() -> float:
    """Seconds in which this thread, and the database's process, were ready but had no core."""
    waited = 0
    for pid in ("thread-self", _server_pid()):
        with suppress(OSError, IndexError):
            waited += int(Path(f"/proc/{pid}/schedstat").read_text().split()[1])
    return waited / 1e9


def _server_pid() -> int:
    """Process of this connection in a PostgreSQL; 0 for SQLite."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    return pid


def _make(clips: int, windows: int) -> dict[str, Any]:
    """An analysed library with the active version's predictions, and a candidate."""
    from django.core.management import call_command

    from webapp.accounts.models import Project, User
    from webapp.classifiers.models import ClassifierVersion
    from webapp.classifiers.services import install_shipped_classifier, register_candidate
    from webapp.core import storage
    from webapp.labels.services import create_arid_labels

    call_command("migrate", verbosity=0)
    call_command("flush", interactive=False, verbosity=0)
    user = User.objects.create_superuser("bench", password="bench")
    project = Project.objects.create(name="Bench", slug="bench", created_by=user)
    create_arid_labels(project)
    first = install_shipped_classifier(project=project, by=user)
    with Spent() as spent:
        _fill(project, first, clips, windows)
    register_candidate(
        project=project,
        weights_path=storage.path_of(first.weights_file),
        output_names=first.output_names,
        label_ids=first.label_ids[1:] + first.label_ids[:1],
        feature_version=first.feature_version,
        metrics={},
        by=user,
    )
    assert ClassifierVersion.objects.count() == 2
    return {"cpu": f"{spent.cpu_s:.1f} s"}


def _fill(project: Any, version: Any, clips: int, windows: int) -> None:
    """Rows of clips, each with one person cut into windows, and their features files."""
    from django.db import transaction

    from webapp.core.models import WorkState
    from webapp.runs.models import PipelineRun, Track
    from webapp.videos.models import Video, VideoState

    with transaction.atomic():
        videos = Video.objects.bulk_create(
            Video(
                project=project, size_bytes=1, name=f"clip {i:06}.mp4", state=VideoState.ANALYSED,
                sha256=f"{i:064x}", width=640, height=480, frames=windows * SPAN, fps_num=30,
                fps_den=1, duration_s=windows * SPAN / 30, uploaded_by=project.created_by,
            )
            for i in range(clips)
        )  # fmt: skip
        runs = PipelineRun.objects.bulk_create(
            PipelineRun(
                video=video, state=WorkState.DONE, people=1, frames=windows * SPAN,
                poses_file=f"poses/{i}.npz", features_file=f"features/{i % 97}/{i}.npz",
                feature_version=version.feature_version, **_current(),
            )
            for i, video in enumerate(videos)
        )  # fmt: skip
        tracks = Track.objects.bulk_create(
            Track(run=run, index=0, start_frame=0, end_frame=windows * SPAN) for run in runs
        )
        for start in range(0, clips, max(1, AT_ONCE // windows)):
            _fill_segments(runs, tracks, start, max(1, AT_ONCE // windows), windows)
    _write_features(runs, version, windows)


def _current() -> dict[str, bool]:
    from webapp.runs.models import PipelineRun

    names = {field.name for field in PipelineRun._meta.get_fields()}
    return {"is_current": True} if "is_current" in names else {}


def _fill_segments(runs: Any, tracks: Any, start: int, clips: int, windows: int) -> None:
    from webapp.runs.models import PipelineRun, Segment

    segments = Segment.objects.bulk_create(
        Segment(
            track=track, start_frame=i * SPAN, end_frame=(i + 1) * SPAN, feature_row=i, weight=SPAN
        )
        for track in tracks[start : start + clips]
        for i in range(windows)
    )
    for run, segment in zip(runs[start : start + clips], segments[::windows], strict=True):
        run.main_segment = segment
    PipelineRun.objects.bulk_update(runs[start : start + clips], ["main_segment"], batch_size=200)


def _write_features(runs: Any, version: Any, windows: int) -> None:
    """Random vectors as the head expects them; 97 different files are copied for all."""
    import numpy as np

    from inference.classify.head import ActionHead
    from webapp.core import storage

    head = ActionHead.load(storage.path_of(version.weights_file))
    rng = np.random.default_rng(0)
    contents = []
    for _ in range(97):
        noise = rng.standard_normal((windows, head.feature_count)) * 3
        out = io.BytesIO()
        np.savez(out, features=(noise * head.scale + head.mean).astype(np.float32))
        contents.append(out.getvalue())
    for i, run in enumerate(runs):
        path = storage.path_of(run.features_file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents[i % 97])


def _predict(clips: int, windows: int) -> dict[str, Any]:
    """What the active version says, so that there is a way back."""
    from webapp.classifiers.models import ClassifierVersion
    from webapp.runs import library

    with Spent() as spent:
        version = ClassifierVersion.objects.get(number=1)
        library.predict_missing(version=version, on_progress=lambda fraction: None)
    return {"cpu": f"{spent.cpu_s:.1f} s"}


def _promote(clips: int, windows: int) -> dict[str, Any]:
    """Promote the candidate as the worker does, and watch for how long nothing is heard."""
    from webapp.accounts.models import User
    from webapp.classifiers.models import ClassifierVersion
    from webapp.training import promotions, tasks

    heard = _listen()
    version = ClassifierVersion.objects.get(number=2)
    with Spent() as spent:
        promotion = promotions.start_promotion(version=version, by=User.objects.get())
        heard.append(_clock_s())
        tasks.promote_classifier(promotion.pk, promotion.job_id)
    heard.append(_clock_s())
    promotion.refresh_from_db()
    version.refresh_from_db()
    assert (promotion.state, version.state) == ("done", "active"), promotion.state
    silence = max(b - a for a, b in pairwise(heard))
    return {
        "wall": f"{spent.wall_s:.2f} s",
        "without waiting for a core": f"{spent.free_s:.2f} s",
        "cpu": f"{spent.cpu_s:.2f} s",
        "database's cpu": f"{spent.server_cpu_s:.2f} s",
        "windows a second": round(clips * windows / spent.free_s),
        "peak": f"{spent.peak_mb:.0f} MB (+{spent.grown_mb:.0f})",
        "longest silence": f"{silence:.2f} s",
    }


def _clock_s() -> float:
    """A clock that stands still while there is no core for us."""
    return time.perf_counter() - _waited_s()


def _listen() -> list[float]:
    """Times at which progress is stored."""
    from webapp.jobs import services as jobs

    heard: list[float] = []
    tell = jobs.report_progress

    def note(**report: Any) -> None:
        heard.append(_clock_s())
        tell(**report)

    jobs.report_progress = note
    return heard


def _roll_back(clips: int, windows: int) -> dict[str, Any]:
    from webapp.accounts.models import User
    from webapp.classifiers.models import ClassifierVersion
    from webapp.training import promotions, tasks

    version = ClassifierVersion.objects.get(number=1)
    with Spent() as spent:
        promotion = promotions.start_promotion(version=version, by=User.objects.get())
        if promotion.job_id:
            tasks.promote_classifier(promotion.pk, promotion.job_id)
    version.refresh_from_db()
    assert version.state == "active"
    return {
        "wall": f"{spent.wall_s:.3f} s",
        "without waiting for a core": f"{spent.free_s:.3f} s",
        "cpu": f"{spent.cpu_s:.3f} s",
    }


def _read(clips: int, windows: int) -> dict[str, Any]:
    """cpu-milliseconds of pages over the API, the median of five after one to warm up."""
    from django.test import Client

    from webapp.accounts.models import Project, User
    from webapp.labels.models import Label
    from webapp.videos.models import Video

    client = Client()
    client.force_login(User.objects.get())
    project, label = Project.objects.get().pk, Label.objects.order_by("pk")[0].pk
    pages = {
        "library": f"/api/projects/{project}/videos/",
        "by certainty": f"/api/projects/{project}/videos/?ordering=probability",
        "of a label": f"/api/projects/{project}/videos/?label={label}",
        "queue": f"/api/projects/{project}/review-queue/",
        "tracks": f"/api/videos/{Video.objects.order_by('pk')[0].pk}/tracks/",
    }
    return {name: f"{_median_ms(client, address):.0f} ms" for name, address in pages.items()}


def _median_ms(client: Any, address: str) -> float:
    spent = []
    for _ in range(6):
        began = time.process_time() + _server_cpu_s()
        answer = client.get(address)
        spent.append(time.process_time() + _server_cpu_s() - began)
        assert answer.status_code == 200, (address, answer.status_code, answer.content[:200])
    return 1000 * sorted(spent[1:])[2]


STEPS = {
    "make": _make,
    "predict": _predict,
    "promote": _promote,
    "roll back": _roll_back,
    "read": _read,
}

if __name__ == "__main__":
    main()
