"""What browsers download is the same program and the same looks, without words for developers."""

import re

import pytest
from django.conf import settings
from django.core.management import call_command

from tests.ops import messages, script_words
from webapp.pages.lean import lean_script, lean_sheet

MODULES = sorted(messages.SCRIPTS.rglob("*.js"))
SHEETS = sorted(messages.SCRIPTS.rglob("*.css"))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(messages.SCRIPTS)))
def test_every_module_keeps_its_tokens(path):
    source = path.read_text(encoding="utf-8")
    lean = lean_script(source)
    meant, left = (
        [(token.kind, token.text) for token in script_words.tokens(text)] for text in (source, lean)
    )
    assert left == meant
    assert "@param" not in lean


@pytest.mark.parametrize(
    ("source", "lean"),
    [
        ("a = 1; // said\nb = 2;", "a = 1;\nb = 2;\n"),
        ("const a = `x // ${b /* c */ + `y ${d}`} /* kept */`;", None),
        ('const u = "http://here"; /** gone */', 'const u = "http://here";\n'),
        ("x = a / b / c; // no regex", "x = a / b / c;\n"),
        ('return /["/*]/.test(x); // a regex', 'return /["/*]/.test(x);\n'),
        ("f(`a\n    b`);", "f(`a\n    b`);\n"),
    ],
)
def test_only_comments_and_indentation_go(source, lean):
    wanted = lean or "const a = `x // ${b + `y ${d}`} /* kept */`;\n"
    assert re.sub(" +", " ", lean_script(source)) == re.sub(" +", " ", wanted)


@pytest.mark.parametrize("path", SHEETS, ids=lambda p: p.name)
def test_every_sheet_keeps_its_rules(path):
    source = path.read_text(encoding="utf-8")
    bare = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
    assert re.sub(r"\s", "", lean_sheet(source)) == re.sub(r"\s", "", bare)


def test_collected_files_are_lean_hashed_and_compressed(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    backend = {"BACKEND": "webapp.pages.lean.LeanManifestStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": backend}
    call_command("collectstatic", interactive=False, verbosity=0)
    (page,) = tmp_path.glob("nightjar/core/page.????????????.js")
    text = page.read_text()
    assert "export function createState" in text
    assert "/**" not in text
    assert page.with_name(f"{page.name}.gz").exists()


def test_installations_serve_lean_files():
    if settings.DEBUG:
        pytest.skip("DEBUG serves the sources as they are")
    source = (settings.BASE_DIR / "webapp" / "config" / "settings.py").read_text()
    assert "webapp.pages.lean.LeanManifestStorage" in source
