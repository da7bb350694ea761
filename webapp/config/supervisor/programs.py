"""Which programs make one Nightjar, and in what surroundings each runs."""

import sys
from collections.abc import Mapping
from pathlib import Path

from webapp.config.supervisor.children import Program
from webapp.config.supervisor.options import ROOT, Options

WORKERS = {
    # queue: (threads, niceness); a network is never asked by two threads at once
    "media": (2, 2),
    "pose": (1, 5),
    "train": (1, 5),
}


def surroundings(env: Mapping[str, str], options: Options, redis_url: str) -> dict[str, str]:
    """Environment of every child: what we were given, and what we settled."""
    return {
        **env,
        "DJANGO_SETTINGS_MODULE": "webapp.config.settings",
        "STATE_DIR": str(options.state_dir),
        "REDIS_URL": redis_url,
        "PYTHONUNBUFFERED": "1",
        "OMP_WAIT_POLICY": "PASSIVE",  # a thread that waits must not take a core from the others
        "OMP_NUM_THREADS": "1",
    }


def set_up(env: Mapping[str, str], options: Options) -> Program:
    command = [sys.executable, "manage.py", "setup_nightjar"]
    if not options.demo:
        command.append("--no-demo")
    if options.redis_url is None:  # all workers are ours, and none has been started yet
        command.append("--no-worker-runs")
    command += ["--admin-file", str(admin_file(options.state_dir))]
    return Program("set-up", tuple(command), env, ROOT)


def admin_file(state_dir: Path) -> Path:
    """Where the set-up leaves the first admin's password until it has been shown."""
    return state_dir / "first_admin"


def web(env: Mapping[str, str], listener: int) -> Program:
    command = (sys.executable, "-m", "webapp.config.supervisor.web", str(listener))
    return Program("web", command, env, ROOT, pass_fds=(listener,))


def worker(env: Mapping[str, str], options: Options, queue: str) -> Program:
    threads, niceness = WORKERS[queue]
    command = [
        sys.executable,
        "-m",
        "celery",
        "--quiet",
        "--app",
        "webapp.config.celery:app",
        "worker",
    ]
    command += ["--queues", queue, "--hostname", f"{queue}@%h", "--loglevel", "INFO"]
    command += ["--pool", "threads", "--concurrency", str(threads), "--prefetch-multiplier", "1"]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    cores = str(options.cores) if queue == "pose" else "1"
    own = {
        "OMP_NUM_THREADS": cores,
        # Tasks are JSON and come from our own broker, so root may run them.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
    }
    return Program(queue, tuple(command), {**env, **own}, ROOT, niceness)
