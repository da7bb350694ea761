"""All settings, read once from the environment; a bad value stops the start with its name.

Every variable may also be given as ``<NAME>_FILE``: the path of a file that holds the value.
"""

import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.FileAwareEnv()


def _directory(name: str, default: Path) -> Path:
    path = Path(env.str(name, default=str(default))).expanduser()
    return path if path.is_absolute() else BASE_DIR / path


def _kept_secret(path: Path) -> str:
    """Read the secret of this installation; make it, once, where there is none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)  # fails where another process was faster: then its key counts
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def _storage_root(url: str) -> Path:
    parts = urlsplit(url)
    if parts.scheme != "file" or parts.netloc or not parts.path:
        raise ImproperlyConfigured(
            f"STORAGE_URL: expected file:///an/absolute/folder, got {url!r}."
        )
    return Path(unquote(parts.path))


def _positive(name: str, default: int) -> int:
    value = env.int(name, default=default)
    if value <= 0:
        raise ImproperlyConfigured(f"{name}: expected a number above 0, got {value}.")
    return value


# Where things live
STATE_DIR = _directory("STATE_DIR", BASE_DIR / "var")
STORAGE_URL = env.str("STORAGE_URL", default=(STATE_DIR / "storage").as_uri())
STORAGE_ROOT = _storage_root(STORAGE_URL)
ACCEL_REDIRECT = env.str("ACCEL_REDIRECT", default="")  # nginx's internal location, "/protected/"

# Django
SECRET_KEY = env.str("SECRET_KEY", default="") or _kept_secret(STATE_DIR / "secret_key")
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
ROOT_URLCONF = "webapp.config.urls"
ASGI_APPLICATION = "webapp.config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LANGUAGE_COOKIE_NAME = "nightjar_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "webapp" / "locale"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "channels",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "rest_framework.authtoken",
    "webapp.config",
    "webapp.core",
    "webapp.accounts",
    "webapp.jobs",
    "webapp.labels",
    "webapp.videos",
    "webapp.classifiers",
    "webapp.estimators",
    "webapp.runs",
    "webapp.reviews",
    "webapp.training",
    "webapp.pages",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "webapp.accounts.language.PersonsLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Database
DATABASES = {
    "default": env.db("DATABASE_URL", default=f"sqlite:///{STATE_DIR / 'nightjar.sqlite3'}")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        timeout=20,  # seconds to wait for another writer
        transaction_mode="IMMEDIATE",  # wait for the lock at BEGIN, never fail half-way
        init_command="PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 20000;",
    )

# People
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"

# Safety in the browser. HTTPS=true where a proxy in front ends TLS.
HTTPS = env.bool("HTTPS", default=False)
SESSION_COOKIE_NAME = "nightjar_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_NAME = "nightjar_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz/$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=3600 if HTTPS else 0)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Static files
STATIC_URL = "static/"
STATIC_ROOT = STATE_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "webapp.pages.lean.LeanManifestStorage"
    },
}

# Uploads
GIB = 1024**3
MAX_UPLOAD_BYTES = _positive("MAX_UPLOAD_BYTES", 4 * GIB - 1)
MAX_CHECKPOINT_BYTES = _positive("MAX_CHECKPOINT_BYTES", 500 * 1024**2)  # of pose weights
UPLOAD_CHUNK_BYTES = 8 * 1024**2
DISK_RESERVE_BYTES = _positive("DISK_RESERVE_BYTES", 512 * 1024**2)  # never filled by uploads
DATA_UPLOAD_MAX_MEMORY_SIZE = UPLOAD_CHUNK_BYTES
MAX_BODY_BYTES = UPLOAD_CHUNK_BYTES + 1024**2  # of any request, refused before it is read
UPLOAD_KEEP_DAYS = _positive("UPLOAD_KEEP_DAYS", 7)  # a started upload that nobody resumes

MAX_VIDEO_FRAMES = _positive("MAX_VIDEO_FRAMES", 1_000_000)  # about nine hours; players hold all

# Pipeline
DEVICE = env.str("DEVICE", default="auto")
AFTER_INGEST_TASK = "webapp.runs.tasks.analyse_new_video"
AFTER_RUN_STORED = "webapp.reviews.stored.note_run_stored"  # (run=), same transaction

# Work. A job's task gets [subject_id, job_id]; "ended" is called as ended(job=...) in the
# transaction in which the job becomes done, failed or cancelled, whoever ends it.
JOB_LEASE_SECONDS = _positive("JOB_LEASE_SECONDS", 60)
JOB_MAX_ATTEMPTS = 3
JOB_RESEND_SECONDS = _positive("JOB_RESEND_SECONDS", 900)  # when a queued job is sent again
JOB_LIMIT_SECONDS = {"ingest": _positive("INGEST_MAX_SECONDS", 2 * 3600)}  # then it is given up
JOB_TASKS = {
    "ingest": "webapp.videos.tasks.ingest_video",
    "analysis": "webapp.runs.tasks.analyse_video",
    "training": "webapp.training.tasks.train_head",
    "promotion": "webapp.training.tasks.promote_classifier",
    "pose_import": "webapp.estimators.tasks.import_checkpoint",
    "adaptation": "webapp.training.tasks.adapt_pose",
    "rebuild": "webapp.training.tasks.rebuild_version",
    "estimate": "webapp.runs.tasks.estimate_pose",
    "curves": "webapp.runs.tasks.compute_curves",
    "description": "webapp.reviews.tasks.describe_edited",
}
JOB_ENDED = {
    "ingest": "webapp.videos.services.note_job_end",
    "analysis": "webapp.runs.pose_changes.note_analysis_end",
    "training": "webapp.training.services.note_job_end",
    "promotion": "webapp.training.promotions.note_job_end",
    "pose_import": "webapp.estimators.imports.note_job_end",
    "adaptation": "webapp.training.adaptations.note_job_end",
    "rebuild": "webapp.training.rebuilds.note_job_end",
    "estimate": "webapp.runs.pose_estimates.note_job_end",
}

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6399/0")
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            "hosts": [
                {
                    "address": REDIS_URL,
                    "socket_connect_timeout": 2,
                    "socket_timeout": 20,  # redis-py gives 5 s, no more than a blocking read waits
                }
            ],
            "prefix": "nightjar-events",
            "expiry": 60,
            "capacity": 1000,
        },
    }
}

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 6 * 3600,  # longer than the longest job
    "socket_connect_timeout": 2,
    "global_keyprefix": "nightjar-work:",
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 2,
    "interval_start": 0.1,
    "interval_step": 0.2,
    "interval_max": 0.5,
}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_DEFAULT_QUEUE = "media"
CELERY_TASK_ROUTES = {
    "webapp.videos.tasks.*": {"queue": "media"},
    "webapp.runs.tasks.analyse_new_video": {"queue": "media"},  # rows only, no network
    "webapp.runs.tasks.*": {"queue": "pose"},
    "webapp.reviews.tasks.*": {"queue": "media"},  # arrays only
    "webapp.estimators.tasks.*": {"queue": "train"},
    "webapp.training.tasks.promote_classifier": {"queue": "media"},  # arrays only, no waiting
    "webapp.training.tasks.*": {"queue": "train"},
}

# API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",  # first: strangers get 401, not 403
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "webapp.core.pagination.Pages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_RATES": {"login": "20/min"},
    "NUM_PROXIES": 0,  # callers are told apart by the address that the web server vouches for
    "EXCEPTION_HANDLER": "webapp.core.errors.answer_error",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Nightjar",
    "DESCRIPTION": "Dark video in, people, skeletons and actions out; put right by people.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "VideoStateEnum": "webapp.videos.models.VideoState",
        "WorkStateEnum": "webapp.core.models.WorkState",
        "VersionStateEnum": "webapp.core.versions.VersionState",
        "ImportStateEnum": "webapp.estimators.models.ImportState",
        "RelabelStateEnum": "webapp.reviews.models.RelabelState",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
