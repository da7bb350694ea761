"""Which theme a page comes in: the person's, or what a guest chose in this browser."""

from django.http import HttpRequest

from webapp.accounts.models import Theme

THEME_COOKIE = "nightjar_theme"


def theme_of(request: HttpRequest) -> str:
    kept = getattr(request.user, "theme", None) or request.COOKIES.get(THEME_COOKIE)
    return kept if kept in Theme.values else Theme.SYSTEM.value
