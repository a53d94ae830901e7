"""The view of accounts and of whose signatures give power, folded from the journal."""

import json
from typing import ClassVar

from django.db import models

from releve.views.columns import PersonRow, instant, text

__all__ = ["Account", "AccountVoice", "Managers", "Statement"]


class _AccountColumns(PersonRow):
    """What can be said of an account."""

    code = models.TextField(db_index=True)
    family = text()
    given = text()
    role = text()
    wards = text()  # JSON list of UF codes
    rpps = text()
    verifier_sealed = text()  # base64, see accounts/verifier.py; useless without the island's key
    verifier_origin = text()  # the island that sealed it
    state = text()  # active, disabled: as last said; `is_active` also knows of disablings elsewhere
    disabled_reason = text()
    disabled_by = text()  # ORIGIN/EPOCH#INDEX of the last disabling
    lifted = text()  # the disabling that was lifted last
    origin = text()  # the island that last stated the account
    signed_by = text()  # JSON list of verifier keys whose signature on that statement holds
    statement = text()  # nonce of those signatures, see `Statement`
    stated_at = text()  # ORIGIN/EPOCH#INDEX of that statement
    until_ms = instant()  # enters no more after it
    sealed_by = text()  # JSON list: the two who issued a sealed emergency account
    once = models.BooleanField(null=True)  # the password is to be changed at the first entry
    badge_sealed = text(db_index=True)  # keyed digest of the badge's symbol, in hexadecimal
    pin_sealed = text()  # base64, as verifier_sealed
    badge_origin = text()

    class Meta:
        abstract = True


class Account(_AccountColumns):
    """Somebody who may enter, or no longer may. `id` is the code, `person` the subject "account:CODE".

    It holds what was said last, by whichever island; who may enter here is decided from the voices as soon as another
    island has said something (`accounts/trust.py`).
    """

    objects: ClassVar[models.Manager["Account"]] = models.Manager()

    class Meta:
        db_table = "web_account"

    @property
    def is_active(self) -> bool:
        """Whether no disabling stands: revoked wins over whatever else was said at the same time."""
        return self.state == "active" and self.disabled_by in (None, self.lifted)

    @property
    def signers(self) -> tuple[str, ...]:
        """The keys whose signature on the account's statement holds."""
        return tuple(json.loads(self.signed_by or "[]"))

    @property
    def ward_codes(self) -> tuple[str, ...]:
        """The UF codes this person works in."""
        return tuple(json.loads(self.wards or "[]"))


class AccountVoice(_AccountColumns):
    """What one voice said of an account: an island by itself, or there with managers' signatures. `id` is CODE@VOICE.

    What another island says stays apart, so that it can neither take an account over nor shut one.
    """

    voice = text()  # ORIGIN, or ORIGIN+DIGEST of the keys whose signatures hold
    heard_from = text()  # JSON list of these keys

    objects: ClassVar[models.Manager["AccountVoice"]] = models.Manager()

    class Meta:
        db_table = "web_account_voice"


class Statement(PersonRow):
    """Where a signed statement was told first. `id` is the nonce of its signatures."""

    place = text()  # ORIGIN/EPOCH#INDEX

    objects: ClassVar[models.Manager["Statement"]] = models.Manager()

    class Meta:
        db_table = "web_account_statement"


class Managers(PersonRow):
    """What one entry said of who the managers are, or are no more. `id` is its place."""

    origin = text()
    keys = text()  # JSON list of verifier keys
    signed_by = text()  # JSON list
    reach = text()  # of a removal: JSON map, entries of each log in which these keys still count
    reason = text()

    objects: ClassVar[models.Manager["Managers"]] = models.Manager()

    class Meta:
        db_table = "web_managers"
