"""Kills tab, server and network in the middle of 100 edits, and counts what is lost.

    python -m tests.bench.lost_edits --rounds 3

Real Chromium, the real stack with its supervisor. In each round somebody gives 100 labels by keys;
at random places the renderer process is killed, or the web server, or the network is cut. Then the
page is opened again, and the clip's history is held against what was typed, what the server had
acknowledged, and what stood in the browser's queue when the tab died.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright
from playwright.sync_api import Error as BrowserError

from tests.bench.quiet_house import PASSWORD, ROOT, USER
from tests.bench.upload_folder import Api
from tests.e2e.stack import Stack, start_stack

EDITS = 100
KEYS = "123456789"
PATIENCE_MS = 180_000
QUEUE = """() => new Promise((resolve, reject) => {
    const request = indexedDB.open("nightjar.outbox");
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
        const all = request.result.transaction("edits").objectStore("edits").getAll();
        all.onsuccess = () => resolve(all.result.map(({id}) => id));
    };
})"""


@dataclass
class Outcome:
    """What became of the edits of one round."""

    way: str
    typed: int
    stored: int
    acknowledged: int
    acknowledged_lost: int
    queued_at_a_kill: int
    queued_lost: int
    twice: int
    out_of_order: int
    never_written: int
    slowest_ack_s: float


class Person:
    """Somebody who types labels, whatever happens to the page."""

    def __init__(self, browser: Browser, address: str, path: str) -> None:
        self.browser, self.path = browser, path
        self.context: BrowserContext = browser.new_context(base_url=address)
        self.context.set_default_timeout(PATIENCE_MS)
        self.acknowledged: set[str] = set()
        self.queued: set[str] = set()
        self.page = self._log_in()

    def _log_in(self) -> Page:
        page = self.context.new_page()
        page.goto(f"/login/?next={self.path}")
        page.get_by_label("User name").fill(USER)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_test_id("login-submit").click()
        return self._ready(page)

    def _ready(self, page: Page) -> Page:
        page.on("response", self._note)
        page.get_by_test_id("judgement").wait_for()
        page.locator("nj-player[data-frame]").wait_for()
        return page

    def _note(self, answer: Response) -> None:
        if answer.request.method == "POST" and answer.url.endswith("/edits/") and answer.ok:
            try:
                self.acknowledged |= {result["id"] for result in answer.json()["results"]}
            except BrowserError:
                return  # the tab died before its page had read the answer: nobody was told

    def reopen(self) -> None:
        self.context.set_offline(False)
        self.page = self.context.new_page()
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while True:
            try:
                self.page.goto(self.path)
                break
            except BrowserError:  # the server may not be up again
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)
        self._ready(self.page)

    def kill_tab(self) -> None:
        """SIGKILL to the renderer, without a word before; what stood in the queue is noted."""
        self.queued |= set(self.page.evaluate(QUEUE))
        told = self.browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")
        for process in told["processInfo"]:
            if process["type"] == "renderer":
                os.kill(process["id"], signal.SIGKILL)
        self.page.close()
        self.reopen()

    def settle(self) -> None:
        self.page.locator('[data-testid=edit-status][data-waiting="0"]').wait_for(
            timeout=PATIENCE_MS
        )


def disturb(way: str, person: Person, stack: Stack) -> None:
    if way == "tab":
        person.kill_tab()
    elif way == "server":
        os.kill(stack.pids()["web"], signal.SIGKILL)
        time.sleep(0.3)
    else:
        person.context.set_offline(True)


def play(
    way: str, browser: Browser, stack: Stack, api: Api, clip: tuple[str, int], seed: int
) -> Outcome:
    """One round: 100 labels, three disturbances."""
    chance = random.Random(seed)
    path, video = clip
    person = Person(browser, stack.address, path)
    typed = [chance.choice(KEYS)]
    while len(typed) < EDITS:
        typed.append(chance.choice(KEYS.replace(typed[-1], "")))
    ways = {"all": ["tab", "server", "network"]}.get(way, [way] * 3)
    places = sorted(chance.sample(range(10, 90), 3))
    for number, key in enumerate(typed):
        if number in places:
            disturb(ways[places.index(number)], person, stack)
        if number - 8 in places:
            person.context.set_offline(False)
        person.page.keyboard.press(key)
    person.context.set_offline(False)
    person.settle()
    rows = history(api, video)
    person.context.close()
    return judge(way, typed, rows, person, labels_by_key(api, video))


def judge(
    way: str, typed: list[str], rows: list[dict[str, Any]], person: Person, by_key: dict[str, int]
) -> Outcome:
    """Hold the history against what was typed: it must be that, in that order, each once."""
    stored = [row["data"]["label"] for row in rows]
    wanted = [by_key[key] for key in typed]
    at = missing = 0
    for label in stored:
        while at < len(wanted) and wanted[at] != label:
            at, missing = at + 1, missing + 1
        at += 1
    ids = [row["id"] for row in rows]
    waits = [seconds(row["created_at"]) - seconds(row["made_at"]) for row in rows]
    return Outcome(
        way=way,
        typed=len(typed),
        stored=len(stored),
        acknowledged=len(person.acknowledged),
        acknowledged_lost=len(person.acknowledged - set(ids)),
        queued_at_a_kill=len(person.queued),
        queued_lost=len(person.queued - set(ids)),
        twice=len(ids) - len(set(ids)) + max(0, len(stored) - len(typed)),
        out_of_order=max(0, at - len(wanted)),
        never_written=len(typed) - len(stored),
        slowest_ack_s=round(max(waits, default=0.0), 1),
    )


def seconds(stamp: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()


def history(api: Api, video: int) -> list[dict[str, Any]]:
    return api.call("GET", f"videos/{video}/edits/?after=0&page_size=500")["edits"]


def labels_by_key(api: Api, video: int) -> dict[str, int]:
    project = api.call("GET", f"videos/{video}/")["project"]
    labels = api.call("GET", f"projects/{project}/label-set/")["labels"]
    return {label["hotkey"]: label["id"] for label in labels if label["hotkey"]}


def seed_house(state_dir: Path, clips: int) -> dict[str, Any]:
    """Analysed clips, made by another process so that this one needs no Django."""
    command = [sys.executable, "-m", "tests.bench.quiet_house", "--fill-only"]
    made = subprocess.run(
        [*command, "--state-dir", str(state_dir), "--clips", str(clips), "--wrong", "0"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return json.loads(made.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3, help="of each kind")
    parser.add_argument("--ways", nargs="+", default=["tab", "server", "network", "all"])
    parser.add_argument("--state-dir", type=Path)
    asked = parser.parse_args()
    state_dir = asked.state_dir or Path(tempfile.mkdtemp(prefix="nightjar-"))
    plan = [way for _ in range(asked.rounds) for way in asked.ways]
    house = seed_house(state_dir, len(plan))
    total: Counter[str] = Counter()
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with start_stack(state_dir) as stack, sync_playwright() as playwright:
        api = Api(stack.address)
        api.log_in(USER, PASSWORD)
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        for number, (way, video) in enumerate(zip(plan, house["video_ids"], strict=True)):
            clip = (f"/projects/{house['slug']}/clips/{video}/", video)
            outcome = asdict(play(way, browser, stack, api, clip, seed=number))
            print("  ".join(f"{name} {value}" for name, value in outcome.items()), flush=True)
            total.update({k: v for k, v in outcome.items() if isinstance(v, int)})
        browser.close()
    print("TOTAL  " + "  ".join(f"{name} {value}" for name, value in total.items()))


if __name__ == "__main__":
    main()
