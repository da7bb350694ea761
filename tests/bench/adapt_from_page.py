"""Adapts the pose network from the web page, taught by keypoint files, and prints the gain.

    NIGHTJAR_PASSWORD=... python -m tests.bench.adapt_from_page http://127.0.0.1:8000 \
        --clips FOLDER --keypoints FOLDER --hold-out Run_1 Walk_10 --minutes 5

Clips go in by the API; all else is done in Chromium as an admin would. No clip of a take that is
held out is learnt from, so the gain is that of a scene that the network has not seen.
"""

import argparse
import getpass
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect, sync_playwright

from tests.bench.screenshots import SIZE, log_in
from tests.bench.upload_folder import SUFFIXES, Api, find_project, upload, wait

PATIENCE_MS = 120_000


def adapt(page: Page, keypoints: list[Path], args: argparse.Namespace) -> None:
    """Bring the files, choose them as teacher, name the takes, start, and wait for the figures."""
    page.goto(f"{args.address}/projects/{args.project}/pose/")
    page.get_by_test_id("adapt-open").click(timeout=PATIENCE_MS)
    page.get_by_test_id("keypoint-input").set_input_files(keypoints)
    count = page.get_by_test_id("keypoint-count")
    expect(count).to_have_attribute("data-count", str(len(keypoints)), timeout=5 * PATIENCE_MS)
    page.get_by_test_id("adapt-teacher").select_option("keypoints")
    page.get_by_test_id("adapt-held-out").fill(", ".join(args.hold_out))
    page.get_by_test_id("adapt-minutes").fill(str(args.minutes))
    page.screenshot(path=args.out / "adapt_form.png", full_page=True)
    page.get_by_test_id("adapt-start").click()
    expect(page.get_by_test_id("adaptation-progress")).to_be_visible(timeout=PATIENCE_MS)
    page.screenshot(path=args.out / "adapt_running.png", full_page=True)
    result = page.get_by_test_id("adaptation-result")
    expect(result).to_be_visible(timeout=args.timeout * 1000)
    page.screenshot(path=args.out / "adapt_result.png", full_page=True)


def figures(api: Api, project: int) -> dict[str, Any]:
    """What the newest adaptation came to."""
    newest = next(api.pages(f"projects/{project}/adaptations/"))
    last = newest["curve"][-1] if newest["curve"] else {}
    told = ("state", "config", "before", "after", "improved", "clips_used", "clips_skipped")
    return {name: newest[name] for name in (*told, "seconds")} | {"last": last}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("address")
    parser.add_argument("--clips", type=Path, required=True)
    parser.add_argument("--keypoints", type=Path, required=True, help="one .npz a clip")
    parser.add_argument("--hold-out", nargs="+", required=True, help="takes to measure on")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--user", default="admin")
    parser.add_argument("--project", default="demo", help="its slug")
    parser.add_argument("--out", type=Path, default=Path(), help="folder for screenshots")
    parser.add_argument("--timeout", type=float, default=7200, help="seconds")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    password = os.environ.get("NIGHTJAR_PASSWORD") or getpass.getpass()
    api = Api(args.address)
    api.log_in(args.user, password)
    project = find_project(api, args.project)
    clips = sorted(p for p in args.clips.rglob("*") if p.suffix.lower() in SUFFIXES)
    wait(api, project, {upload(api, project, clip) for clip in clips}, args.timeout)
    keypoints = [args.keypoints / f"{clip.stem}.npz" for clip in clips]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport=SIZE)
        log_in(page, args.address, args.user, password)
        adapt(page, [path for path in keypoints if path.exists()], args)
        browser.close()
    print(json.dumps(figures(api, project)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
