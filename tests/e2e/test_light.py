"""Filters change what people see, frame by frame, and nothing of what the networks get."""

import hashlib
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, Request, expect

from inference.enhance.adaptive import AdaptiveExposure
from inference.video.coded import read_code
from inference.video.frames import read_clip
from tests.bench.upload_folder import Api, upload, wait
from tests.e2e.conftest import SETTLED_S

# What people see and what is stored of it, in one task: width, height, pixels of both.
READ = """(player) => {
    const stored = player.read();
    const { width, height } = stored;
    const context = new OffscreenCanvas(width, height).getContext("2d");
    context.drawImage(player.canvas, 0, 0);
    const lit = context.getImageData(0, 0, width, height);
    return { width, height, stored: [...stored.data], lit: [...lit.data],
        frame: Number(player.dataset.frame), drawn: Number(player.canvas.dataset.frame ?? -1) };
}"""
EVERY_FILTER = {
    "gain": "3", "gamma": "0.6", "contrast": "1.2", "local": "0.6", "denoise": "1",
}  # fmt: skip


@pytest.fixture
def expected_faults() -> list[str]:
    return ["CONTEXT_LOST_WEBGL"]  # the test takes the context away


@pytest.fixture(scope="module")
def place(admin: Api, coded_clip: Path) -> tuple[str, int]:
    """Slug of a project and id of its only clip."""
    project = admin.call("POST", "projects/", {"name": "Light"})
    video = upload(admin, project["id"], coded_clip)
    wait(admin, project["id"], {video}, SETTLED_S)
    return project["slug"], video


@pytest.fixture
def video(place) -> int:
    return place[1]


@pytest.fixture
def page(place, admin, stack, open_page) -> Page:
    slug, video = place
    admin.call("PATCH", "me/", {"preferences": {"light": None}})  # what a test before has kept
    page = open_page(*stack.first_admin, path=f"/projects/{slug}/clips/{video}/")
    expect(page.locator("nj-player")).to_have_attribute("data-frame", "0")
    return page


def seek(page: Page, frame: int) -> None:
    player = page.locator("nj-player")
    player.evaluate("(player, n) => player.seek(n)", frame)
    expect(player).to_have_attribute("data-frame", str(frame))


def read(page: Page) -> tuple[np.ndarray, np.ndarray, int]:
    """Pixels as stored and as lit, uint8 [H, W, 3], and the number that the page says."""
    found = page.locator("nj-player").evaluate(READ)
    shape = (found["height"], found["width"], 4)
    stored, lit = (np.array(found[name], np.uint8).reshape(shape) for name in ("stored", "lit"))
    assert found["drawn"] == found["frame"]
    return stored[..., :3], lit[..., :3], found["frame"]


def choose(page: Page, preset: str) -> None:
    while page.locator("nj-player").get_attribute("data-preset") != preset:
        page.keyboard.press("g")
    # Without a preset's own light there would be nothing for WebGL to draw.
    expect(page.locator("nj-player")).to_have_attribute("data-light", re.compile("webgl"))


def move(page: Page, **settings: str) -> None:
    """Moves the panel's sliders as a hand would."""
    for name, value in settings.items():
        slider = page.get_by_test_id("light-panel").locator(f"input[name={name}]")
        slider.evaluate(
            "(input, value) => { input.value = value; "
            "input.dispatchEvent(new Event('input', { bubbles: true })); }",
            value,
        )


def test_the_lit_picture_is_the_frame_that_the_page_says_with_any_filter(page: Page):
    for preset in ("lifted", "shapes", "heat"):
        choose(page, preset)
        for wanted in (0, 77, 76, 149):
            seek(page, wanted)
            stored, lit, frame = read(page)
            assert (read_code(stored), frame) == (wanted, wanted)
            assert read_code(lit) == wanted
            assert (lit != stored).any()


def test_left_of_the_divider_the_picture_is_as_recorded_and_keys_move_it(page: Page):
    choose(page, "night")
    page.keyboard.press("Shift+B")
    divider = page.get_by_test_id("light-divider")
    expect(divider).to_have_value("500")
    stored, lit, _ = read(page)
    middle = stored.shape[1] // 2
    np.testing.assert_array_equal(lit[:, : middle - 1], stored[:, : middle - 1])
    assert (lit[:, middle + 1 :] != stored[:, middle + 1 :]).any()
    divider.focus()
    page.keyboard.press("End")
    expect(divider).to_have_attribute("aria-valuetext", re.compile("^100 %"))
    stored, lit, frame = read(page)
    assert frame == 0  # the key moved the divider, not the clip
    np.testing.assert_array_equal(lit, stored)


