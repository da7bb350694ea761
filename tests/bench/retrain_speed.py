"""From the click on "Retrain" to a trained candidate with its figures, for corrected windows.

    python -m tests.bench.retrain_speed [--clips 100] [--windows 10] [--rounds 3]

Makes a library in a database of its own (SQLite in a temporary folder), whose clips have stored
features (examples of the base set with noise) and a correction on each window, and does what the
web process and the worker do, one after the other, on one thread. The first training of a worker
also loads torch; that is told apart. "Without waiting" leaves out the time in which this process
stood in line for a core, thus what it would have taken on a quiet machine.
"""

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

SPAN = 40  # frames of a window
NOISE = 0.3  # of a feature's standard deviation


class Spent:
    """Seconds, cpu-seconds and peak memory of a block; ``free_s`` without waiting for a core."""

    def __enter__(self) -> "Spent":
        self._cpu, self._began, self._waited = time.process_time(), time.perf_counter(), _waited_s()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall_s = time.perf_counter() - self._began
        self.free_s = self.wall_s - (_waited_s() - self._waited)
        self.cpu_s = time.process_time() - self._cpu
        self.peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _waited_s() -> float:
    """Seconds in which this thread was ready but had no core, from Linux's scheduler."""
    return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=int, default=100)
    parser.add_argument("--windows", type=int, default=10, help="corrected windows of each clip")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _set_up_django(folder)
        project, user = _make(args.clips, args.windows)
        print(f"{args.clips} clips, {args.clips * args.windows} corrected windows")
        _say("loading torch", _load())
        for seed in range(args.rounds):
            _say(f"training, seed {seed}", _train(project, user, seed))


def _set_up_django(folder: str) -> None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "webapp.config.settings",
        "STATE_DIR": folder,
        "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3",
        "LOG_LEVEL": "ERROR",
    }
    import django
    from django.conf import settings

    django.setup()
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    from webapp.config.celery import app

    app.send_task = lambda *args, **kwargs: None


def _make(clips: int, windows: int) -> tuple[Any, Any]:
    from django.core.management import call_command

    from webapp.accounts.models import Project, User
    from webapp.classifiers.services import install_shipped_classifier
    from webapp.labels.models import Label
    from webapp.labels.services import create_arid_labels

    call_command("migrate", verbosity=0)
    user = User.objects.create_superuser("bench", password="bench")
    project = Project.objects.create(name="Bench", slug="bench", created_by=user)
    create_arid_labels(project)
    install_shipped_classifier(project=project, by=user)
    labels = {label.name: label for label in Label.objects.filter(label_set__project=project)}
    for clip, (features, names) in enumerate(_examples(clips, windows, set(labels))):
        _store(project, user, clip, features, [labels[name] for name in names])
    return project, user


def _examples(clips: int, windows: int, known: set[str]) -> Any:
    """For each clip its vectors [windows, F] and their labels, drawn from the base set."""
    import numpy as np

    from webapp.training.base import base_path

    with np.load(base_path()) as base:
        features, labels = base["features"].astype(np.float32), base["labels"].tolist()
    rows = [i for i, label in enumerate(labels) if label in known]
    rng, spread = np.random.default_rng(0), features.std(axis=0)
    for _ in range(clips):
        drawn = rng.choice(rows, windows)
        noise = rng.standard_normal((windows, features.shape[1])) * spread * NOISE
        yield (features[drawn] + noise).astype(np.float32), [labels[i] for i in drawn]


def _store(project: Any, user: Any, clip: int, features: Any, labels: list[Any]) -> None:
    """A clip with one person cut into windows, each of which somebody has corrected."""
    import numpy as np

    from webapp.core import storage
    from webapp.core.models import WorkState
    from webapp.reviews.models import Correction
    from webapp.runs.models import PipelineRun, Segment, Track
    from webapp.training.base import base_facts
    from webapp.videos.models import Video, VideoState

    count, name = len(labels), f"features/{clip}.npz"
    with storage.atomic_path(name) as draft:
        np.savez(draft, features=features)
    video = Video.objects.create(
        project=project, size_bytes=1, name=f"clip {clip}.mp4", state=VideoState.ANALYSED,
        sha256=f"{clip:064x}", frames=count * SPAN, fps_num=30, fps_den=1, uploaded_by=user,
    )  # fmt: skip
    run = PipelineRun.objects.create(
        video=video, state=WorkState.DONE, people=1, features_file=name, is_current=True,
        features_sha256=storage.hash_file(storage.path_of(name)),
        feature_version=base_facts().feature_version,
    )  # fmt: skip
    track = Track.objects.create(run=run, index=0, start_frame=0, end_frame=count * SPAN)
    segments = Segment.objects.bulk_create(
        Segment(
            track=track, start_frame=i * SPAN, end_frame=(i + 1) * SPAN, feature_row=i, version=1
        )
        for i in range(count)
    )
    run.main_segment = segments[0]
    run.save(update_fields=["main_segment"])
    Correction.objects.bulk_create(
        Correction(
            video=video, segment=segment, label=label, kind="correct", segment_version=1,
            author=user,
        )
        for segment, label in zip(segments, labels, strict=True)
    )  # fmt: skip


def _load() -> dict[str, Spent]:
    with Spent() as spent:
        import inference.classify.train  # noqa: F401
    return {"worker, once": spent}


def _train(project: Any, user: Any, seed: int) -> dict[str, Spent]:
    from webapp.training import services, tasks

    with Spent() as click:
        run = services.start_training(project=project, by=user, seed=seed)
    with Spent() as work:
        tasks.train_head(run.pk, run.job_id)
    run.refresh_from_db()
    if run.state != "done":
        raise SystemExit(f"The training is {run.state}: {run.job.error_message}")
    return {"click": click, "worker": work}


def _say(what: str, parts: dict[str, Spent]) -> None:
    for name, spent in parts.items():
        print(
            f"{what:18} {name:12} wall {spent.wall_s:6.2f} s  without waiting for a core "
            f"{spent.free_s:6.2f} s  cpu {spent.cpu_s:6.2f} s  peak {spent.peak_mb:.0f} MB",
            flush=True,
        )


if __name__ == "__main__":
    began = time.perf_counter()
    main()
    print(f"{Path(__file__).name}: {time.perf_counter() - began:.0f} s in all")
