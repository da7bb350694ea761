"""``python -m webapp.config.supervisor``: starts one Nightjar and stays until Ctrl-C."""

import http.client
import json
import os
import re
import socket
import sys
import time
from pathlib import Path

from webapp.config.supervisor import ground, programs
from webapp.config.supervisor.crew import Crew, Stopped
from webapp.config.supervisor.errors import CannotStart
from webapp.config.supervisor.logs import Log, say
from webapp.config.supervisor.options import Options, read_options
from webapp.config.supervisor.valkey import Valkey

REQUEST_LINE = re.compile(r'^INFO: .*"[A-Z]+ \S+ HTTP/|connection (open|closed)|\[accepted\]$')
EVERYTHING = re.compile("")
HEALTH_PATH = "/api/healthz/"


def main() -> int:
    began = time.monotonic()
    try:
        options = read_options(os.environ)
        lock = ground.lock_state_dir(options.state_dir)
        with lock:
            ground.check_space(options.state_dir)
            with ground.listen(options.host, options.port) as listener:
                return serve(options, listener, began)
    except CannotStart as reason:
        print(f"nightjar: {reason}", file=sys.stderr)
        return 1


def serve(options: Options, listener: socket.socket, began: float) -> int:
    crew = Crew(options.state_dir / "running")
    try:
        start(crew, options, listener)
        announce(options, listener, time.monotonic() - began)
        crew.run()
    except Stopped:
        pass
    finally:
        say("stopping ...")
        crew.stop()
    say("stopped")
    return 0


def start(crew: Crew, options: Options, listener: socket.socket) -> None:
    """Valkey, the set-up, the web server; the workers last, as an open page needs none of them."""
    log_dir = options.state_dir / "log"
    redis_url = options.redis_url or start_valkey(crew, options)
    env = programs.surroundings(os.environ, options, redis_url)
    set_up = programs.set_up(env, options)
    log = Log(log_dir / "set-up.log", "set-up")
    if crew.run_once(set_up, log) != 0:
        said = next((line for line in reversed(log.last_lines) if line.strip()), "nothing")
        raise CannotStart(f"The set-up failed: {said} (all it said: {log.path})")
    crew.add(programs.web(env, listener.fileno()), Log(log_dir / "web.log", "web", REQUEST_LINE))
    crew.wait_until(lambda: healthy(listener), 60, "The web server")
    for queue in programs.WORKERS:
        crew.add(programs.worker(env, options, queue), Log(log_dir / f"{queue}.log", queue))


def start_valkey(crew: Crew, options: Options) -> str:
    valkey = Valkey.prepare(options.state_dir)
    log = Log(options.state_dir / "log" / "valkey.log", "valkey", EVERYTHING)
    crew.add(valkey.program(os.environ), log)
    crew.wait_until(valkey.answers, 30, "Valkey")
    return valkey.url


def healthy(listener: socket.socket) -> bool:
    host, port = reachable(listener)
    connection = http.client.HTTPConnection(host, port, timeout=1)
    try:
        connection.request("GET", HEALTH_PATH, headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def reachable(listener: socket.socket) -> tuple[str, int]:
    """An address at which this machine reaches the listener."""
    host, port = listener.getsockname()[:2]
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port


def announce(options: Options, listener: socket.socket, seconds: float) -> None:
    host, port = reachable(listener)
    shown = f"[{host}]" if ":" in host else host
    say(f"Nightjar is ready at http://{shown}:{port}/ after {seconds:.1f} s; Ctrl-C stops it")
    tell_first_admin(programs.admin_file(options.state_dir))


def tell_first_admin(path: Path) -> None:
    """Show the password that the set-up made, once."""
    if path.exists():
        admin = json.loads(path.read_text())
        say(f"Log in as {admin['username']} with the password {admin['password']}")
        say("It is shown only now; .venv/bin/python manage.py changepassword admin sets another")
        path.unlink()


if __name__ == "__main__":
    sys.exit(main())
