"""Django settings of an island, read from the environment that `releve serve` prepares.

`RELEVE_DATA` is the data folder; `RELEVE_TLS=1` when the server speaks TLS; `RELEVE_EXERCISE=1` on an exercise
island; `RELEVE_LANGUAGE` (fr, en) and `RELEVE_ZONE` the hospital's; `RELEVE_HOSPITAL_NAME`, `RELEVE_ISLAND` names for
pages shown before any map is known; `RELEVE_URLS` another root of addresses; `RELEVE_LOCK_MINUTES` the idle time
after which a screen asks for the code again.
"""

import os
from importlib.util import find_spec
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from releve.web.database import read_or_make_key, views_name

DATA = Path(os.environ.get("RELEVE_DATA", "data")).absolute()
RELEVE_DATA = DATA
RELEVE_EXERCISE = os.environ.get("RELEVE_EXERCISE") == "1"
RELEVE_TLS = os.environ.get("RELEVE_TLS") == "1"
RELEVE_HOSPITAL_NAME = os.environ.get("RELEVE_HOSPITAL_NAME", "")
RELEVE_ISLAND = os.environ.get("RELEVE_ISLAND", "")
# A nurse at a bedside comes back within ten minutes; a screen left for twenty is nobody's.
RELEVE_LOCK_MINUTES = int(os.environ.get("RELEVE_LOCK_MINUTES", "20"))
# Minutes after which an act that still waits in a browser raises an alarm.
RELEVE_OUTBOX_ALARM_MINUTES = int(os.environ.get("RELEVE_OUTBOX_ALARM_MINUTES", "120"))

DEBUG = False
SECRET_KEY = read_or_make_key(DATA / "keys" / "web.key")
# An island is reached by whatever address the night leaves it; no page builds an address from this header.
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = os.environ.get("RELEVE_URLS", "releve.web.urls")
WSGI_APPLICATION = "releve.web.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = True


def _present(room: str) -> bool:
    try:
        return find_spec(f"{room}.apps") is not None
    except ModuleNotFoundError:
        return False


_ROOMS = (
    "releve.views",
    "releve.hospital",
    "releve.record",
    "releve.departments.admissions",
    "releve.departments.laboratory",
    "releve.departments.prescribing",
    "releve.departments.imaging",
    "releve.departments.appointments",
    "releve.departments.documents",
    "releve.departments.observations",
    "releve.departments.pharmacy",
    "releve.bedside",
    "releve.paper",
    "releve.handback",
    "releve.restoration",
    "releve.restoration.fleet",
    "releve.crisis",
    "releve.islands",
    "releve.app",
)

INSTALLED_APPS = [
    "releve.web.runtime",
    "releve.web",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    # A larger site may leave a room out; its pages and tables then leave with it.
    *(room for room in _ROOMS if _present(room)),
]

MIDDLEWARE = [
    "releve.web.middleware.Boundaries",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "releve.web.middleware.CurrentViews",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "releve.web.accounts.middleware.WhoIsIt",
    "releve.web.middleware.Choices",
    "releve.web.audit.watch.Watch",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "releve.web.acting.Answers",
    "releve.web.accounts.middleware.Door",
    "releve.web.audit.watch.Guard",
    # Innermost: an act sent again is answered after the door and the form's protection, before the page's rules.
    "releve.web.outbox.middleware.Outbox",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "releve.web.shell.for_templates",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "releve.web.templatetags.releve",
            ],
        },
    }
]
FORM_RENDERER = "releve.web.forms.Renderer"

_SQLITE = "django.db.backends.sqlite3"
DATABASES = {
    # Folded by another process; `database.CurrentViews` follows the generation that the link names.
    "default": {
        "ENGINE": _SQLITE,
        "NAME": views_name(DATA),
        "CONN_MAX_AGE": None,
        "OPTIONS": {"timeout": 5, "init_command": "PRAGMA query_only=ON; PRAGMA cache_size=-16384;"},
    },
    "runtime": {
        "ENGINE": _SQLITE,
        "NAME": str(DATA / "runtime.sqlite3"),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 10,
            "transaction_mode": "IMMEDIATE",
            # A form writes here four times, and the same few pages: they are moved into the file, under everybody's
            # lock and with two fsyncs, every half minute at thirty forms a second and not every two seconds.
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON; "
                "PRAGMA wal_autocheckpoint=10000;"
            ),
        },
    },
}
DATABASE_ROUTERS = ["releve.web.database.Router"]

SESSION_ENGINE = "releve.web.sessions"
SESSION_COOKIE_AGE = 12 * 3600  # one shift; the next person takes her post herself
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = RELEVE_TLS
# The __Host- prefix ties a cookie to this island's own address; browsers accept it over TLS only.
SESSION_COOKIE_NAME = "__Host-releve" if RELEVE_TLS else "releve"
CSRF_COOKIE_NAME = "__Host-releve-form" if RELEVE_TLS else "releve-form"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "releve.web.errors.form_refused"

LANGUAGE_CODE = os.environ.get("RELEVE_LANGUAGE", "fr")
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("RELEVE_ZONE", "Europe/Paris")
# Word for word as `words.py` writes them; Django's own date formats are not used on pages.
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600
WHITENOISE_ADD_HEADERS_FUNCTION = None

DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "releve.web.uploads.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
SILENCED_SYSTEM_CHECKS: list[str] = []

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"quiet": {"()": "releve.web.logs.PlacesOnly"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "quiet"}},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "releve.web": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}
LOGGING_CONFIG = "logging.config.dictConfig"
