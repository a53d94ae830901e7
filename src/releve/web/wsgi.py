"""The WSGI application: `granian --interface wsgi releve.web.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "releve.web.settings")
application = get_wsgi_application()