def test_without_webgl_an_svg_filter_lights_the_picture(page: Page):
    choose(page, "night")
    page.get_by_test_id("light-canvas").evaluate("""(canvas) => {
        window.lent = canvas.getContext("webgl2").getExtension("WEBGL_lose_context");
        window.lent.loseContext();
    }""")
    player = page.locator("nj-player")
    expect(player).to_have_attribute("data-light", "svg")
    assert "nj-light" in player.evaluate("(player) => player.canvas.style.filter")
    seek(page, 42)
    assert read_code(player_pixels(page)) == 42
    page.evaluate("() => window.lent.restoreContext()")
    expect(player).to_have_attribute("data-light", "webgl")


def player_pixels(page: Page) -> np.ndarray:
    found = page.locator("nj-player").evaluate(READ)
    return np.array(found["lit"], np.uint8).reshape(found["height"], found["width"], 4)[..., :3]


def model_input(page: Page, video: int, folder: Path) -> str:
    """Hash of what the pose network is given of the stored original."""
    path = folder / "original.mp4"
    path.write_bytes(page.request.get(f"/api/videos/{video}/original").body())
    return hashlib.sha256(AdaptiveExposure("dusk")(read_clip(path).frames)).hexdigest()


def test_what_the_networks_get_is_the_same_with_every_filter_on(page, video, tmp_path):
    before = model_input(page, video, tmp_path)
    changes: list[str] = []

    def note(request: Request) -> None:
        if request.method not in ("GET", "HEAD") and not request.url.endswith("/api/me/"):
            changes.append(f"{request.method} {request.url}")

    page.on("request", note)
    page.keyboard.press("Alt+g")
    move(page, **EVERY_FILTER)
    page.get_by_test_id("light-panel").locator("select[name=palette]").select_option("heat")
    expect(page.locator("nj-player")).to_have_attribute("data-preset", "own")
    expect(page.get_by_test_id("light-meter").get_by_role("img")).to_have_attribute(
        "aria-label", re.compile(r"As recorded: Mean \d+.*burnt out")
    )
    page.keyboard.press("Escape")
    seek(page, 10)
    _, lit, _ = read(page)
    assert read_code(lit) == 10
    assert changes == []
    assert model_input(page, video, tmp_path) == before


def test_a_still_is_shown_exactly_as_the_pose_network_was_given_it(
    admin, project, rendered_clip, stack, open_page
):
    video = upload(admin, project["id"], rendered_clip)
    wait(admin, project["id"], {video}, SETTLED_S)
    run = admin.call("GET", f"videos/{video}/tracks/")["run"]
    page = open_page(*stack.first_admin, path=f"/projects/{project['slug']}/clips/{video}/")
    expect(page.locator("nj-player")).to_have_attribute("data-frame", "0")
    seek(page, 20)
    page.keyboard.press("Shift+M")
    badge = page.get_by_test_id("light-badge")
    expect(badge).to_have_attribute("data-exact", "true", timeout=SETTLED_S * 1000)
    expect(badge).to_contain_text("Exactly what the pose network was given")
    seen = page.get_by_test_id("seen-canvas")
    expect(seen).to_have_attribute("data-frame", "20")
    shown = seen.evaluate("""(canvas) => {
        const { width, height } = canvas;
        return [height, width, ...canvas.getContext("2d").getImageData(0, 0, width, height).data];
    }""")
    pixels = np.array(shown[2:], np.uint8).reshape(*shown[:2], 4)[..., :3]
    address = f"/api/runs/{run['id']}/model-pictures/20/picture.png"
    png = np.frombuffer(page.request.get(address).body(), np.uint8)
    np.testing.assert_array_equal(pixels, cv2.imdecode(png, cv2.IMREAD_COLOR)[..., ::-1])
    page.keyboard.press("ArrowRight")
    expect(page.locator("nj-player")).to_have_attribute("data-frame", "21")
    # Never the picture of another frame.
    assert seen.is_hidden() or seen.get_attribute("data-frame") == "21"
