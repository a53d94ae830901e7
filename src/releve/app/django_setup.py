"""Django, told which data folder it serves."""

import os
from pathlib import Path

__all__ = ["prepare_django"]


def prepare_django(data: Path) -> None:
    """Load Django for the island in `data`; harmless when called again for the same folder."""
    os.environ["RELEVE_DATA"] = str(data.absolute())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "releve.web.settings")
    os.environ.setdefault("RELEVE_URLS", "releve.app.urls")
    from django.apps import apps

    if not apps.ready:
        import django

        django.setup()
    else:
        from releve.web.database import use_data_folder

        use_data_folder(data.absolute())
