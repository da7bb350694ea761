"""A published network of another joint order, from its file to what the pages draw."""

import numpy as np
import pytest
import torch

from inference.detect.detector import PersonDetector
from inference.features.vector import FEATURE_NAMES
from inference.pose.config import DCPoseConfig
from inference.pose.dcpose import DCPose
from inference.skeleton import POSETRACK17
from inference.types import Detections
from inference.video.coded import coded_clip
from inference.video.synthetic import write_video
from tests.webapp import factories
from webapp.core import storage
from webapp.estimators import imports
from webapp.estimators import tasks as import_tasks
from webapp.estimators.models import PoseImport
from webapp.runs import gpu, pose_changes, services
from webapp.runs import tasks as run_tasks
from webapp.runs.features import read_file
from webapp.runs.selectors import current_run

pytestmark = pytest.mark.django_db

SMALL = DCPoseConfig(
    image=(32, 32), stem=8, bottlenecks=1, bottleneck_channels=4, width=4, modules=(1, 1, 1),
    blocks=1, difference_channels=8, difference_blocks=1, support_blocks=1, fusion_channels=8,
    fusion_blocks=1,
)  # fmt: skip
"""The published network in a size for tests, PoseTrack-17 joints."""


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory) -> bytes:
    """As published: under ``state_dict``, names as after training on several devices."""
    torch.manual_seed(0)
    state = {f"module.{name}": tensor for name, tensor in DCPose(SMALL).state_dict().items()}
    path = tmp_path_factory.mktemp("published") / "x.pth"
    torch.save({"state_dict": state, "epoch": 20}, path)
    return path.read_bytes()


def bring_in(project, admin, content, name="PoseTrack_DCPose_32x32.pth"):
    made = imports.start_import(project=project, name=name, size_bytes=len(content), by=admin)
    made = imports.append_piece(pose_import=made, offset=0, data=content)
    import_tasks.import_checkpoint(made.pk, made.job_id)
    return PoseImport.objects.select_related("version", "job").get(pk=made.pk)


@pytest.fixture
def somebody(monkeypatch):
    """Whatever the frames show, one person is found in the middle of each."""

    def detect(self, frames, *, at=None, **_):
        box = np.array([[16, 8, 48, 40]], np.float32)
        wanted = range(len(frames)) if at is None else at
        return [Detections(box, np.array([0.9], np.float32)) for _ in wanted]

    monkeypatch.setattr(PersonDetector, "detect", detect)
    monkeypatch.setattr(gpu, "_pipelines", type(gpu._pipelines)())


def test_a_published_checkpoint_becomes_weights_with_their_card(project, admin, checkpoint):
    done = bring_in(project, admin, checkpoint)
    assert (done.state, done.job.error_message) == ("done", "")
    card = done.version.card
    assert card["config"]["skeleton"] == POSETRACK17.name
    assert card["config"]["image"] == [32, 32]
    assert card["source"]["file"] == "PoseTrack_DCPose_32x32.pth"
    assert card["parameters"] > 1000


def test_a_file_that_lacks_weights_is_refused_with_their_names(project, admin, tmp_path):
    state = DCPose(SMALL).state_dict()
    gone = [name for name in state if name.startswith("masks_list.0.")]
    kept = {name: tensor for name, tensor in state.items() if name not in gone}
    torch.save({"state_dict": kept | {"surprise.weight": torch.zeros(2)}}, tmp_path / "x.pth")
    failed = bring_in(project, admin, (tmp_path / "x.pth").read_bytes())
    assert (failed.state, failed.job.error_code) == ("failed", "bad_checkpoint")
    assert "surprise.weight" in failed.misfits["unknown"]
    assert set(gone) - {n for n in gone if n.endswith("tracked")} <= set(failed.misfits["missing"])


def test_what_is_no_checkpoint_is_said_to_be_none(project, admin):
    failed = bring_in(project, admin, b"not a checkpoint at all")
    assert failed.state == "failed"
    assert "not a checkpoint of plain tensors" in failed.job.error_message


def test_its_skeletons_are_drawn_described_and_named_by_their_own_joints(
    project, label_set, admin, client_of, checkpoint, somebody, tmp_path
):
    write_video(tmp_path / "clip.mp4", coded_clip(12, size=(64, 48)))
    original = factories.stored((tmp_path / "clip.mp4").read_bytes())
    video = factories.video(project, original_file=original, frames=12)
    version = bring_in(project, admin, checkpoint).version
    pose_changes.choose_pose(project=project, version=version, by=admin)
    run = services.start_run(video=video, by=admin)
    run_tasks.analyse_video(run.pk, run.job_id)
    video.refresh_from_db()
    assert (video.state, video.message) == ("analysed", "")
    run = current_run(video)
    assert (run.people, run.skeleton, run.pose_version) == (1, POSETRACK17.name, version)

    client = client_of(admin)
    shown = client.get(f"/api/videos/{video.pk}/tracks/").json()
    assert shown["run"]["skeleton"]["joints"] == list(POSETRACK17.joints)
    assert shown["run"]["skeleton"]["limbs"] == [list(limb) for limb in POSETRACK17.limbs]
    packed = client.get(f"/api/runs/{run.pk}/poses/")
    assert packed["X-Joints"] == "17"
    joints = np.frombuffer(packed.content, "<f4").reshape(1, 12, 4 + 3 * 17)[..., 4:]
    assert np.isfinite(joints).all()

    features = read_file(storage.path_of(run.features_file))
    assert features.shape[1] == len(FEATURE_NAMES)
    assert np.isfinite(features).all()
    assert shown["tracks"][0]["segments"][0]["predicted"] is not None


def test_both_networks_stay_loaded_and_have_fingerprints_of_their_own(
    project, admin, checkpoint, monkeypatch
):
    monkeypatch.setattr(gpu, "_pipelines", type(gpu._pipelines)())
    version = bring_in(project, admin, checkpoint).version
    imported = gpu.PoseUse(version.weights_file)
    own, other = gpu.fingerprint(), gpu.fingerprint(imported)
    assert own != other
    assert gpu.pipeline() is gpu.pipeline()
    assert gpu.pipeline(imported) is gpu.pipeline(imported)
    assert gpu.pipeline(imported) is not gpu.pipeline()
    assert len(gpu._pipelines) == gpu.MOST_LOADED
    assert gpu.fingerprint(gpu.PoseUse(version.weights_file, every=3)) != other
    assert len(gpu._pipelines) == gpu.MOST_LOADED
