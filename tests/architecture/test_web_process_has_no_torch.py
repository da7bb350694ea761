"""After serving every kind of page and address, the web process has loaded no network."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

SERVE = """
import asyncio, sys
import webapp.config.asgi
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver

settings.ALLOWED_HOSTS = ["testserver"]
settings.STORAGES["staticfiles"]["BACKEND"] = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
)
call_command("migrate", verbosity=0)
from webapp.accounts.models import User
client = Client(raise_request_exception=True)
client.force_login(User.objects.create_superuser("a"))
for address in ("/api/healthz/", "/", "/projects/", "/api/me/", "/api/projects/", "/api/schema/"):
    response = client.get(address, follow=True)
    assert response.status_code == 200, (address, response.status_code)

def load_views(patterns):
    for pattern in patterns:
        load_views(getattr(pattern, "url_patterns", []))
        getattr(pattern, "callback", None)

load_views(get_resolver().url_patterns)
print("\\n".join(sorted(sys.modules)))
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory) -> set[str]:
    """Modules of a process of its own that has imported the application and answered."""
    state = tmp_path_factory.mktemp("state")
    env = {"STATE_DIR": str(state), "DJANGO_SETTINGS_MODULE": "webapp.config.settings"}
    served = subprocess.run(
        [sys.executable, "-c", SERVE], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert served.returncode == 0, served.stderr
    return set(served.stdout.split())


@pytest.mark.parametrize("library", ["torch", "torchvision", "av", "cv2", "inference.pipeline"])
def test_the_web_process_does_not_load(loaded, library):
    assert "webapp.pages.views" in loaded
    assert not {name for name in loaded if name == library or name.startswith(library + ".")}
