"""Knows our ES modules: their names, which import which, and the addresses of their files."""

import re
from functools import cache
from pathlib import Path

from django.templatetags.static import static
from django.utils import translation

_ROOT = Path(__file__).parent / "static"
_CATALOGUE = "nightjar/locale/messages.js"
_IMPORT = re.compile(r"""^\s*(?:import|export)\b[^;'"]*['"](nightjar/[^'"]+)['"]""", re.MULTILINE)


@cache
def module_names() -> tuple[str, ...]:
    """All modules as they are imported, such as ``nightjar/core/api.js``."""
    return tuple(sorted(p.relative_to(_ROOT).as_posix() for p in _ROOT.glob("nightjar/**/*.js")))


def import_map() -> dict[str, dict[str, str]]:
    """The map from names to addresses, which carry a hash where the static manifest gives one."""
    return {"imports": {name: address(name) for name in module_names()}}


def address(name: str) -> str:
    """Where a module is; in the place of the empty catalogue there is the one of the language."""
    if name == _CATALOGUE:
        translated = f"nightjar/locale/{translation.get_language()}.js"
        name = translated if translated in module_names() else name
    return static(name)


@cache
def needed_by(name: str) -> tuple[str, ...]:
    """The module and all that it imports, so that a browser can fetch them at once."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        module = waiting.pop()
        if module not in found:
            found[module] = None
            waiting += _IMPORT.findall((_ROOT / module).read_text(encoding="utf-8"))
    return tuple(found)
