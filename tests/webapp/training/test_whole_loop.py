"""The whole way once, with the real networks: clips in, a correction, a training, a promotion."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from inference.video.synthetic import render_clip, write_video
from tests.webapp import factories
from webapp.core import storage
from webapp.jobs.services import create_job, enqueue_job
from webapp.runs import tasks as run_tasks
from webapp.runs.models import PipelineRun
from webapp.training import tasks as training_tasks
from webapp.videos import tasks as video_tasks
from webapp.videos.models import Video, VideoState

SAMPLES = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "arid" / "sample"
REAL_CLIPS = ("Wave_1_1.mp4", "Walk_12_13.mp4")

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def work(sent_tasks, django_capture_on_commit_callbacks):
    """``work(call)``: what ``call()`` gives, after all tasks that it sent, and those they sent."""
    tasks = {
        "webapp.videos.tasks.ingest_video": video_tasks.ingest_video,
        "webapp.runs.tasks.analyse_new_video": run_tasks.analyse_new_video,
        "webapp.runs.tasks.analyse_video": run_tasks.analyse_video,
        "webapp.training.tasks.train_head": training_tasks.train_head,
        "webapp.training.tasks.promote_classifier": training_tasks.promote_classifier,
    }

    def run(call):
        with django_capture_on_commit_callbacks(execute=True):
            answer = call()
        while sent_tasks:
            name, arguments = sent_tasks.pop(0)
            with django_capture_on_commit_callbacks(execute=True):
                tasks[name](*arguments)
        return answer

    return run


def arrive(project, path: Path) -> Video:
    """A file that was just uploaded; its ingest is sent."""
    name = storage.new_name("originals", ".mp4")
    storage.path_of(name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, storage.path_of(name))
    video = factories.video(
        project, path.name, state=VideoState.INGESTING, original_file=name, sha256=""
    )
    job = create_job(project_id=project.pk, kind="ingest", subject_id=video.pk)
    enqueue_job(job=job)
    return video


@pytest.fixture(autouse=True)
def _long_lease(settings):
    """Heartbeats have a connection of their own, which does not see the test's transaction."""
    settings.JOB_LEASE_SECONDS = 3600


@pytest.fixture
def rendered(tmp_path) -> list[Path]:
    clips = []
    for seed, action in enumerate(("Wave", "Walk")):
        clip, _ = render_clip([(action, 1.5)], size=(320, 240), seed=seed)
        clips.append(tmp_path / f"{action}.mp4")
        write_video(clips[-1], clip)
    return clips


@pytest.fixture
def real() -> list[Path]:
    if not SAMPLES.is_dir():
        pytest.skip("the sample clips are not beside this checkout")
    return [SAMPLES / name for name in REAL_CLIPS]


@pytest.mark.parametrize("kind", ["rendered", "real"])
def test_clips_corrections_training_promotion(request, kind, project, client_of, admin, work):
    client = client_of(admin)
    paths = request.getfixturevalue(kind)
    videos = [work(lambda path=path: arrive(project, path)) for path in paths]

    cards = client.get(f"/api/projects/{project.pk}/videos/").json()["results"]
    assert [(card["state"], card["message"]) for card in cards] == [("analysed", "")] * 2
    assert {card["predicted"]["classifier"] for card in cards} == {1}
    check_skeletons(client, videos[0])

    segment = main_segment(client, videos[0])
    wave = factories.Label.objects.get(label_set__project=project, name="Wave")
    corrected = client.post(
        f"/api/segments/{segment['id']}/corrections/",
        {"label": wave.pk},
        headers={"If-Match": f'"{segment["version"]}"'},
    )
    assert corrected.status_code == 201

    started = work(lambda: client.post(f"/api/projects/{project.pk}/training-runs/", {"seed": 1}))
    run = client.get(f"/api/training-runs/{started.json()['id']}/").json()
    assert (run["state"], run["job"]["error_message"]) == ("done", "")
    assert "Wave" in run["candidate"]["output_names"]
    assert run["metrics"]["count"] == run["baseline_metrics"]["count"] > 0

    address = f"/api/classifiers/{run['candidate']['id']}/promotion/"
    promotion = work(lambda: client.post(address)).json()
    assert client.get(f"/api/promotions/{promotion['id']}/").json()["state"] == "done"
    cards = client.get(f"/api/projects/{project.pk}/videos/").json()["results"]
    assert {card["predicted"]["classifier"] for card in cards} == {2}
    taught = next(card for card in cards if card["id"] == videos[0].pk)
    assert taught["predicted"]["label"]["name"] == "Wave"


def main_segment(client, video):
    tracks = client.get(f"/api/videos/{video.pk}/tracks/").json()["tracks"]
    assert tracks
    return max(
        (segment for track in tracks for segment in track["segments"]),
        key=lambda segment: segment["end_frame"] - segment["start_frame"],
    )


def check_skeletons(client, video):
    """Joints lie about where the person's box is."""
    run = PipelineRun.objects.get(video=video)
    response = client.get(f"/api/runs/{run.pk}/poses/")
    shape = (int(response["X-People"]), int(response["X-Frames"]), -1)
    numbers = np.frombuffer(response.content, "<f4").reshape(shape)[0]
    present = ~np.isnan(numbers[:, 0])
    assert present.mean() > 0.3
    boxes, joints = numbers[present, :4], numbers[present, 4:].reshape(-1, 17, 3)
    margin = 0.5 * (boxes[:, 2:] - boxes[:, :2])
    low, high = (boxes[:, :2] - margin)[:, None], (boxes[:, 2:] + margin)[:, None]
    inside = ((joints[..., :2] >= low) & (joints[..., :2] <= high)).all(-1)
    assert inside.mean() > 0.9
