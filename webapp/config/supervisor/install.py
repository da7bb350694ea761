"""Makes the virtual environment and installs into it, only when something has changed.

Runs as a script on whatever ``python3`` there is, so nothing here needs more than Python 3.7
until the version has been checked.
"""

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import time
from pathlib import Path

OLDEST_PYTHON = (3, 11)
FREE_BYTES_NEEDED = 8 * 1000**3  # 5.4 GB installed and the largest download beside it

KNOWN_FAULTS = (
    ("No space left on device", "The disk is full: the installation needs about 8 GB."),
    (
        "Python.h",
        "A package had to be compiled and Python's headers are missing: install them "
        "(Debian, Ubuntu: apt-get install python3-dev) and try again.",
    ),
    (
        "gcc: not found",
        "A package had to be compiled and there is no C compiler: install one "
        "(Debian, Ubuntu: apt-get install build-essential) and try again.",
    ),
    (
        "Failed to establish a new connection",
        "The package index cannot be reached: check the network (or pip's proxy settings).",
    ),
    (
        "Temporary failure in name resolution",
        "The package index cannot be reached: check the network (or pip's proxy settings).",
    ),
)
WORTH_SHOWING = ("Collecting ", "Installing ", "ERROR", "error")


class Refusal(Exception):
    """The installation cannot go on; the message says what to do."""


def main(arguments):
    if len(arguments) != 2:
        print("usage: install.py VENV REQUIREMENTS", file=sys.stderr)
        return 2
    venv, requirements = Path(arguments[0]), Path(arguments[1])
    try:
        install(venv, requirements)
    except Refusal as refusal:
        print(f"nightjar: {refusal}", file=sys.stderr)
        return 1
    return 0


def install(venv, requirements):
    """Bring ``venv`` to what ``requirements`` says; does nothing when it is there already."""
    check_version(sys.version_info[:2], sys.executable)
    wanted = fingerprint(requirements)
    stamp = venv / f".installed-{requirements.name}"
    if stamp.is_file() and stamp.read_text() == wanted and works(venv):
        return
    began = time.monotonic()
    if not works(venv):
        check_modules()
        check_space(venv.absolute().parent)
        make_venv(venv)
    print(f"nightjar: installing {requirements} (the first time about 3 GB are fetched) ...")
    pip_install(venv, requirements)
    stamp.write_text(wanted)
    print(f"nightjar: installed in {time.monotonic() - began:.0f} s")


def check_version(version, executable):
    if tuple(version) < OLDEST_PYTHON:
        oldest, found = (".".join(map(str, number)) for number in (OLDEST_PYTHON, version))
        raise Refusal(
            f"Python {oldest} or newer is needed, {executable} is {found}. "
            "Install a newer one, or name it: make PYTHON=/path/to/python3.11 up"
        )


def check_modules():
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        names = " and ".join(missing)
        raise Refusal(
            f"This Python lacks {names}, needed to make a virtual environment: install the "
            "package that holds it (Debian, Ubuntu: apt-get install python3-venv)."
        )


def check_space(folder, needed=FREE_BYTES_NEEDED):
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Refusal(
            f"The installation needs {needed / 1e9:.0f} GB of disk, "
            f"{folder} has {free / 1e9:.1f} GB free."
        )


def fingerprint(requirements):
    """Hash of the file, of the files it names by ``-r``, and of the interpreter's version."""
    text = requirements.read_text()
    digest = hashlib.sha256(f"{sys.version_info[:2]}\n{text}".encode())
    for line in text.splitlines():
        if line.startswith("-r "):
            digest.update(fingerprint(requirements.parent / line[3:].strip()).encode())
    return digest.hexdigest()


def works(venv):
    """Whether ``venv`` holds an interpreter that starts and has pip."""
    python = venv / "bin" / "python"
    if not python.exists():
        return False
    found = subprocess.run([str(python), "-c", "import pip"], capture_output=True, check=False)
    return found.returncode == 0


def make_venv(venv):
    command = [sys.executable, "-m", "venv", "--clear", str(venv)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise Refusal(explain(made.stdout + made.stderr, "The virtual environment failed"))


def pip_install(venv, requirements):
    command = [str(venv / "bin" / "python"), "-m", "pip", "install", "--progress-bar", "off"]
    command += ["--disable-pip-version-check", "--requirement", str(requirements)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as pip:
        lines = list(echoed(pip.stdout))
    if pip.returncode != 0:
        raise Refusal(explain("\n".join(lines), "pip failed"))


def echoed(stream):
    for line in stream:
        if line.startswith(WORTH_SHOWING):
            print("  " + line.rstrip()[:100], flush=True)
        yield line.rstrip()


def explain(output, otherwise):
    """One line on why pip or venv failed: a known fault, else the last thing it said."""
    for mark, message in KNOWN_FAULTS:
        if mark in output:
            return message
    said = [line for line in output.splitlines() if line.strip()]
    return f"{otherwise}: {said[-1].strip() if said else 'it said nothing'}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
