"""A house with one long clip: people for minutes, hundreds of segments, tens of thousands of poses.

    python -m tests.bench.long_review --state-dir ../scratch --port 8790

fills a folder (kept, so that the next start is quick) and serves it until Ctrl-C. Benches of the
workbench import ``fill`` and serve the same folder.
"""

import argparse
import json
import signal
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np

from tests.bench import quiet_house

FPS = 30
SIZE = (160, 120)
NOTE = "long_review.json"


@dataclass(frozen=True)
class LongReview:
    """The clip that was made, and who may review it."""

    slug: str
    project_id: int
    video_id: int
    username: str = quiet_house.USER
    password: str = quiet_house.PASSWORD


def make_long_review(
    state_dir: Path, people: int = 5, minutes: float = 10, segments: int = 500
) -> LongReview:
    """Fill a folder with the clip; what is there already is used again.

    Frames carry their number in their pixels. Everybody sways for the whole clip, cut into equal
    segments; window scores are stored as if a worker had computed them.
    """
    state_dir.mkdir(parents=True, exist_ok=True)
    note = state_dir / NOTE
    if not note.exists():
        quiet_house.fill(state_dir, clips=0, wrong=0)
        made = _make(people, round(minutes * 60 * FPS), segments)
        note.write_text(json.dumps(asdict(made)))
    return LongReview(**json.loads(note.read_text()))


def _make(people: int, frames: int, segments: int) -> LongReview:
    from webapp.accounts.models import Project
    from webapp.classifiers.selectors import active_classifier
    from webapp.runs import services

    project = Project.objects.get()
    video = _video(project, frames)
    run = services.start_run(video=video, by=video.uploaded_by)
    services.mark_running(run=run)
    spans = _spans(people, frames, segments)
    files = _files(run, people, frames, spans)
    classifier = active_classifier(project.pk)
    services.store_results(
        run=run,
        found=_found(people, frames, spans),
        files=files,
        classifier=classifier,
        probabilities=_shares(len(spans), len(classifier.label_ids), seed=1).tolist(),
    )
    run.refresh_from_db()
    _store_curves(run, classifier, people, frames)
    return LongReview(project.slug, project.pk, video.pk)


