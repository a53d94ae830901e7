"""What the web server's own workers load: the application, in a process that ends with the server that made it."""

from releve.app.lineage import follow_parent

follow_parent()

from releve.web.wsgi import application  # noqa: E402  (nothing is read before the process knows whom it follows)

__all__ = ["application"]
