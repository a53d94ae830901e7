"""Django, told which data folder it serves."""

import contextlib
import os
from pathlib import Path

from releve.app.mark import is_exercise
from releve.journal.errors import JournalError

__all__ = ["prepare_django"]


def prepare_django(data: Path) -> None:
    """Load Django for the island in `data`; harmless when called again for the same folder."""
    os.environ["RELEVE_DATA"] = str(data.absolute())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "releve.web.settings")
    os.environ.setdefault("RELEVE_URLS", "releve.app.urls")
    # Never from outside: a command started by hand marks its pages and sheets like the island itself.
    with contextlib.suppress(JournalError):  # a damaged log is read-only, and still says what it holds
        os.environ["RELEVE_EXERCISE"] = "1" if is_exercise(data) else "0"
    from django.apps import apps

    if not apps.ready:
        import django

        django.setup()
    else:
        from releve.web.database import use_data_folder

        use_data_folder(data.absolute())
