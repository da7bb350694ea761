"""Thin views: each checks the role, puts the page's facts together and renders a template."""

from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from webapp.accounts.models import Role
from webapp.accounts.selectors import projects_of
from webapp.accounts.serializers import LooksSerializer
from webapp.accounts.services import change_looks
from webapp.accounts.throttles import LoginThrottle, seconds_to_wait
from webapp.pages.access import in_project, signed_in
from webapp.pages.boot import boot_data
from webapp.pages.csp import content_security_policy
from webapp.pages.theme import THEME_COOKIE

COOKIE_S = 365 * 24 * 3600


@method_decorator(content_security_policy, name="dispatch")
class LoginPage(LoginView):
    template_name = "pages/login.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Passwords are not even looked at while the address must wait."""
        if not (wait_s := seconds_to_wait(request)):
            return super().post(request, *args, **kwargs)
        form = self.get_form_class()(request)
        text = _("Too many wrong passwords: please wait %(seconds)d seconds.")
        context = self.get_context_data(form=form, refusal=text % {"seconds": wait_s})
        headers = {"Retry-After": str(wait_s)}
        return self.render_to_response(context, status=429, headers=headers)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        LoginThrottle().note_failure(self.request)
        return super().form_invalid(form)


@method_decorator(content_security_policy, name="dispatch")
class LogoutPage(LogoutView):
    next_page = "pages:login"


@require_POST
def looks(request: HttpRequest) -> HttpResponse:
    """Language and theme, chosen in the top bar: kept for the person, for guests in the browser."""
    wanted = LooksSerializer(
        data={name: request.POST[name] for name in ("language", "theme") if name in request.POST}
    )
    if not wanted.is_valid():
        return HttpResponseBadRequest()
    chosen = wanted.validated_data
    if request.user.is_authenticated:
        change_looks(user=request.user, **chosen)
    answer = redirect(_way_back(request))
    for name, value in chosen.items():
        cookie = settings.LANGUAGE_COOKIE_NAME if name == "language" else THEME_COOKIE
        answer.set_cookie(cookie, value, max_age=COOKIE_S, samesite="Lax", secure=settings.HTTPS)
    return answer


def _way_back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if is_ours else "/"


@require_safe
@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """With a single project there is nothing to choose, so its library opens at once."""
    projects = list(projects_of(request.user)[:2])
    if len(projects) == 1:
        return redirect("pages:library", slug=projects[0].slug)
    return redirect("pages:projects")


@require_safe
@never_cache
@content_security_policy
@signed_in
def project_list(request: HttpRequest) -> HttpResponse:
    context = {"projects": projects_of(request.user), "boot": boot_data(request, page="projects")}
    return render(request, "pages/projects.html", context)


def _project_page(page: str, least: Role):
    """A view that renders ``pages/<page>.html`` for members with at least the role."""

    @require_safe
    @never_cache
    @content_security_policy
    @signed_in
    @in_project(least)
    def view(request: HttpRequest, **ids: int) -> HttpResponse:
        context = {"page": page, "boot": boot_data(request, page=page, **ids)}
        return render(request, f"pages/{page}.html", context)

    view.__name__ = page
    return view


library = _project_page("library", Role.VIEWER)
clip = _project_page("clip", Role.VIEWER)
review = _project_page("review", Role.VIEWER)
labels = _project_page("labels", Role.VIEWER)
training = _project_page("training", Role.ADMIN)
pose = _project_page("pose", Role.ADMIN)
members = _project_page("members", Role.ADMIN)
