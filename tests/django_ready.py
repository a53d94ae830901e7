"""Django made ready once a process, for tests that ask pages in it: import this before any room's tables or pages."""

import os
import tempfile

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "releve.web.settings")
os.environ.setdefault("RELEVE_DATA", tempfile.mkdtemp(prefix="releve-pages-"))
# Playwright's blocking interface runs a loop in this thread; nothing here is asynchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

import django
from django.apps import apps

if not apps.ready:
    django.setup()
