"""Other eyes: an admin imports a network, adapts one to the clips at hand, uses it, goes back."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.bench.upload_folder import Api, upload, wait
from tests.e2e.conftest import SETTLED_S

WORKED_S = 420  # what an adaptation or a re-analysis of the clips may take on two busy cores
MISSING = "masks_list.1."


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A small DCPose with made-up weights, laid out as published; and one that lacks a part."""
    import torch

    from inference.pose.config import DCPoseConfig
    from inference.pose.dcpose import DCPose

    torch.manual_seed(0)
    sizes = {"stem": 8, "bottlenecks": 1, "bottleneck_channels": 8, "width": 8, "blocks": 1}
    head = {"difference_channels": 8, "difference_blocks": 1, "fusion_channels": 8}
    network = DCPose(DCPoseConfig(image=(64, 96), modules=(1, 1, 1), **sizes, **head))
    state = {f"module.{name}": value for name, value in network.state_dict().items()}
    folder = tmp_path_factory.mktemp("published")
    files = {"good": folder / "DCPose_small_96x64.pth", "bad": folder / "DCPose_broken_96x64.pth"}
    torch.save({"state_dict": state}, files["good"])
    lacking = {name: value for name, value in state.items() if MISSING not in name}
    torch.save({"state_dict": lacking | {"module.surprise": torch.zeros(1)}}, files["bad"])
    return files


