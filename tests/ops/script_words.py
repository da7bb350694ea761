"""Reads the words out of our ES modules: what goes through t() and tn(), and what should."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_SPACE = re.compile(r"(?:\s+|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_$#][\w$]*")
_NUMBER = re.compile(r"\d[\w.]*")
_STRING = re.compile(r'"(?:\\.|[^"\\])*"|' + r"'(?:\\.|[^'\\])*'", re.DOTALL)
_REGEX = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\n])+/[a-z]*")
_ESCAPE = re.compile(r"\\(u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_ENDS_A_VALUE = re.compile(r"[\w$)\]\"'`]$")
_KEYWORDS_BEFORE_REGEX = {"return", "typeof", "case", "in", "of", "=>"}


@dataclass(frozen=True)
class Token:
    kind: str  # name, string, template, number, regex or sign
    text: str  # a string's value; of a template what stands between its places
    line: int


@dataclass(frozen=True)
class Text:
    """What one call of t() or tn() says; ``forms`` are the English ones, the last is the key."""

    forms: tuple[str, ...]
    line: int

    @property
    def key(self) -> str:
        return self.forms[-1]


def tokens(source: str) -> list[Token]:
    """All tokens of a module, those within template places included."""
    found: list[Token] = []
    _scan(source, 0, 1, found, until="")
    return found


def _scan(source: str, at: int, line: int, found: list[Token], until: str) -> tuple[int, int]:
    depth = 0
    while at < len(source):
        if match := _SPACE.match(source, at):
            line, at = line + match[0].count("\n"), match.end()
            continue
        char = source[at]
        if until and char == until and depth == 0:
            return at + 1, line
        if char == "`":
            at, line = _template(source, at + 1, line, found)
            continue
        kind, match = _next(source, at, found)
        text = match[0] if match else char
        found.append(Token(kind, _value(text) if kind == "string" else text, line))
        depth += (text == "{") - (text == "}") if kind == "sign" else 0
        at, line = at + len(text), line + text.count("\n")
    return at, line


def _next(source: str, at: int, found: list[Token]) -> tuple[str, re.Match[str] | None]:
    char = source[at]
    if char in "\"'":
        return "string", _STRING.match(source, at)
    if match := _NAME.match(source, at):
        return "name", match
    if match := _NUMBER.match(source, at):
        return "number", match
    if char == "/" and _may_be_regex(found) and (match := _REGEX.match(source, at)):
        return "regex", match
    return "sign", None


def _may_be_regex(found: list[Token]) -> bool:
    if not found or found[-1].text in _KEYWORDS_BEFORE_REGEX:
        return True
    last = found[-1]
    return last.kind == "sign" and not _ENDS_A_VALUE.search(last.text)


def _template(source: str, at: int, line: int, found: list[Token]) -> tuple[int, int]:
    parts, inner, first = [], [], line
    while source[at] != "`":
        if source.startswith("${", at):
            parts.append("\0")
            at, line = _scan(source, at + 2, line, inner, until="}")
        elif source[at] == "\\":
            parts.append(_value(f'"{source[at : at + 2]}"'))
            at += 2
        else:
            line += source[at] == "\n"
            parts.append(source[at])
            at += 1
    found += [Token("template", "".join(parts), first), *inner]
    return at + 1, line


def _value(literal: str) -> str:
    def plain(match: re.Match[str]) -> str:
        code = match[1]
        if code[0] in "ux" and len(code) > 1:
            return chr(int(code[1:].strip("{}"), 16))
        return {"n": "\n", "t": "\t", "\n": ""}.get(code, code)

    return _ESCAPE.sub(plain, literal[1:-1])


def texts(path: Path) -> list[Text]:
    """What a module says; a call whose text is no literal is refused, for nobody could find it."""
    found = tokens(path.read_text(encoding="utf-8"))
    return [
        Text(_literals(found, i + 2, 1 if token.text == "t" else 2, path), token.line)
        for i, token in enumerate(found)
        if _is_call(found, i)
    ]


def _is_call(found: list[Token], i: int) -> bool:
    if found[i].kind != "name" or found[i].text not in ("t", "tn") or i + 1 >= len(found):
        return False
    is_made_here = i > 0 and found[i - 1].text == "function"
    return found[i + 1].text == "(" and not is_made_here


def _literals(found: list[Token], i: int, count: int, path: Path) -> tuple[str, ...]:
    """The call's texts: for tn() those behind the count."""
    arguments = list(_arguments(found, i))
    wanted = arguments[:1] if count == 1 else arguments[1:3]
    forms = []
    for argument in wanted:
        kinds = {token.kind for token in argument if token.text != "+"}
        if kinds != {"string"}:
            at = argument[0] if argument else found[i - 1]
            raise ValueError(f"{path}:{at.line}: expected a string literal in t() or tn().")
        forms.append("".join(token.text for token in argument if token.kind == "string"))
    return tuple(forms)


def _arguments(found: list[Token], i: int) -> Iterator[list[Token]]:
    argument: list[Token] = []
    depth = 0
    while i < len(found):
        token = found[i]
        is_sign = token.kind == "sign"
        if is_sign and depth == 0 and token.text in ",)":
            yield argument
            if token.text == ")":
                return
            argument = []
        else:
            depth += (token.text in "([{") - (token.text in ")]}") if is_sign else 0
            argument.append(token)
        i += 1


