"""Puts every clip of a folder through a running Nightjar by its public API and waits for the end.

    python tests/bench/upload_folder.py http://127.0.0.1:8000 FOLDER --user admin --project demo

The password comes from NIGHTJAR_PASSWORD, or is asked for. Ends with 1 if any clip was not
analysed, so it serves as a load check as well as a way to bring in a library.
"""

import argparse
import collections
import getpass
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHUNK_BYTES = 8 * 1024**2
SETTLED = {"analysed", "rejected", "duplicate", "failed", "cancelled"}
SUFFIXES = {".mp4", ".mov", ".mkv", ".webm", ".avi", ".ts", ".mpg"}
POLL_S = 2.0


class Api:
    """The few calls that are needed, with a token."""

    def __init__(self, address: str) -> None:
        self._root = address.rstrip("/") + "/api/"
        self._headers: dict[str, str] = {}

    def log_in(self, username: str, password: str) -> None:
        answer = self.call("POST", "auth/token/", {"username": username, "password": password})
        self._headers["Authorization"] = f"Token {answer['token']}"

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        if isinstance(body, bytes):
            headers["Content-Type"] = "application/octet-stream"
        elif body is not None:
            body, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        address = path if path.startswith("http") else self._root + path
        request = urllib.request.Request(
            address, data=body, method=method, headers={**self._headers, **headers}
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{method} {path}: {error.code} {error.read().decode()}") from error

    def pages(self, path: str) -> Iterator[dict[str, Any]]:
        answer = self.call("GET", f"{path}?page_size=100")
        while True:
            yield from answer["results"]
            if not answer["next"]:
                return
            answer = self.call("GET", answer["next"])


def upload(api: Api, project: int, clip: Path) -> int:
    """Send one file in pieces; gives the video's id."""
    size = clip.stat().st_size
    begun = api.call(
        "POST", f"projects/{project}/uploads/", {"name": clip.name, "size_bytes": size}
    )
    answer: dict[str, Any] = {}
    with clip.open("rb") as file:
        offset = 0
        while chunk := file.read(CHUNK_BYTES):
            headers = {"Upload-Offset": str(offset)}
            answer = api.call("PATCH", f"uploads/{begun['id']}/", chunk, **headers)
            offset += len(chunk)
    return int(answer["video"])


def wait(api: Api, project: int, wanted: set[int], seconds: float) -> list[dict[str, Any]]:
    """Follow the cards until each of ours has settled."""
    deadline = time.monotonic() + seconds
    while True:
        cards = [c for c in api.pages(f"projects/{project}/videos/") if c["id"] in wanted]
        states = collections.Counter(card["state"] for card in cards)
        print("  ".join(f"{state} {n}" for state, n in sorted(states.items())), flush=True)
        if all(card["state"] in SETTLED for card in cards) or time.monotonic() > deadline:
            return cards
        time.sleep(POLL_S)


def find_project(api: Api, slug: str) -> int:
    projects = {p["slug"]: p["id"] for p in api.call("GET", "me/")["projects"]}
    if slug not in projects:
        raise SystemExit(f"There is no project {slug!r}; there are: {', '.join(projects)}.")
    return int(projects[slug])


def report(cards: list[dict[str, Any]], began: float) -> int:
    """Say how it went; 0 if every clip was analysed."""
    seconds = time.monotonic() - began
    for card in cards:
        if card["state"] != "analysed":
            print(f"{card['name']}: {card['state']} {card['error_code']} {card['message']}")
    good = [card for card in cards if card["state"] == "analysed"]
    video_s = sum(card["duration_s"] or 0 for card in good)
    people = sum(card["predicted"] is not None for card in good)
    print(
        f"{len(good)} of {len(cards)} clips analysed, {people} with a person and a label, "
        f"in {seconds:.0f} s: {seconds / max(video_s, 1e-9):.2f} s a second of video"
    )
    return 0 if len(good) == len(cards) else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("address")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--user", default="admin")
    parser.add_argument("--project", default="demo", help="its slug")
    parser.add_argument("--timeout", type=float, default=7200, help="seconds")
    args = parser.parse_args()
    api = Api(args.address)
    api.log_in(args.user, os.environ.get("NIGHTJAR_PASSWORD") or getpass.getpass())
    project = find_project(api, args.project)
    clips = sorted(p for p in args.folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    began = time.monotonic()
    videos = {upload(api, project, clip) for clip in clips}
    print(f"{len(videos)} clips uploaded in {time.monotonic() - began:.0f} s")
    return report(wait(api, project, videos, args.timeout), began)


if __name__ == "__main__":
    sys.exit(main())
