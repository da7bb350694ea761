"""What uvicorn serves: HTTP by Django, live events by Channels."""

# ruff: noqa: E402 - Django must have loaded the apps before anything of theirs is imported
import os
import warnings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.config.settings")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()  # first: it loads the apps

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.conf import settings
from django.urls import path

from webapp.accounts.selectors import may_watch
from webapp.core.body_limit import BodyLimit
from webapp.jobs.consumers import ProjectEvents
from webapp.reviews.edits.selectors import has_clip

# Static files are small and come from whitenoise as ordinary iterators: that is fine here.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous")

websockets = URLRouter(
    [
        path(
            "ws/projects/<int:project_id>/",
            ProjectEvents.as_asgi(authorise=may_watch, has_clip=has_clip),
        )
    ]
)

application = ProtocolTypeRouter(
    {
        "http": BodyLimit(django_application, max_bytes=settings.MAX_BODY_BYTES),
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(websockets)),
    }
)
