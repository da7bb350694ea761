"""The import map covers every module and every import, so that no page waits or breaks."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from webapp.pages import modules
from webapp.pages.lean import lean_script, lean_sheet

STATIC = Path(modules.__file__).parent / "static"
IMPORT = re.compile(r"""(?:from\s+|import\s+|import\()\s*['"]([^'"]+)['"]""")
ENTRIES = [
    f"nightjar/{page}/main.js" for page in ["library", "clip", "training", "labels", "members"]
]


def imports_of(name):
    lines = (STATIC / name).read_text(encoding="utf-8").splitlines()
    code = "\n".join(line for line in lines if not line.lstrip().startswith(("*", "/*", "//")))
    return IMPORT.findall(code)


def imported_at_once(name):
    """What a module needs before it runs: what it fetches later, when wanted, is left out."""
    text = (STATIC / name).read_text(encoding="utf-8")
    return set(imports_of(name)) - set(re.findall(r"""import\(\s*['"]([^'"]+)['"]""", text))


def test_every_import_is_in_the_map():
    known = modules.import_map()["imports"]
    for name in modules.module_names():
        assert set(imports_of(name)) <= set(known), name


def test_every_module_is_a_file_that_is_served():
    for name in modules.module_names():
        assert finders.find(name), name


@pytest.mark.parametrize("entry", ENTRIES)
def test_pages_preload_exactly_what_they_import(entry):
    needed = modules.needed_by(entry)
    assert needed[0] == entry
    assert len(needed) == len(set(needed))
    assert {i for name in needed for i in imported_at_once(name)} <= set(needed)


@pytest.mark.parametrize("name", modules.module_names())
def test_modules_are_checked_and_say_what_they_are_for(name):
    first, second = (STATIC / name).read_text(encoding="utf-8").splitlines()[:2]
    assert first == "// @ts-check"
    assert second.startswith("/** ")


@pytest.mark.parametrize(
    "name",
    [
        "clip/frames.js",
        "clip/actions.js",
        "clip/clips.js",
        "clip/hub.js",
        "clip/keys.js",
        "clip/model.js",
        "clip/sheet_model.js",
        "clip/state.js",
        "clip/review/judge_model.js",
        "core/format.js",
        "labels/model.js",
        "library/model.js",
        "library/reader.js",
        "training/model.js",
    ],
)
def test_pure_modules_never_touch_the_document(name):
    assert not re.search(r"\b(document|window)\b\.", (STATIC / "nightjar" / name).read_text())


def weight_of(entries):
    """Compressed bytes that the first look at these pages needs, as they are served."""
    names = {name for entry in entries for name in modules.needed_by(entry)}
    sheets = {"nightjar/css/base.css"}
    for page in (entry.split("/")[1] for entry in entries):
        sheets |= {f"nightjar/css/{p.name}" for p in STATIC.glob(f"nightjar/css/{page}*.css")}
    texts = [lean_script((STATIC / name).read_text(encoding="utf-8")) for name in names]
    texts += [lean_sheet((STATIC / name).read_text(encoding="utf-8")) for name in sheets]
    return sum(len(gzip.compress(text.encode())) for text in texts)


def test_library_and_workbench_together_stay_small():
    assert weight_of(["nightjar/library/main.js", "nightjar/clip/main.js"]) < 150_000


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if "clip" not in entry])
def test_scripts_and_styles_of_a_page_stay_small(entry):
    assert weight_of([entry]) < 50_000
