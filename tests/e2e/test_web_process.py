"""The web process of the running server has loaded no network, after serving all it serves."""

import os
import signal
import time

from tests.bench.upload_folder import Api
from tests.e2e.stack import Stack

NEVER = {"torch", "torchvision", "inference.pipeline", "thirdparty"}


def test_the_running_web_server_holds_no_torch(stack: Stack, admin: Api):
    project = admin.call("GET", "me/")["projects"][0]["id"]
    for video in admin.pages(f"projects/{project}/videos/"):
        admin.call("GET", f"videos/{video['id']}/")
    for path in ("label-set/", "classifiers/", "training/", "training-runs/", "review-queue/"):
        admin.call("GET", f"projects/{project}/{path}")
    os.kill(stack.pids()["web"], signal.SIGUSR1)
    deadline = time.monotonic() + 10
    while not stack.modules_file.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    loaded = set(stack.modules_file.read_text().splitlines())
    assert "webapp.config.asgi" in loaded
    assert {name for name in loaded if name.split(".")[0] in NEVER or name in NEVER} == set()
