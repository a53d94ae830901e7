"""What the web server's own workers load: the application, in a process that ends with the server that made it."""

import sys

from releve.app.lineage import follow_parent

follow_parent()
# A form asks the database forty times and gives the interpreter away each time; back it comes at the next switch. With
# Python's five milliseconds the slowest tenth of forms beside a board being set took a quarter longer (measured).
sys.setswitchinterval(0.001)

# Nothing is read before the process knows whom it follows.
from django.urls import URLResolver, get_resolver  # noqa: E402

from releve.app.structs import settle_structs  # noqa: E402
from releve.web.wsgi import application  # noqa: E402

__all__ = ["application"]


def _load_pages(resolver: URLResolver) -> None:
    """Import the pages of every address, as Django would at the first request."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            _load_pages(pattern)


_load_pages(get_resolver())
settle_structs()
