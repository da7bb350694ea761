"""Asks axe-core what a page makes hard for people; the engine comes with a development package."""

from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

# All that WCAG 2.2 asks on levels A and AA, and axe's own advice on landmarks, names and order.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Colours are found by rendering; everything else does not change with the theme.
COLOUR_RULES = ["color-contrast", "link-in-text-block"]


@cache
def engine() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def violations(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe finds, one line each, with the elements; an empty list is what is wanted."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(engine())
    only: dict[str, Any] = {"type": "rule", "values": rules} if rules else tag_choice()
    # target-size belongs to WCAG 2.2 AA, but axe leaves it out unless it is asked for.
    options = {"runOnly": only, "resultTypes": ["violations"]}
    if not rules:
        options["rules"] = {"target-size": {"enabled": True}}
    found = page.evaluate("(options) => axe.run(document, options)", options)["violations"]
    return [
        f"{rule['id']}: {rule['help']}\n    "
        + "\n    ".join(f"{node['target']} {node['html'][:160]}" for node in rule["nodes"][:6])
        for rule in found
    ]


def tag_choice() -> dict[str, Any]:
    return {"type": "tag", "values": TAGS}


def violations_in_both_themes(page: Page) -> list[str]:
    """Everything in the dark theme, then the colours in the light one."""
    found = []
    page.emulate_media(reduced_motion="reduce")
    for theme, rules in (("dark", None), ("light", COLOUR_RULES)):
        page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
        page.evaluate(PAINTED)
        found += [f"{theme}: {fault}" for fault in violations(page, rules)]
    return found


# Colours on their way to other colours have no contrast to measure.
PAINTED = """async () => {
  await new Promise((then) => requestAnimationFrame(() => setTimeout(then, 50)));
  const ends = (one) => one.effect.getComputedTiming().endTime !== Infinity;
  await Promise.allSettled(document.getAnimations().filter(ends).map((one) => one.finished));
}"""
