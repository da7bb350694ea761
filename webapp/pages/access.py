"""Who may open which page; the API checks again, so this only keeps the pages honest."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from webapp.accounts.models import Project, Role
from webapp.accounts.selectors import role_in_project

View = Callable[..., HttpResponse]

signed_in = login_required(login_url="pages:login")


def in_project(least: Role) -> Callable[[View], View]:
    """Puts ``request.project`` and ``request.role`` there; outsiders are told of no project."""

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, slug: str, **ids: int) -> HttpResponse:
            project = Project.objects.filter(slug=slug).first()
            role = project and role_in_project(request.user, project.pk)
            if not role:
                raise Http404("No such project.")
            if Role(role).rank < least.rank:
                text = _("This page is for members with the role %(role)s.")
                raise PermissionDenied(text % {"role": least.label})
            request.project, request.role = project, Role(role)
            return view(request, **ids)

        return wrapped

    return decorate
