import os
import subprocess
import sys

import pytest
from channels_redis.core import RedisChannelLayer

from webapp.config.settings import CHANNEL_LAYERS

READ = "from django.conf import settings; print(settings.SECRET_KEY)"
SERVE = """
import sys
import webapp.config.asgi
from django.conf import settings
print(settings.SECRET_KEY)
print(settings.DATABASES["default"]["ENGINE"])
print(sorted({"torch", "torchvision", "av", "cv2"} & set(sys.modules)))
"""


def start(tmp_path, code, **env):
    """Load the settings in a fresh process."""
    env = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "webapp.config.settings",
        "STATE_DIR": str(tmp_path / "var"),
        **env,
    }
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STORAGE_URL", "s3://bucket/x"),
        ("STORAGE_URL", "file://host/x"),
        ("MAX_UPLOAD_BYTES", "-1"),
        ("MAX_UPLOAD_BYTES", "lots"),
        ("JOB_LEASE_SECONDS", "0"),
    ],
)
def test_a_bad_value_stops_the_start(tmp_path, name, value):
    result = start(tmp_path, READ, **{name: value})
    assert result.returncode != 0
    assert value in result.stderr


def test_the_secret_is_made_once_and_kept_private(tmp_path):
    first, second = start(tmp_path, READ), start(tmp_path, READ)
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines()[0] == second.stdout.splitlines()[0]
    assert (tmp_path / "var" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_secrets_come_from_files_and_the_web_process_stays_light(tmp_path):
    (tmp_path / "key").write_text("from-a-file")
    result = start(
        tmp_path,
        SERVE,
        SECRET_KEY_FILE=str(tmp_path / "key"),
        DATABASE_URL="postgres://u:p@db/nightjar",
    )
    lines = result.stdout.splitlines()
    assert lines == ["from-a-file", "django.db.backends.postgresql", "[]"], result.stderr


def test_a_quiet_socket_outlives_the_blocking_read_behind_it():
    """redis-py's own default, 5 s, would close each live page that hears nothing for 5 s."""
    [host] = CHANNEL_LAYERS["default"]["CONFIG"]["hosts"]
    assert host["socket_timeout"] > 2 * RedisChannelLayer.brpop_timeout
