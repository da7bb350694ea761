"""Photographs every page in every state and dress, for people to look at.

    python -m tests.bench.quiet_house --state-dir ../scratch --clips 12 --port 8737 &
    python -m tests.bench.looks http://127.0.0.1:8737 OUT --project bench

States: empty, loading, error, full; dark, light, Chinese, tablet, 4K, 200 % zoom, forced colours.
"""

import argparse
import re
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route, sync_playwright
from playwright.sync_api import TimeoutError as Late

from tests.bench.quiet_house import PASSWORD, USER

DRESSES: dict[str, dict[str, Any]] = {
    "dark": {"color_scheme": "dark"},
    "light": {"color_scheme": "light"},
    "chinese": {"color_scheme": "dark", "locale": "zh-CN"},
    "tablet": {"viewport": {"width": 820, "height": 1180}, "has_touch": True},
    "zoomed": {"viewport": {"width": 640, "height": 360}},
    "narrow": {"viewport": {"width": 320, "height": 640}},
    "small": {"viewport": {"width": 1280, "height": 720}},
    "4k": {"viewport": {"width": 3840, "height": 2160}},
    "forced": {"forced_colors": "active"},
}
PAGES = ["", "clips/{video}/", "review/", "training/", "pose/", "labels/", "members/"]


class Photographer:
    """One signed-in browser in one dress."""

    def __init__(self, browser: Browser, asked: argparse.Namespace, dress: str) -> None:
        options = {"viewport": {"width": 1360, "height": 860}, "color_scheme": "dark"}
        self.dress, self.out = dress, asked.out
        self.context = browser.new_context(base_url=asked.address, **(options | DRESSES[dress]))
        self.page = self.context.new_page()
        self.page.goto("/login/")
        self.shoot("login")
        self.page.locator("input[name=username]").fill(asked.user)
        self.page.locator("input[name=password]").fill(asked.password)
        self.page.get_by_test_id("login-submit").click()
        self.page.wait_for_url(re.compile("/projects/"))

    def visit(self, path: str) -> Page:
        self.page.goto(path)
        with suppress(Late):
            self.page.wait_for_function(
                "() => !document.querySelector('.booting, .ghost')", timeout=15_000
            )
        self.page.wait_for_timeout(1200)
        return self.page

    def shoot(self, name: str) -> None:
        self.page.screenshot(path=self.out / f"{self.dress}_{name}.png")


def broken(route: Route) -> None:
    route.fulfill(status=500, json={"error": {"code": "internal", "message": "Out of order."}})


def states(shooter: Photographer, project: str, video: int) -> None:
    """Loading, error, empty, and what opens over the workbench."""
    answers: list[tuple[str, str, Callable[[Route], None]]] = [
        ("loading", "**/api/projects/*/videos/**", lambda route: None),
        ("error", "**/api/projects/*/videos/**", broken),
        ("clip_error", f"**/api/videos/{video}/", broken),
    ]
    for name, pattern, answer in answers:
        shooter.page.route(pattern, answer)
        shooter.page.goto(f"{project}clips/{video}/" if name.startswith("clip") else project)
        shooter.page.wait_for_timeout(1500)
        shooter.shoot(name)
        shooter.page.unroute(pattern)
    shooter.visit(f"{project}?q=nothing-has-this-name")
    shooter.shoot("no_match")
    page = shooter.visit(f"{project}clips/{video}/")
    for name, key in (("help", "?"), ("comment", "c"), ("joints", "Shift+J")):
        page.keyboard.press(key)
        page.wait_for_timeout(700)
        shooter.shoot(f"clip_{name}")
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
    page.get_by_test_id("user-menu").click()
    shooter.shoot("menu")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("address")
    parser.add_argument("out", type=Path)
    parser.add_argument("--project", default="bench", help="its slug")
    parser.add_argument("--user", default=USER)
    parser.add_argument("--password", default=PASSWORD)
    parser.add_argument("--video", type=int, default=2)
    parser.add_argument("--dress", nargs="*", default=list(DRESSES))
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    project = f"/projects/{asked.project}/"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for dress in asked.dress:
            shooter = Photographer(browser, asked, dress)
            for path in PAGES:
                shooter.visit(project + path.format(video=asked.video))
                shooter.shoot(path.split("/")[0] or "library")
            if dress in ("dark", "light"):
                states(shooter, project, asked.video)
            shooter.context.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
