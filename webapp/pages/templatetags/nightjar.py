"""Template tags that bring scripts and icons into a page."""

import json

from django import template
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from webapp.accounts.models import Theme
from webapp.pages.modules import address, import_map, needed_by
from webapp.pages.theme import theme_of

register = template.Library()


@register.simple_tag(takes_context=True)
def script_module(context: template.Context, name: str) -> SafeString:
    """The import map, hints to fetch all modules at once, and the page's entry module."""
    request: HttpRequest = context["request"]
    # "<" cannot end the script element this way; the rest of the map is ours.
    text = mark_safe(json.dumps(import_map()).replace("<", "\\u003c"))
    preloads = format_html_join(
        "\n", '<link rel="modulepreload" href="{}">', ((address(m),) for m in needed_by(name))
    )
    return format_html(
        '<script type="importmap" nonce="{}">{}</script>\n{}\n'
        '<script type="module" src="{}"></script>',
        request.csp_nonce,
        text,
        preloads,
        address(name),
    )


@register.simple_tag(takes_context=True)
def theme(context: template.Context) -> str:
    request = context.get("request")
    return theme_of(request) if request else Theme.SYSTEM.value


@register.simple_tag
def themes() -> list[tuple[str, str]]:
    return Theme.choices


@register.simple_tag
def icon(name: str) -> SafeString:
    return format_html('<svg class="icon" aria-hidden="true"><use href="#i-{}"></use></svg>', name)
