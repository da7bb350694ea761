"""The number that the player shows is the number of the frame whose pixels are on screen."""

import random
import re

import pytest
from playwright.sync_api import Page, expect

from tests.bench.upload_folder import Api, upload, wait
from tests.e2e.conftest import SETTLED_S

SEEKS = 50

# Reads the shown frame as it was decoded, without the exposure that the page puts on.
READ_PIXELS = """(player) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [player.video.videoWidth, player.video.videoHeight];
    const context = canvas.getContext("2d");
    context.drawImage(player.video, 0, 0);
    const { width, height } = canvas;
    let number = 0;
    for (let row = 0; row < 2; row++) {
        for (let column = 0; column < 8; column++) {
            const [x, y] = [(column + 0.5) * width / 8, (row + 0.5) * height / 2];
            number = 2 * number + (context.getImageData(x, y, 1, 1).data[1] > 128 ? 1 : 0);
        }
    }
    return number;
}"""


@pytest.fixture
def player_page(admin: Api, project, coded_clip, stack, open_page) -> Page:
    video = upload(admin, project["id"], coded_clip)
    wait(admin, project["id"], {video}, SETTLED_S)
    page = open_page(*stack.first_admin, path=f"/projects/{project['slug']}/clips/{video}/")
    expect(page.locator("nj-player")).to_have_attribute("data-frames", "150")
    expect(page.locator("nj-player")).to_have_attribute("data-frame", "0")
    return page


def expect_frame(page: Page, number: int) -> None:
    """The page says the number, and the pixels carry it."""
    player = page.locator("nj-player")
    expect(player).to_have_attribute("data-frame", str(number))
    expect(page.locator("#frame-now")).to_have_text(str(number))
    assert player.evaluate(READ_PIXELS) == number


def test_random_seeks_and_steps_show_the_frame_that_they_say(player_page: Page):
    chance = random.Random(1)
    for _ in range(SEEKS):
        wanted = chance.randrange(150)
        player_page.locator("nj-player").evaluate("(player, n) => player.seek(n)", wanted)
        expect_frame(player_page, wanted)


def test_keys_step_by_one_frame_and_stop_at_the_ends(player_page: Page):
    press = player_page.keyboard.press
    for number in range(1, 8):
        press("ArrowRight")
        expect_frame(player_page, number)
    for number in (6, 5):
        press("ArrowLeft")
        expect_frame(player_page, number)
    press("Shift+ArrowRight")
    expect_frame(player_page, 15)
    press("End")
    expect_frame(player_page, 149)
    press("ArrowRight")
    expect_frame(player_page, 149)
    press("Home")
    expect_frame(player_page, 0)
    press("ArrowLeft")
    expect_frame(player_page, 0)


def test_the_frame_is_right_where_play_was_paused(player_page: Page):
    player = player_page.locator("nj-player")
    player_page.keyboard.press("Space")
    expect(player).to_have_attribute("data-playing", "true")
    expect(player).to_have_attribute("data-frame", re.compile(r"[2-9]\d|1\d\d"))
    player_page.keyboard.press("Space")
    expect(player).to_have_attribute("data-playing", "false")
    player_page.wait_for_timeout(300)
    expect_frame(player_page, int(player.get_attribute("data-frame")))