@pytest.fixture(scope="session")
def dark_clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A figure walks in the dark, three times; where its joints are lies beside each clip."""
    from inference.poses_file import save_poses
    from inference.video.synthetic import render_clip, write_video

    folder = tmp_path_factory.mktemp("cameras")
    paths = [folder / f"yard {number}.mp4" for number in (1, 2, 3)]
    for seed, path in enumerate(paths):
        clip, poses = render_clip([("Walk", 1.2)], size=(320, 240), seed=11 + seed)
        write_video(path, clip)
        save_poses(path.with_suffix(".npz"), poses)
    return paths


def test_an_admin_imports_adapts_uses_and_goes_back(
    admin: Api, stack, project, open_page, checkpoints, dark_clips, tmp_path
):
    videos = {upload(admin, project["id"], clip) for clip in dark_clips}
    cards = wait(admin, project["id"], videos, SETTLED_S * len(videos))
    assert {card["state"] for card in cards} == {"analysed"}
    assert {card["people"] for card in cards} != {0}

    page = open_page(*stack.first_admin, path=f"/projects/{project['slug']}/")
    page.get_by_test_id("nav-pose").click()
    expect(page.get_by_test_id("pose-active")).to_contain_text("Shipped")
    expect(page.get_by_test_id("pose-clips")).to_contain_text("3 of 3")
    page.screenshot(path=tmp_path / "1_start.png", full_page=True)

    import_a_wrong_file(page, checkpoints["bad"])
    page.screenshot(path=tmp_path / "2_wrong_file.png", full_page=True)
    import_a_network(page, checkpoints["good"])
    page.screenshot(path=tmp_path / "3_imported.png", full_page=True)

    keypoints = [clip.with_suffix(".npz") for clip in dark_clips]
    adapt(page, keypoints, [card["name"] for card in cards if card["people"]], tmp_path)
    page.screenshot(path=tmp_path / "5_adapted.png", full_page=True)
    page.get_by_test_id("choose-adapted").click()
    confirm_and_wait(page, "Version 2")
    page.screenshot(path=tmp_path / "6_used.png", full_page=True)
    assert pose_numbers(admin, videos) == {2}

    row(page, 1).get_by_test_id("choose").click()
    confirm_and_wait(page, "Version 1")
    assert pose_numbers(admin, videos) == {1}
    expect_other_joints_drawn(admin, page, project, cards, tmp_path)

    page.get_by_test_id("nav-pose").click()
    row(page, 0).get_by_role("button", name="Roll back").click()
    confirm_and_wait(page, "Shipped")
    assert pose_numbers(admin, videos) == {None}
    changes = page.get_by_test_id("pose-changes").locator("li")
    expect(changes).to_have_count(3)
    expect(changes.first).to_contain_text("Back to the shipped network from version 1")
    page.screenshot(path=tmp_path / "8_back.png", full_page=True)


def row(page: Page, number: int):
    return page.locator(f'[data-testid="pose-row"][data-number="{number}"]')


def import_a_wrong_file(page: Page, path: Path) -> None:
    """The page says what is wrong, and lists every name."""
    page.get_by_test_id("import-input").set_input_files(path)
    panel = page.get_by_test_id("import-panel")
    expect(panel).to_have_attribute("data-state", "failed", timeout=WORKED_S * 1000)
    expect(page.get_by_test_id("import-error")).to_contain_text("does not fit the network")
    for details in panel.get_by_test_id("misfits").all():
        details.locator("summary").click()
    names = panel.locator(".names")
    expect(names.filter(has_text=MISSING).first).to_be_visible()
    expect(names.filter(has_text="surprise")).to_be_visible()
    expect(row(page, 1)).to_have_count(0)


def import_a_network(page: Page, path: Path) -> None:
    page.get_by_test_id("import-input").set_input_files(path)
    expect(row(page, 1)).to_have_attribute(
        "data-version-state", "candidate", timeout=WORKED_S * 1000
    )
    expect(row(page, 1)).to_contain_text(path.name)
    expect(row(page, 1)).to_contain_text("PoseTrack order")
    expect(page.get_by_test_id("import-panel")).to_have_count(0)


def adapt(page: Page, keypoints: list[Path], clips: list[str], folder: Path) -> None:
    """A few seconds of learning from keypoint files; the figures are those of the named clip.

    ``clips``: names of those with people.
    """
    page.get_by_test_id("adapt-open").click()
    page.get_by_test_id("keypoint-input").set_input_files(keypoints)
    expect(page.get_by_test_id("keypoint-count")).to_contain_text(
        f"3 keypoint files, {len(clips)} of them for clips here"
    )
    page.get_by_test_id("adapt-teacher").select_option("keypoints")
    page.get_by_test_id("adapt-held-out").fill(clips[0])
    page.get_by_test_id("adapt-minutes").fill("0.1")
    page.screenshot(path=folder / "4_adapt.png", full_page=True)
    page.get_by_test_id("adapt-start").click()
    expect(page.get_by_test_id("adaptation-progress")).to_be_visible()
    result = page.get_by_test_id("adaptation-result")
    expect(result).to_have_attribute("data-version", "2", timeout=WORKED_S * 1000)
    for when in ("before", "after"):
        assert 0 <= float(result.get_attribute(f"data-{when}")) <= 100
    expect(result).to_contain_text("learns from keypoint files")
    expect(result).to_contain_text(f"measured on {clips[0]}")
    expect(result).to_contain_text("1 held-out clip ")
    expect(page.get_by_test_id("adapt-form")).to_have_count(0)


def confirm_and_wait(page: Page, name: str) -> None:
    """Say yes; the network is active at once, and in the end every clip is analysed by it."""
    page.get_by_test_id("confirm-yes").click()
    expect(page.get_by_test_id("pose-active")).to_contain_text(name)
    expect(page.get_by_test_id("pose-clips")).to_contain_text("3 of 3", timeout=WORKED_S * 1000)
    expect(page.get_by_test_id("change-progress")).to_have_count(0)


def pose_numbers(admin: Api, videos: set[int]) -> set[int | None]:
    """The pose version that each clip's shown skeletons come from; None: the shipped ones."""
    runs = [admin.call("GET", f"videos/{video}/tracks/")["run"] for video in videos]
    return {run["pose_version"] and run["pose_version"]["number"] for run in runs}


def expect_other_joints_drawn(
    admin: Api, page: Page, project: dict, cards: list[dict], folder: Path
) -> None:
    """The imported network has the head's ends where ours has the eyes; the overlay copes."""
    video = next(card["id"] for card in cards if card["people"])
    shown = admin.call("GET", f"videos/{video}/tracks/")
    assert shown["run"]["skeleton"]["joints"][1:3] == ["head_bottom", "head_top"]
    page.goto(f"/projects/{project['slug']}/clips/{video}/")
    expect(page.get_by_test_id("pose-by")).to_contain_text("pose version 1")
    player, overlay = page.locator("nj-player"), page.locator("#overlay")
    expect(player).to_have_attribute("data-frame", "0")
    frame = shown["tracks"][0]["start_frame"]
    player.evaluate("(player, frame) => player.seek(frame)", frame)
    expect(overlay).to_have_attribute("data-frame", str(frame))
    drawn = overlay.evaluate("canvas => JSON.parse(canvas.dataset.joints)")
    assert {joint for _, joint, *_ in drawn} == set(range(17))
    page.screenshot(path=folder / "7_clip.png")
