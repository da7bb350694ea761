"""Photographs the clip page of every analysed clip, to look the skeletons over by eye.

    NIGHTJAR_PASSWORD=... python -m tests.bench.screenshots http://127.0.0.1:8000 OUT --project demo

Each clip is shown in the middle of its longest segment. Also photographs the other pages.
"""

import argparse
import getpass
import os
import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.bench.upload_folder import Api, find_project

SIZE = {"width": 1360, "height": 860}


def log_in(page: Page, address: str, user: str, password: str) -> None:
    page.goto(f"{address}/login/")
    page.get_by_label("User name").fill(user)
    page.get_by_label("Password").fill(password)
    page.get_by_test_id("login-submit").click()
    page.wait_for_url(re.compile("/projects/"))


def longest_segment(api: Api, video: int) -> tuple[int, int]:
    tracks = api.call("GET", f"videos/{video}/tracks/")["tracks"]
    ranges = [(s["start_frame"], s["end_frame"]) for t in tracks for s in t["segments"]]
    return max(ranges, key=lambda r: r[1] - r[0], default=(0, 1))


def photograph_clip(page: Page, frame: int, path: Path) -> None:
    player = page.locator("nj-player")
    expect(player).to_have_attribute("data-frame", re.compile(r"\d+"), timeout=30_000)
    player.evaluate("(player, frame) => player.seek(frame)", frame)
    expect(player).to_have_attribute("data-frame", str(frame))
    page.wait_for_timeout(500)
    page.screenshot(path=path)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("address")
    parser.add_argument("out", type=Path)
    parser.add_argument("--user", default="admin")
    parser.add_argument("--project", default="demo", help="its slug")
    parser.add_argument("--limit", type=int, default=12, help="clips at most")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    password = os.environ.get("NIGHTJAR_PASSWORD") or getpass.getpass()
    api = Api(args.address)
    api.log_in(args.user, password)
    project = f"{args.address}/projects/{args.project}/"
    cards = [
        card
        for card in api.pages(f"projects/{find_project(api, args.project)}/videos/")
        if card["state"] == "analysed"
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport=SIZE)
        log_in(page, args.address, args.user, password)
        for card in cards[: args.limit]:
            start, end = longest_segment(api, card["id"])
            page.goto(f"{project}clips/{card['id']}/")
            name = f"clip_{card['id']:03}_{Path(card['name']).stem.replace(' ', '_')}.png"
            photograph_clip(page, (start + end) // 2, args.out / name)
        for name in ("", "training/", "pose/", "labels/", "members/"):
            page.goto(project + name)
            page.wait_for_timeout(1500)
            page.screenshot(path=args.out / f"page_{name.strip('/') or 'library'}.png")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
