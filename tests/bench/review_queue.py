"""Measures what ordering a large library costs: the arrays alone, and all of it with a database.

    python -m tests.bench.review_queue --segments 100000

Makes a library of random segments in a temporary SQLite database, 100 to a clip, and prints
seconds of wall and of this process for each step, and the peak of memory.
"""

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

A_CLIP = 100
LABELS = 11


@contextmanager
def timed(name: str) -> Iterator[None]:
    wall, own = time.perf_counter(), time.process_time()
    yield
    wall, own = time.perf_counter() - wall, time.process_time() - own
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:44s} {wall:7.2f} s  {own:7.2f} cpu-s   peak {peak:6.0f} MB", flush=True)


def arrays_alone(count: int) -> None:
    from webapp.reviews.ordering import KINDS, rank

    rng = np.random.default_rng(0)
    said = rng.dirichlet(np.ones(LABELS), count).astype(np.float32)
    features = rng.normal(size=(count, 64)).astype(np.float32)
    labelled = rng.random(count) < 0.01
    for kind in KINDS:
        with timed(f"rank {kind}, {count:,} x 64"):
            rank(
                kind,
                probabilities=said,
                features=features,
                labelled=labelled,
                others=said[::-1],
                ages=np.arange(count),
                batch=250,
            )


def make_library(count: int):
    """A project whose clips have random sketches and predictions."""
    from django.utils import timezone

    from webapp.accounts.models import Project, User
    from webapp.classifiers.models import ClassifierVersion
    from webapp.labels.services import create_arid_labels
    from webapp.reviews.models import Sketch
    from webapp.runs.models import PipelineRun, Segment, SegmentPrediction, Track
    from webapp.videos.models import Video

    rng = np.random.default_rng(0)
    user = User.objects.create_user("bench")
    project = Project.objects.create(name="Bench", slug="bench", created_by=user)
    labels = [label.pk for label in create_arid_labels(project).labels.all()]
    version = ClassifierVersion.objects.create(
        project=project, number=1, state="active", output_names=[], label_ids=labels
    )
    for clip in range(count // A_CLIP):
        video = Video.objects.create(
            project=project, name=f"{clip}.mp4", state="analysed", uploaded_by=user, size_bytes=1
        )
        run = PipelineRun.objects.create(
            video=video, state="done", is_current=True, features_file="f", feature_version="v",
            finished_at=timezone.now(),
        )  # fmt: skip
        track = Track.objects.create(run=run, index=0, start_frame=0, end_frame=60 * A_CLIP)
        segments = Segment.objects.bulk_create(
            Segment(track=track, start_frame=60 * n, end_frame=60 * n + 60, feature_row=n)
            for n in range(A_CLIP)
        )
        numbers = rng.normal(size=(A_CLIP, 64)).astype("<f2")
        Sketch.objects.bulk_create(
            Sketch(segment=segment, features_file="f", numbers=row.tobytes())
            for segment, row in zip(segments, numbers, strict=True)
        )
        shares = rng.dirichlet(np.ones(LABELS), A_CLIP)
        SegmentPrediction.objects.bulk_create(
            SegmentPrediction(
                segment=segment,
                classifier=version,
                label_id=labels[int(row.argmax())],
                probability=float(row.max()),
                probabilities=dict(zip(map(str, labels), row.round(6).tolist(), strict=True)),
            )
            for segment, row in zip(segments, shares, strict=True)
        )
    return project, version, user


def correct_some(project, user, count: int) -> None:
    from webapp.labels.models import Label
    from webapp.reviews.services import record_correction
    from webapp.runs.models import Segment

    label = Label.objects.filter(label_set__project=project).first()
    for segment in Segment.objects.select_related("track__run__video").order_by("?")[:count]:
        record_correction(segment=segment, label=label, by=user, expected_version=0)


def with_database(count: int) -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    with timed("make the library"):
        project, version, user = make_library(count)
    correct_some(project, user, 50)
    from webapp.reviews import entries, likeness, queue
    from webapp.reviews.selectors import standing_corrections

    for kind in ("mixed", "entropy"):
        with timed(f"queue, first time, {kind}"):
            found = queue.review_queue(project.pk, classifier=version, kind=kind)
        with timed("queue again, with a page of 50"):
            found = queue.review_queue(project.pk, classifier=version, kind=kind)
            entries.page_of(found, classifier=version, count=50)
    with timed("suggestions of one segment"):
        judged = standing_corrections().values_list("segment_id", flat=True)
        likeness.suggestions_of(project.pk, like=judged.first())
    with timed("suggestions of 50 judged segments"):
        likeness.suggestions_of(project.pk)
    relabel_clips(project, user)


def relabel_clips(project, user) -> None:
    """A hundred clips, all windows: 10,000 segments."""
    from webapp.labels.models import Label
    from webapp.reviews import relabels
    from webapp.videos.models import Video

    label = Label.objects.filter(label_set__project=project).last()
    ids = ",".join(map(str, Video.objects.values_list("pk", flat=True)[:100]))
    filters = {"ids": ids, "which": relabels.MAIN}
    with timed("preview a relabelling of 10,000"):
        made = relabels.preview_relabel(project=project, label=label, filters=filters, by=user)
    with timed("apply it"):
        relabels.apply_relabel(relabel=made, by=user)
    with timed("take it back"):
        relabels.undo_relabel(relabel=made, by=user)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--segments", type=int, default=100_000)
    count = parser.parse_args().segments
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "STATE_DIR": folder,
            "DATABASE_URL": f"sqlite:///{Path(folder) / 'bench.sqlite3'}",
            "DJANGO_SETTINGS_MODULE": "webapp.config.settings",
        }
        import django

        django.setup()
        from django.conf import settings

        settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
        arrays_alone(count)
        with_database(count)


if __name__ == "__main__":
    main()
