"""The pages' pure modules, tested by Deno; here so that one run of pytest holds them too."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_pure_modules_of_the_pages_do_what_their_tests_say():
    deno = Path(sys.executable).with_name("deno")
    command = [str(deno), "test", "--quiet", "--no-prompt", "tests/js"]
    tested = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stdout + tested.stderr