# What is no text for people: values of these attributes, and arguments of these calls.
_NO_TEXT_NAMES = re.compile(
    r"class|data-.*|style|href|src|id|for|name|type|role|method|rel|viewBox|d|points|transform|"
    r"autocomplete|autocapitalize|accept|kind|keys|url|path|query|credentials|headers|"
    r"aria-(?!label$|description$|valuetext$|roledescription$|placeholder$).*|font|filter|"
    r"textAlign|textBaseline|className|cssText"
)
_NO_TEXT_CALLS = {
    "Error", "TypeError", "RangeError", "querySelector", "querySelectorAll", "closest", "matches",
    "setProperty", "getItem", "setItem", "removeItem", "get", "has", "import", "emit", "on",
    "addEventListener", "removeEventListener", "getContext", "setAttribute", "getAttribute",
    "removeAttribute", "hasAttribute", "toggleAttribute", "add", "remove", "startsWith", "endsWith",
    "includes", "createElement", "matchMedia", "define", "var", "getExtension", "warn",
    "getUniformLocation", "getAttribLocation", "button", "dispatchEvent", "CustomEvent",
    "DOMException", "info", "section", "tools", "insertRule", "supports", "split", "join",
    "localeCompare",
}  # fmt: skip
# Programs of the graphics card, selectors, lists of fonts.
_OF_A_MACHINE = re.compile(r"void main|gl_|#version|\breturn \w|\w\[\w+=|:not\(|sans-serif")
_PROSE = re.compile(r"(?<![\w#./\-])[A-Za-z]{2,}[,;:]? +[A-Za-z(]|^[A-Z][a-z]{2,}|[a-z]{3,}…")
_KEY_NAMES = re.compile(
    r"(AltGraph|CapsLock|NumLock|Dead|Esc|Del|Ctrl|Arrow(Left|Right|Up|Down)|Enter|Escape|Space|Backspace|Delete|Home|End|Tab|Page(Up|Down)|"
    r"(Mod|Shift|Alt|Control|Meta)(\+\S+)?|Abort\w*|[A-Z]\w*(-[A-Z]\w*)+|Digit\d?|Key[A-Z]?)"
)


def unsaid(path: Path) -> list[tuple[int, str]]:
    """(line, text) of literals that read like words for people and do not go through t()."""
    found = tokens(path.read_text(encoding="utf-8"))
    said = {id(token) for i in range(len(found)) if _is_call(found, i) for token in _span(found, i)}
    return [
        (token.line, token.text.replace("\0", "{}"))
        for i, token in enumerate(found)
        if token.kind in ("string", "template")
        and id(token) not in said
        and _PROSE.search(token.text.replace("\0", " "))
        and not _KEY_NAMES.fullmatch(token.text)
        and not _is_technical(found, i)
    ]


def _span(found: list[Token], i: int) -> Iterator[Token]:
    """The strings that stand directly in a call of t() or tn()."""
    arguments = list(_arguments(found, i + 2))
    for argument in arguments[:1] if found[i].text == "t" else arguments[1:3]:
        yield from argument


def _is_technical(found: list[Token], i: int) -> bool:
    before = [token.text for token in found[max(0, i - 3) : i]]
    after = found[i + 1].text if i + 1 < len(found) else ""
    text = found[i].text
    if _OF_A_MACHINE.search(text) or text.strip() == "\0":
        return True
    if before[-1:] in (["from"], ["import"], ["case"]) or before[-2:] in (["=", "="], ["!", "="]):
        return True
    if after == ":" and before[-1:] in (["{"], [","]):
        return True  # the name of a property
    names = _owners(found, i)
    return bool(names & _NO_TEXT_CALLS) or any(_NO_TEXT_NAMES.fullmatch(name) for name in names)


def _owners(found: list[Token], i: int) -> set[str]:
    """The property that the literal is (part of) the value of, or the call that it goes to."""
    depth = 0
    for j in range(i - 1, max(-1, i - 60), -1):
        token = found[j]
        if token.kind != "sign":
            continue
        if token.text in ")]}":
            depth += 1
        elif token.text in "([{":
            depth -= 1
            if depth < 0:
                is_call = token.text == "(" and found[j - 1].kind == "name"
                return {found[j - 1].text} if is_call else set()
        elif depth == 0 and token.text in ",;":
            is_call_open = _opening_call(found, j)
            return {is_call_open} if is_call_open else set()
        elif depth == 0 and _gives_a_value(found, j):
            return {found[j - 1].text}
    return set()


def _gives_a_value(found: list[Token], j: int) -> bool:
    """Whether the sign stands between a name and its value."""
    if found[j].text == "=":
        return found[j - 1].kind == "name"
    return found[j].text == ":" and not _is_choice(found, j)


def _is_choice(found: list[Token], j: int) -> bool:
    """Whether the colon belongs to ``a ? b : c``."""
    depth = 0
    for k in range(j - 1, max(-1, j - 60), -1):
        text = found[k].text if found[k].kind == "sign" else ""
        if text in (")", "]", "}"):
            depth += 1
        elif text in ("(", "[", "{"):
            depth -= 1
            if depth < 0:
                return False
        elif depth == 0 and text == "?" and found[k + 1].text not in ("?", "."):
            return found[k - 1].text != "?"
        elif depth == 0 and text in (",", ";"):
            return False
    return False


def _opening_call(found: list[Token], j: int) -> str:
    """The call in whose arguments a comma stands, else nothing."""
    depth = 0
    for k in range(j - 1, max(-1, j - 400), -1):
        if found[k].kind != "sign":
            continue
        text = found[k].text
        if text in ")]}":
            depth += 1
        elif text in "([{":
            depth -= 1
            if depth < 0:
                return found[k - 1].text if text == "(" and found[k - 1].kind == "name" else ""
    return ""
