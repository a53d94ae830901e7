"""The view of accounts, folded from the journal."""

import json
from typing import ClassVar

from django.db import models

from releve.views.columns import PersonRow, text

__all__ = ["Account"]


class Account(PersonRow):
    """Somebody who may enter, or no longer may. `id` is the code, `person` the subject "account:CODE"."""

    code = models.TextField(db_index=True)
    family = text()
    given = text()
    role = text()
    wards = text()  # JSON list of UF codes
    verifier_sealed = text()  # base64, see accounts/verifier.py; useless without the island's key
    state = text()  # active, disabled
    disabled_reason = text()

    objects: ClassVar[models.Manager["Account"]] = models.Manager()

    class Meta:
        db_table = "web_account"

    @property
    def ward_codes(self) -> tuple[str, ...]:
        """The UF codes this person works in."""
        return tuple(json.loads(self.wards or "[]"))