def _spans(people: int, frames: int, segments: int) -> list[tuple[int, int, int]]:
    """(person, start, end), by person, then time."""
    cuts = np.linspace(0, frames, segments // people + 1).astype(int).tolist()
    return [(p, a, b) for p in range(people) for a, b in pairwise(cuts)]


def _found(people: int, frames: int, spans: list[tuple[int, int, int]]) -> dict:
    from tests.webapp import factories_runs

    cuts = tuple(tuple((a, b) for q, a, b in spans if q == p) for p in range(people))
    found = factories_runs.found(cuts[:1], frames)
    rows = iter(range(len(spans)))
    tracks = [
        {
            "index": p,
            "start_frame": 0,
            "end_frame": frames,
            "segments": [
                {
                    "start_frame": a,
                    "end_frame": b,
                    "feature_row": next(rows),
                    "weight": float(b - a),
                }
                for a, b in cuts[p]
            ],
        }
        for p in range(people)
    ]
    return found | {"people": people, "tracks": tracks}


def _files(run, people: int, frames: int, spans: list[tuple[int, int, int]]) -> dict[str, str]:
    """Skeletons that sway, and features that nobody computed."""
    from inference.features.vector import FEATURE_NAMES
    from inference.poses_file import save_poses
    from inference.skeleton import COCO17
    from inference.types import Poses, Tracks
    from webapp.core import storage
    from webapp.runs import gpu, services

    rng = np.random.default_rng(0)
    rest = rng.uniform((0, 0), (20, 60), (people, 1, 17, 2))
    sway = np.sin(np.arange(frames) / 12)[None, :, None, None] * rng.uniform(
        1, 4, (people, 1, 17, 2)
    )
    place = (rest + sway + np.arange(people)[:, None, None, None] * (28.0, 4.0)).astype(np.float32)
    scores = rng.uniform(0.3, 1, (people, frames, 17, 1)).astype(np.float32)
    low, high = place.min(axis=2) - 3, place.max(axis=2) + 3
    boxes = np.concatenate([low, high], axis=-1).astype(np.float32)
    sure, none = np.full((people, frames), 0.8, np.float32), np.zeros((people, frames), bool)
    times = np.arange(frames) / FPS
    keypoints = np.concatenate([place, scores], axis=-1)
    poses = Poses(Tracks(boxes, sure, none), keypoints, COCO17.name, Fraction(FPS), SIZE, times)
    poses_file = services.name_poses(video=run.video, fingerprint="bench")
    features_file = services.name_features(poses_file, gpu.feature_version(), spans)
    for name in (poses_file, features_file):
        storage.path_of(name).parent.mkdir(parents=True, exist_ok=True)
    save_poses(storage.path_of(poses_file), poses)
    with storage.atomic_path(features_file) as path:
        features = rng.normal(size=(len(spans), len(FEATURE_NAMES))).astype(np.float32)
        np.savez(path, features=features, feature_version=np.array(gpu.feature_version()))
    return {"fingerprint": "bench", "poses_file": poses_file, "features_file": features_file}


def _shares(count: int, outputs: int, seed: int) -> np.ndarray:
    """Scores [N, O] that wander slowly, as those of windows do."""
    rng = np.random.default_rng(seed)
    steps = np.cumsum(rng.normal(scale=0.6, size=(count, outputs)), axis=0)
    powers = np.exp(steps - steps.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _store_curves(run, classifier, people: int, frames: int) -> None:
    from webapp.runs import curve_files
    from webapp.runs.windows import sliding

    windows = sliding(np.arange(frames) / FPS, 0, frames)
    spans = np.array([(p, a, b) for p in range(people) for a, b in windows], np.int64)
    scores = np.concatenate(
        [_shares(len(windows), len(classifier.label_ids), seed=10 + p) for p in range(people)]
    )
    name = curve_files.scores_name(run, classifier)
    curve_files.write(name, spans, scores.astype(np.float32))


def _video(project, frames: int):
    """A coded clip that is ingested as a worker would, but here and frame by frame."""
    from inference.video.coded import coded_clip
    from inference.video.proxy import write_frames
    from tests.webapp import factories
    from webapp.core import storage
    from webapp.videos import ingest
    from webapp.videos.models import VideoState

    name = storage.new_name("originals")
    path = storage.path_of(name).with_suffix(".mp4")
    path.parent.mkdir(parents=True, exist_ok=True)
    table = coded_clip(frames, size=(16, 4), fps=Fraction(FPS)).table
    write_frames(path, _coded(frames), table, options={"preset": "ultrafast", "crf": "20"})
    path.rename(storage.path_of(name))
    video = factories.video(
        project,
        "long-night.mp4",
        original_file=name,
        state=VideoState.INGESTING,
        sha256=storage.hash_file(storage.path_of(name)),
    )
    for field, value in ingest._facts(video, storage.path_of(name), quiet_house._quiet).items():
        setattr(video, field, value)
    video.state = VideoState.READY
    video.save()
    return video


def _coded(frames: int) -> Iterator[np.ndarray]:
    from inference.video.coded import code_frame

    return (code_frame(number, SIZE) for number in range(frames))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--state-dir", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--segments", type=int, default=500)
    parser.add_argument("--port", type=int, default=0)
    asked = parser.parse_args()
    made = make_long_review(asked.state_dir, 5, asked.minutes, asked.segments)
    with quiet_house.serving(asked.state_dir, port=asked.port, debug=True) as address:
        page = f"{address}/projects/{made.slug}/clips/{made.video_id}/"
        print(f"{page} as {made.username} with the password {made.password}", flush=True)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            signal.pause()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
