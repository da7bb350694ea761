"""Training learns, and a resumed run ends where an unbroken one does."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from inference.errors import BadInput, Cancelled
from inference.pose.augment import STILL
from inference.pose.config import COMPACT
from inference.pose.cuts import CutTrack, cut_out
from inference.pose.dcpose import DCPose
from inference.pose.degrade import DegradeConfig
from inference.pose.loss import joint_loss, target_maps
from inference.pose.mix import Mix, MixConfig, Source, neighbour_cut
from inference.pose.train import BACKBONE, TrainConfig, Trainer, start_network

TINY = dataclasses.replace(
    COMPACT,
    image=(64, 64),
    stem=8,
    bottlenecks=1,
    bottleneck_channels=4,
    width=4,
    blocks=1,
    difference_channels=17,
    fusion_channels=8,
    dilations=(1,),
)
EASY = MixConfig(
    view=STILL,
    degrade=DegradeConfig(noisy=0, blurred=0, shrunk=0, compressed=0, covered=0, grey=0),
)


def tracks(count: int = 4, frames: int = 3) -> list[CutTrack]:
    """People made of one bright spot at a random place, where all joints lie."""
    made = []
    for seed in range(count):
        rng = np.random.default_rng(seed)
        x, y = rng.integers(14, 50, 2)
        picture = rng.integers(0, 30, (64, 64, 3), dtype=np.uint8)
        picture[y - 3 : y + 4, x - 3 : x + 4] = 250
        keypoints = np.tile(np.array([x, y, 1], np.float32), (17, 1))
        box = np.array([8, 8, 56, 56], np.float32)
        cuts = tuple(cut_out(picture, box, keypoints, frame) for frame in range(frames))
        made.append(CutTrack(f"spot {seed}", cuts))
    return made


def trainer(path: Path | None = None, **settings: object) -> Trainer:
    torch.manual_seed(0)
    config = TrainConfig(**{"steps": 6, "batch": 4, "warmup": 1, "log_every": 2, **settings})
    mix = Mix([Source("spots", tracks(), 1.0, bright=True)], TINY, EASY, seed=config.seed)
    return Trainer(DCPose(TINY), mix, config, checkpoint=path)


def same(first: DCPose, second: DCPose) -> bool:
    pairs = zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("stage", ["backbone", "head"])
def test_resumed_run_ends_with_the_weights_of_an_unbroken_one(tmp_path: Path, stage: str) -> None:
    whole = trainer(stage=stage, workers=2).run()
    asked = iter(range(100))
    broken = trainer(tmp_path / "run.ckpt", stage=stage, workers=2)
    with pytest.raises(Cancelled):
        broken.run(is_cancelled=lambda: next(asked) == 3)
    resumed = trainer(tmp_path / "run.ckpt", stage=stage, workers=2)
    torch.nn.init.zeros_(next(resumed.network.parameters()))
    resumed.resume()
    assert resumed.step == 3
    assert same(resumed.run(), whole)


def test_loss_falls_on_a_tiny_set() -> None:
    learner = trainer(steps=40, batch=8, rate=5e-3, log_every=10)
    learner.run()
    losses = [entry["loss"] for entry in learner.curves]
    assert losses[-1] < 0.75 * losses[0]


def test_head_stage_leaves_the_backbone_as_it_is() -> None:
    learner = trainer(stage="head", steps=3, rate=1e-2)
    before = {name: value.clone() for name, value in learner.network.state_dict().items()}
    after = learner.run().state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert not any(name.startswith(BACKBONE) for name in changed)


def test_checkpoint_of_another_stage_is_refused(tmp_path: Path) -> None:
    trainer(tmp_path / "run.ckpt", steps=1).run()
    with pytest.raises(BadInput, match="head"):
        trainer(tmp_path / "run.ckpt", stage="head").resume()


def test_broken_checkpoint_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run.ckpt").write_bytes(b"nothing of ours")
    with pytest.raises(BadInput, match="checkpoint"):
        trainer(tmp_path / "run.ckpt").resume()


def test_batch_depends_on_seed_step_and_worker_alone() -> None:
    mix = trainer().mix
    first = mix.batch(5, 3, 3)
    np.testing.assert_array_equal(first.images, mix.batch(5, 3, 3).images)
    assert np.any(first.images != mix.batch(6, 3, 3).images)
    assert np.any(first.images != mix.batch(5, 3, 3, shard=1).images)
    assert first.images.shape == (3, 3, 64, 64, 3)


def test_neighbours_are_never_further_than_asked() -> None:
    track = tracks(1, frames=6)[0]
    gap = CutTrack("gap", track.cuts[:2] + track.cuts[4:])
    assert neighbour_cut(track, 3, -2).frame == 1
    assert neighbour_cut(track, 4, 3).frame == 5
    assert neighbour_cut(gap, 1, 2).frame == 1
    assert neighbour_cut(gap, 1, 3).frame == 4


def test_targets_peak_at_the_joint_and_add_up_to_one() -> None:
    maps = target_maps(torch.tensor([[[40.0, 20.0], [0.0, 60.0]]]), (16, 16), 1.0)
    torch.testing.assert_close(maps.sum(dim=(2, 3)), torch.ones(1, 2))
    assert maps.flatten(2).argmax(2).tolist() == [[5 * 16 + 10, 15 * 16 + 0]]


def test_joints_without_weight_cost_nothing() -> None:
    keypoints = torch.tensor([[[40.0, 20.0, 0.0]]])
    assert joint_loss(torch.randn(1, 1, 16, 16), keypoints, 1.0) == 0


def test_a_network_grows_by_blocks_that_change_nothing_at_first() -> None:
    torch.manual_seed(0)
    shallow = DCPose(TINY).eval()
    deep = DCPose(dataclasses.replace(TINY, blocks=2, branch_share=8)).eval()
    start_network(deep, shallow.state_dict())
    x = torch.randn(2, 4, 64, 64)
    torch.testing.assert_close(deep.heatmaps(x), shallow.heatmaps(x))
    grown = Trainer(
        deep,
        Mix([Source("spots", tracks(), 1.0, bright=True)], TINY, EASY, seed=0),
        TrainConfig(steps=2, batch=4, warmup=1),
    ).run()
    assert not torch.equal(grown.heatmaps(x), shallow.heatmaps(x))


def test_weights_of_another_network_are_no_start() -> None:
    wider = DCPose(dataclasses.replace(TINY, width=6))
    with pytest.raises(BadInput, match="another"):
        start_network(DCPose(TINY), wider.state_dict())
    with pytest.raises(BadInput, match="another"):
        start_network(DCPose(TINY), DCPose(dataclasses.replace(TINY, blocks=2)).state_dict())


def test_noise_is_the_cameras_and_is_averaged_with_its_pixels() -> None:
    def spread(grain: float) -> float:
        noisy = DegradeConfig(
            bright_stops=(3, 3),
            full_well=(500, 500),
            read_noise=(6, 6),
            curve=(1, 1),
            cast=0,
            shaded=0,
            grey=0,
            noisy=1,
            clumped=(0, 0),
            averaged=0,
            lifted=0,
            blurred=0,
            shrunk=0,
            compressed=0,
            covered=0,
        )
        config = dataclasses.replace(EASY, degrade=noisy, grain=(grain, grain))
        flat = cut_out(
            np.full((64, 64, 3), 120, np.uint8),
            np.array([8, 8, 56, 56], np.float32),
            np.ones((17, 3), np.float32),
            0,
        )
        mix = Mix([Source("flat", [CutTrack("", (flat,))], 1.0, bright=True)], TINY, config, 0)
        return float(mix.batch(0, 4, 1).images.astype(float).std())

    assert spread(2.0) == pytest.approx(spread(1.0) / 2, rel=0.15)
