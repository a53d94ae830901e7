"""Settings for the type checker only: every room that has an `apps.py`.

mypy's Django plugin reads the models from here, so that a column's type is known. An island never uses it; what
it uses is built from its `releve.toml`.
"""

from pathlib import Path

_SOURCE = Path(__file__).resolve().parent.parent / "src"

SECRET_KEY = "only for the type checker"
USE_TZ = True
ROOT_URLCONF = "releve.web.urls"
RELEVE_DATA = _SOURCE
RELEVE_TLS = RELEVE_EXERCISE = False
RELEVE_HOSPITAL_NAME = RELEVE_ISLAND = ""
RELEVE_LOCK_MINUTES = 20
INSTALLED_APPS = sorted(
    ".".join(apps.parent.relative_to(_SOURCE).parts) for apps in (_SOURCE / "releve").rglob("apps.py")
)
