"""The command line: ``python -m inference COMMAND ...``."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from types import ModuleType

from inference.commands import COMMANDS, SUMMARIES
from inference.errors import BadInput, Cancelled, InferenceError

OK, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
"""Exit statuses: fine; our fault; the input's fault (also wrong arguments); Ctrl-C."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: arguments after the program's name, ``sys.argv[1:]`` if not given.

    Returns:
        The exit status. Errors are one line on stderr.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    name = words[0] if words and words[0] in COMMANDS else None
    module = importlib.import_module(COMMANDS[name]) if name else None
    args = _parser(name, module).parse_args(words)
    if module is None:
        return OK
    try:
        return int(module.run(args))
    except BadInput as error:
        return _say(error, BAD_INPUT)
    except (Cancelled, KeyboardInterrupt):
        print("stopped", file=sys.stderr)
        return INTERRUPTED
    except InferenceError as error:
        return _say(error, FAILED)


def _parser(name: str | None, module: ModuleType | None) -> argparse.ArgumentParser:
    """The overview of all commands, with the arguments of the one that is used."""
    parser = argparse.ArgumentParser(
        prog="python -m inference", description="Dark video to people, skeletons and actions."
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for each, summary in SUMMARIES.items():
        description = module.HELP if module and each == name else summary
        sub = commands.add_parser(each, help=summary, description=description)
        if module and each == name:
            module.add_arguments(sub)
    return parser


def _say(error: InferenceError, status: int) -> int:
    print(f"{error.code}: {error.message}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
