"""What can be chosen from outside: read once from the environment, refused when unclear."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from webapp.config.supervisor.errors import CannotStart

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Options:
    host: str  # address that the web server listens on
    port: int  # 0 takes any free one
    state_dir: Path  # absolute; everything that is kept lies below it
    redis_url: str | None  # a server of one's own; None starts the embedded Valkey
    cores: int  # threads that a network may use
    demo: bool  # whether the first start makes the demo project


def read_options(env: Mapping[str, str]) -> Options:
    return Options(
        host=env.get("HOST") or "127.0.0.1",
        port=whole_number(env, "PORT", 8000, 65535),
        state_dir=(ROOT / (env.get("STATE_DIR") or "var")).resolve(),
        redis_url=env.get("REDIS_URL") or None,
        cores=whole_number(env, "CORES", len(os.sched_getaffinity(0)), 1024) or 1,
        demo=whole_number(env, "DEMO", 1, 1) == 1,
    )


def whole_number(env: Mapping[str, str], name: str, default: int, largest: int) -> int:
    given = env.get(name) or str(default)
    if not given.isdecimal() or int(given) > largest:
        raise CannotStart(f"{name} must be a whole number from 0 to {largest}, not {given!r}.")
    return int(given)
