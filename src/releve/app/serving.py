"""What the web server's own workers load: the application, in a process that ends with the server that made it."""

import sys

from releve.app.lineage import follow_parent

follow_parent()
# A form asks the database forty times and gives the interpreter away each time; back it comes at the next switch. With
# Python's five milliseconds the slowest tenth of forms beside a board being set took a quarter longer (measured).
sys.setswitchinterval(0.001)

from releve.web.wsgi import application  # noqa: E402  (nothing is read before the process knows whom it follows)

__all__ = ["application"]
