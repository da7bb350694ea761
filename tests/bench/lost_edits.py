"""Kills tab, server and network in the middle of 100 edits, and counts what is lost.

    python -m tests.bench.lost_edits --rounds 3

Real Chromium, the real web server with its database and message server; no workers, for edits
need none. In each round somebody gives 100 labels by keys;
at random places the renderer process is killed, or the web server, or the network is cut. In the
end the clip's history is held against what was typed, what the server had acknowledged, and what
stood in the browser's queue when the tab died.
"""

import argparse
import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright
from playwright.sync_api import Error as BrowserError

from tests.bench.quiet_house import PASSWORD, ROOT, START_S, USER
from tests.bench.upload_folder import Api

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
    median_save_s: float
    slowest_save_s: float


class House:
    """A web server that comes back when it is killed, as under the supervisor."""

    def __init__(self, state_dir: Path) -> None:
        from webapp.config.supervisor.valkey import Valkey

        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.set_inheritable(True)
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        valkey = Valkey.prepare(state_dir)
        self.env = os.environ | {
            "STATE_DIR": str(state_dir),
            "REDIS_URL": valkey.url,
            "DJANGO_SETTINGS_MODULE": "webapp.config.settings",
            "DEBUG": "1",
        }
        self.log = (state_dir / "house.log").open("ab")
        program = valkey.program(self.env)
        self.store = subprocess.Popen(
            program.command, cwd=program.cwd, stdout=self.log, stderr=self.log
        )
        self.web = self._start()
        # The socket listens already: the answer comes as soon as the server is up.
        urllib.request.urlopen(f"{self.address}/healthz/", timeout=START_S).close()

    def _start(self) -> subprocess.Popen:
        file = self.listener.fileno()
        command = [sys.executable, "-m", "webapp.config.supervisor.web", str(file)]
        return subprocess.Popen(
            command, cwd=ROOT, env=self.env, pass_fds=(file,), stdout=self.log, stderr=self.log
        )

    def kill(self) -> None:
        self.web.kill()
        self.web.wait()
        self.web = self._start()

    def close(self) -> None:
        for process in (self.web, self.store):
            process.terminate()
            process.wait(30)
        self.listener.close()
        self.log.close()


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


def disturb(way: str, person: Person, house: House) -> None:
    if way == "tab":
        person.kill_tab()
    elif way == "server":
        house.kill()
    else:
        person.context.set_offline(True)


def play(
    way: str, browser: Browser, house: House, api: Api, clip: tuple[str, int], seed: int
) -> Outcome:
    """One round: 100 labels, three disturbances."""
    chance = random.Random(seed)
    path, video = clip
    person = Person(browser, house.address, path)
    typed = [chance.choice(KEYS)]
    while len(typed) < EDITS:
        typed.append(chance.choice(KEYS.replace(typed[-1], "")))
    ways = {"all": ["tab", "server", "network"]}.get(way, [way] * 3)
    places = sorted(chance.sample(range(10, 90), 3))
    for number, key in enumerate(typed):
        if number in places:
            disturb(ways[places.index(number)], person, house)
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
        median_save_s=round(statistics.median(waits or [0.0]), 2),
        slowest_save_s=round(max(waits, default=0.0), 1),
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
    seeded = seed_house(state_dir, len(plan))
    total: Counter[str] = Counter()
    program = shutil.which("chromium") or shutil.which("google-chrome")
    house = House(state_dir)
    with closing(house), sync_playwright() as playwright:
        api = Api(house.address)
        api.log_in(USER, PASSWORD)
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        for number, (way, video) in enumerate(zip(plan, seeded["video_ids"], strict=True)):
            clip = (f"/projects/{seeded['slug']}/clips/{video}/", video)
            outcome = asdict(play(way, browser, house, api, clip, seed=number))
            print("  ".join(f"{name} {value}" for name, value in outcome.items()), flush=True)
            total.update({k: v for k, v in outcome.items() if isinstance(v, int)})
        browser.close()
    print("TOTAL  " + "  ".join(f"{name} {value}" for name, value in total.items()))


if __name__ == "__main__":
    main()
