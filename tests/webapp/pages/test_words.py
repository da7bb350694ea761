"""Every word of the pages can be said in every language, and nothing is left in English alone."""

import gettext
import io
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from tests.ops import messages, script_words

LANGUAGES = list(messages.LANGUAGES)
MODULES = sorted(p for p in messages.SCRIPTS.rglob("*.js") if p.parent.name != "locale")

# Literals that look like words and are none: of formats, browsers and other programs.
NO_WORDS: dict[str, set[str]] = {
    "clip/buttons.js": {"button small quiet"},
    "clip/edits/post.js": {"BroadcastChannel"},
    "clip/light/fallback.js": {"SourceGraphic"},
}


def test_the_languages_offered_are_those_with_catalogues():
    offered = {code for code, _ in settings.LANGUAGES} - {"en"}
    assert offered == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogues_say_all_that_scripts_templates_and_server_say_and_no_more(language):
    faults = messages.faults(language)
    assert not faults, "\n".join(["Run `make messages`, then translate:", *faults])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_that_of_the_source(language):
    source = messages.po_path(language)
    wanted = messages.compiled(messages.server_catalogue(language))
    assert source.with_suffix(".mo").read_bytes() == wanted, "Run `make messages`."


@pytest.mark.parametrize("language", LANGUAGES)
def test_gettext_reads_what_was_compiled(language):
    said = messages.server_catalogue(language)
    read = gettext.GNUTranslations(io.BytesIO(messages.compiled(said)))
    assert said["Log in"] == read.gettext("Log in") != "Log in"
    with translation.override(language):
        assert translation.gettext("Log in") == said["Log in"]


def unsaid(path: Path) -> list[str]:
    name = str(path.relative_to(messages.SCRIPTS))
    found = [(line, text) for line, text in script_words.unsaid(path)]
    return [f"{name}:{n}: {text!r}" for n, text in found if text not in NO_WORDS.get(name, set())]


def test_words_in_scripts_go_through_the_catalogue():
    found = [fault for path in MODULES for fault in unsaid(path)]
    assert not found, "\n".join(["Say these with t() or tn():", *found])


def test_words_that_do_not_go_through_the_catalogue_are_found(tmp_path):
    path = tmp_path / "main.js"
    path.write_text(
        'h("p", { class: "muted small" }, "Said to nobody", t("Said well"));\n'
        "const text = `Deleting ${name} now`;\n"
        'button.title = isOpen ? "Close" : t("Open it");\n'
        'throw new Error("A fault of ours");\n'
    )
    assert [line for line, _ in script_words.unsaid(path)] == [1, 2, 3]


def test_texts_must_be_literals_so_that_they_are_found(tmp_path):
    path = tmp_path / "main.js"
    path.write_text('t("One" + " text"); tn(n, "{count} clip", "{count} clips", { n: t("in") });')
    assert [text.forms for text in script_words.texts(path)] == [
        ("One text",),
        ("{count} clip", "{count} clips"),
        ("in",),
    ]
    path.write_text("t(`Saved ${name}`);")
    with pytest.raises(ValueError, match="expected a string literal"):
        script_words.texts(path)
