"""Django settings of the page of a locked island: no database, no session, a key that lasts as long as the process."""

import os
import secrets
from pathlib import Path

import releve.web

__all__: list[str] = []

RELEVE_DATA = Path(os.environ.get("RELEVE_DATA", "data")).absolute()
RELEVE_EXERCISE = os.environ.get("RELEVE_EXERCISE") == "1"
_TLS = os.environ.get("RELEVE_TLS") == "1"
RELEVE_HOSPITAL_NAME = os.environ.get("RELEVE_HOSPITAL_NAME", "")
RELEVE_ISLAND = os.environ.get("RELEVE_ISLAND", "")

DEBUG = False
SECRET_KEY = secrets.token_urlsafe(48)
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "releve.app.locked.urls"
INSTALLED_APPS = ["releve.app.locked", "django.contrib.staticfiles"]
MIDDLEWARE = [
    "releve.web.middleware.Boundaries",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "releve.app.locked.pages.Language",
    "django.middleware.csrf.CsrfViewMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.request"],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]
CSRF_COOKIE_SECURE = _TLS
CSRF_COOKIE_NAME = "__Host-releve-locked" if _TLS else "releve-locked"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "releve.app.locked.pages.form_refused"

LANGUAGE_CODE = os.environ.get("RELEVE_LANGUAGE", "fr")
LANGUAGES = [("fr", "Français"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [Path(releve.web.__file__).parent / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
# Every answer is a 503: said once by `releve serve`, not at each request with its address.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "loggers": {"django": {"handlers": [], "level": "CRITICAL"}},
}
