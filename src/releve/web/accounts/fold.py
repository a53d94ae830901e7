"""Account facts to rows of the account view. Pure."""

import json
from base64 import b64encode
from collections.abc import Iterable

import msgspec

from releve.journal.entry import Entry
from releve.views.reading import Context, NotRead, Row
from releve.web.accounts.facts import AccountCreated, AccountDisabled, AccountFact, PasswordChanged

__all__ = ["created", "disabled", "password_changed", "read"]

_TABLE = "web_account"
_decoder = msgspec.msgpack.Decoder(AccountFact)


def read(entry: Entry, context: Context) -> Iterable[AccountFact | NotRead]:
    """Return the fact that an `account.*` entry states."""
    try:
        yield _decoder.decode(entry.body)
    except msgspec.MsgspecError:
        # Its text may quote a value; the place is enough to find the entry.
        yield NotRead(reason=f"{entry.kind}: expected the fields of this version of Relève")


def created(fact: AccountCreated, context: Context) -> Iterable[Row]:
    """Return the row of an account made or restated: it is active again, with this code."""
    yield Row(
        _TABLE,
        fact.code,
        {
            "code": fact.code,
            "family": fact.family,
            "given": fact.given,
            "role": fact.role,
            "wards": json.dumps(sorted(fact.wards)),
            "verifier_sealed": b64encode(fact.verifier_sealed).decode("ascii"),
            "state": "active",
            "disabled_reason": None,
        },
    )


def disabled(fact: AccountDisabled, context: Context) -> Iterable[Row]:
    """Return the row of an account that enters no more."""
    yield Row(
        _TABLE, fact.code, {"code": fact.code, "state": "disabled", "disabled_reason": fact.reason or None}
    )


def password_changed(fact: PasswordChanged, context: Context) -> Iterable[Row]:
    """Return the row with its new verifier; state and role stay."""
    sealed = b64encode(fact.verifier_sealed).decode("ascii")
    yield Row(_TABLE, fact.code, {"code": fact.code, "verifier_sealed": sealed})
