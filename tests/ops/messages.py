"""Collects what is to be translated and keeps the catalogues in step with it.

    python -m tests.ops.messages          add what is new, drop what is gone, compile
    python -m tests.ops.messages --check  only say what is missing; ends with 1 where anything is

What scripts say stands in ``static/nightjar/locale/<language>.js``, what templates and Python say
in ``webapp/locale/<language>/LC_MESSAGES/django.po``, compiled beside it.
"""

import ast
import json
import re
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.ops import script_words

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "webapp" / "pages" / "static" / "nightjar"
LANGUAGES = {"zh-hans": "zh_Hans"}  # as the import map and as gettext name them
PLACES = re.compile(r"\{\w+\}|%\(\w+\)[sd]")
_CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}


# What the source says


def said_by_scripts() -> dict[str, str]:
    """Each text of our modules and where it stands first."""
    found: dict[str, str] = {}
    for path in sorted(SCRIPTS.rglob("*.js")):
        if path.parent.name != "locale":
            for text in script_words.texts(path):
                found.setdefault(text.key, f"{path.relative_to(SCRIPTS)}:{text.line}")
    return found


def said_by_server() -> dict[str, str]:
    """Each text of templates and Python modules and where it stands first."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "webapp").rglob("*.html")):
        for text in _of_template(path):
            found.setdefault(text, str(path.relative_to(ROOT)))
    for path in sorted((ROOT / "webapp").rglob("*.py")):
        for text in _of_python(path):
            found.setdefault(text, str(path.relative_to(ROOT)))
    return found


_TRANSLATE = re.compile(r"""\{%\s*translate\s+("[^"]*"|'[^']*')""")
_BLOCK = re.compile(r"\{%\s*blocktranslate\b[^%]*%\}(.*?)\{%\s*endblocktranslate\s*%\}", re.DOTALL)
_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def _of_template(path: Path) -> Iterator[str]:
    source = path.read_text(encoding="utf-8")
    for match in _TRANSLATE.finditer(source):
        yield match[1][1:-1]
    for match in _BLOCK.finditer(source):
        yield _VARIABLE.sub(r"%(\1)s", match[1])


def _of_python(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in _CALLS:
            continue
        if not node.args or not isinstance(node.args[0], ast.Constant):
            raise ValueError(f"{path}:{node.lineno}: expected a literal in {node.func.id}().")
        yield node.args[0].value


# What is translated


def catalogue_path(language: str) -> Path:
    return SCRIPTS / "locale" / f"{language}.js"


def po_path(language: str) -> Path:
    return ROOT / "webapp" / "locale" / LANGUAGES[language] / "LC_MESSAGES" / "django.po"


_ENTRY = re.compile(r'^ {2}("(?:\\.|[^"\\])*"):\s*("(?:\\.|[^"\\])*"),$', re.MULTILINE)


def script_catalogue(language: str) -> dict[str, str]:
    source = catalogue_path(language).read_text(encoding="utf-8")
    return {json.loads(text): json.loads(said) for text, said in _ENTRY.findall(source)}


def write_script_catalogue(language: str, messages: dict[str, str]) -> None:
    path = catalogue_path(language)
    head = path.read_text(encoding="utf-8").split("export const messages = {")[0]
    lines = [
        f"  {json.dumps(text, ensure_ascii=False)}: {json.dumps(said, ensure_ascii=False)},\n"
        for text, said in sorted(messages.items())
    ]
    path.write_text(head + "export const messages = {\n" + "".join(lines) + "};\n", "utf-8")


_PO_ENTRY = re.compile(r'^msgid ((?:"(?:\\.|[^"\\])*"\n)+)msgstr ((?:"(?:\\.|[^"\\])*"\n?)+)', re.M)


def server_catalogue(language: str) -> dict[str, str]:
    """All texts of the .po file; the header stands under the empty text."""
    if not po_path(language).exists():
        return {}
    source = po_path(language).read_text(encoding="utf-8")
    return {_joined(text): _joined(said) for text, said in _PO_ENTRY.findall(source)}


def _joined(lines: str) -> str:
    return "".join(json.loads(line) for line in lines.strip().split("\n"))


def write_server_catalogue(language: str, messages: dict[str, str], places: dict[str, str]) -> None:
    header = f"Language: {LANGUAGES[language]}\nContent-Type: text/plain; charset=UTF-8\n"
    header += "Plural-Forms: nplurals=1; plural=0;\n"
    entries = [f'msgid ""\nmsgstr {json.dumps(header)}\n']
    for text, said in sorted(messages.items()):
        place = f"#: {places[text]}\n" if text in places else ""
        quoted = [json.dumps(one, ensure_ascii=False) for one in (text, said)]
        entries.append(f"{place}msgid {quoted[0]}\nmsgstr {quoted[1]}\n")
    po_path(language).parent.mkdir(parents=True, exist_ok=True)
    po_path(language).write_text("\n".join(entries), encoding="utf-8")


def compiled(messages: dict[str, str]) -> bytes:
    """The .mo file of a catalogue, as the GNU gettext manual lays it out."""
    pairs = sorted((text.encode(), said.encode()) for text, said in messages.items() if said)
    start = 28
    data_at = start + 16 * len(pairs)
    tables: list[list[int]] = [[], []]
    data = b""
    for which in (0, 1):
        for pair in pairs:
            tables[which] += [len(pair[which]), data_at + len(data)]
            data += pair[which] + b"\0"
    sizes = [0x950412DE, 0, len(pairs), start, start + 8 * len(pairs), 0, data_at]
    return struct.pack(f"<7I{4 * len(pairs)}I", *sizes, *tables[0], *tables[1]) + data


# Both together


def faults(language: str) -> list[str]:
    """Texts without a translation, translations of nothing, and places that do not agree."""
    found = []
    server = {text: said for text, said in server_catalogue(language).items() if text}
    pairs = [
        ("scripts", said_by_scripts(), script_catalogue(language)),
        ("server", said_by_server(), server),
    ]
    for where, wanted, have in pairs:
        found += [f"{where}: missing {t!r} ({at})" for t, at in wanted.items() if not have.get(t)]
        found += [f"{where}: nobody says {t!r}" for t in have if t not in wanted]
        found += [
            f"{where}: other places in {said!r} than in {text!r}"
            for text, said in have.items()
            if said and set(PLACES.findall(said)) != set(PLACES.findall(text))
        ]
    return found


def update(language: str) -> None:
    scripts, server = said_by_scripts(), said_by_server()
    have = script_catalogue(language)
    write_script_catalogue(language, {text: have.get(text, "") for text in scripts})
    kept = server_catalogue(language)
    write_server_catalogue(language, {text: kept.get(text, "") for text in server}, server)
    po_path(language).with_suffix(".mo").write_bytes(compiled(server_catalogue(language)))


def main(arguments: list[str]) -> int:
    found = []
    for language in LANGUAGES:
        if "--check" not in arguments:
            update(language)
        found += [f"{language}: {fault}" for fault in faults(language)]
    print("\n".join([*found, f"{len(found)} to mend"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
