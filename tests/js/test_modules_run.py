"""Runs the tests of the pages' pure modules, so that `make test` covers them too."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DENO = Path(sys.executable).with_name("deno")


@pytest.mark.skipif(not DENO.exists(), reason="the deno wheel is not installed")
def test_the_modules_pass_their_own_tests(tmp_path):
    # Types are checked by `make lint`; nothing may be fetched.
    command = [DENO, "test", "--quiet", "--no-check", "--no-remote", "tests/js"]
    surroundings = {**os.environ, "DENO_DIR": str(tmp_path), "NO_COLOR": "1"}
    done = subprocess.run(
        command, cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 failed" in done.stdout
