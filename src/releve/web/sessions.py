"""Django's sessions in the database, saved by one statement.

A form saves its session ("saved here") while others save theirs. Django's own way takes the file for itself, then
puts its SQL together, then writes; whoever is put to sleep in between keeps everybody waiting (measured: 65 ms of a
form on a busy machine).
"""

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError

__all__ = ["SessionStore"]


class SessionStore(db.SessionStore):
    """The session of one browser."""

    def save(self, must_create: bool = False) -> None:
        """Save what the session holds.

        Raises:
            CreateError: it was to be made and is there. UpdateError: it has been removed meanwhile.
        """
        if must_create or self.session_key is None:
            super().save(must_create)
            return
        data = self._get_session(no_load=False)  # type: ignore[attr-defined]  # unknown to its types
        same = self.model.objects.filter(session_key=self.session_key)
        if not same.update(session_data=self.encode(data), expire_date=self.get_expiry_date()):
            raise UpdateError
