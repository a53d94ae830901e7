"""Account facts to rows of the account view. Pure.

Revoked wins: a disabling holds until the very one is lifted by name, whatever is restated meanwhile elsewhere.
Whose disabling, statement or secret counts on an island is decided where it is read, from the voices.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import Any

import msgspec

from releve.journal.entry import Entry
from releve.journal.power import MANAGERS_NEEDED, nonce_of, signers, told_for
from releve.views.reading import Context, NotRead, Row
from releve.web.accounts import facts
from releve.web.accounts.facts import AccountFact
from releve.web.accounts.managers import Word

__all__ = ["FOLDS", "KINDS", "MANAGERS_KINDS", "read", "told_first", "word_of"]

MANAGERS_KINDS = ("account.managers.1", "account.managers-removed.1")

_TABLE = "web_account"
_decoder = msgspec.msgpack.Decoder(AccountFact)


def read(entry: Entry, context: Context) -> Iterable[AccountFact | NotRead]:
    """Return the fact that an `account.*` entry states, with the keys whose signatures on it hold."""
    try:
        fact = _decoder.decode(entry.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        # Its text may quote a value; the place is enough to find the entry.
        yield NotRead(reason=f"{entry.kind}: expected the fields of this version of Relève")
        return
    yield msgspec.structs.replace(fact, signed_by=signers(entry.kind, entry.body), nonce=nonce_of(entry.body))


def created(fact: facts.AccountCreated, context: Context) -> Iterable[Row]:
    """Return the row of an account made or restated; one that was disabled stays so."""
    yield Row(
        _TABLE,
        fact.code,
        {
            "code": fact.code,
            "family": fact.family,
            "given": fact.given,
            "role": fact.role,
            "wards": json.dumps(sorted(fact.wards)),
            "rpps": fact.rpps or None,
            "verifier_sealed": _written(fact.verifier_sealed),
            "verifier_origin": _origin(context),
            "origin": _origin(context),
            "signed_by": json.dumps(fact.signed_by),
            "until_ms": fact.until_ms,
            "sealed_by": json.dumps(fact.sealed_by),
            "once": fact.once,
            "statement": fact.nonce or None,
            "stated_at": _place(context),
        },
        {"state": "active"},
    )
    if told_for(fact.nonce, _origin(context)):
        # Told first, it keeps its signatures; an old statement, signed in its time, does not come back with them, nor
        # does a copy on another island take them away.
        yield Row("web_account_statement", fact.nonce, {}, {"place": _place(context)})


def disabled(fact: facts.AccountDisabled, context: Context) -> Iterable[Row]:
    """Return the row of an account that enters no more."""
    yield Row(
        _TABLE,
        fact.code,
        {
            "code": fact.code,
            "state": "disabled",
            "disabled_reason": fact.reason or None,
            "disabled_by": _place(context),
        },
    )


def reopened(fact: facts.AccountReopened, context: Context) -> Iterable[Row]:
    """Return the row of an account that enters again, if the disabling lifted is the last one."""
    yield Row(_TABLE, fact.code, {"code": fact.code, "state": "active", "lifted": fact.disabling})


def password_changed(fact: facts.PasswordChanged, context: Context) -> Iterable[Row]:
    """Return the row with its new verifier; state and role stay."""
    values = {
        "code": fact.code,
        "verifier_sealed": _written(fact.verifier_sealed),
        "verifier_origin": _origin(context),
        "once": fact.once,
    }
    yield Row(_TABLE, fact.code, values)


def badge(fact: facts.BadgeIssued, context: Context) -> Iterable[Row]:
    """Return the row with its badge and PIN, or without when it was withdrawn."""
    values = {
        "code": fact.code,
        "badge_sealed": fact.badge_sealed.hex() or None,
        "pin_sealed": _written(fact.pin_sealed) if fact.badge_sealed else None,
        "badge_origin": _origin(context),
    }
    yield Row(_TABLE, fact.code, values)


def pin_changed(fact: facts.PinChanged, context: Context) -> Iterable[Row]:
    """Return the row with its new PIN."""
    values = {"code": fact.code, "pin_sealed": _written(fact.pin_sealed), "badge_origin": _origin(context)}
    yield Row(_TABLE, fact.code, values)


def rpps_stated(fact: facts.RppsStated, context: Context) -> Iterable[Row]:
    """Return the row with its number in the national register; all else stays."""
    yield Row(_TABLE, fact.code, {"code": fact.code, "rpps": fact.rpps or None})


def managers(fact: facts.ManagersNamed, context: Context) -> Iterable[Row]:
    """Return what one entry says of who the managers are; all are kept, the reader decides which count."""
    values = {
        "origin": _origin(context),
        "keys": json.dumps(fact.keys),
        "signed_by": json.dumps(fact.signed_by),
    }
    yield Row("web_managers", _place(context), values)


def managers_removed(fact: facts.ManagersRemoved, context: Context) -> Iterable[Row]:
    """Return what one entry says of managers who are managers no more."""
    values = {
        "origin": _origin(context),
        "keys": json.dumps(fact.keys),
        "signed_by": json.dumps(fact.signed_by),
        "reach": json.dumps(fact.reach),
        "reason": fact.reason or None,
    }
    yield Row("web_managers", _place(context), values)


def word_of(fact: facts.ManagersNamed | facts.ManagersRemoved, place: str) -> Word:
    """Return what the entry at `place` says of managers, as it is weighed."""
    if isinstance(fact, facts.ManagersRemoved):
        return Word(place, fact.keys, fact.signed_by, fact.reach, fact.reason)
    return Word(place, fact.keys, fact.signed_by)


KINDS = (
    "account.created.1", "account.disabled.1", "account.reopened.1", "account.password-changed.1", "account.badge.1",
    "account.pin-changed.1", "account.rpps.1", *MANAGERS_KINDS,
)  # fmt: skip


def _with_voice(fold: Callable[[Any, Context], Iterable[Row]]) -> Callable[[Any, Context], Iterable[Row]]:
    """Return a fold that also keeps apart what this island, or these managers there, said."""

    def both(fact: Any, context: Context) -> Iterable[Row]:
        voice = origin = _origin(context)
        if told_for(fact.nonce, origin) and len(fact.signed_by) >= MANAGERS_NEEDED:
            voice = f"{origin}+{sha256(chr(10).join(fact.signed_by).encode()).hexdigest()[:12]}"
        apart = {"voice": voice, "heard_from": json.dumps(fact.signed_by if voice != origin else ())}
        for row in fold(fact, context):
            yield row
            if row.table == _TABLE:
                yield Row("web_account_voice", f"{row.id}@{voice}", {**row.values, **apart}, row.fills)

    return both


FOLDS: dict[type, Callable[[Any, Context], Iterable[Row]]] = {
    facts.AccountCreated: _with_voice(created),
    facts.AccountDisabled: _with_voice(disabled),
    facts.AccountReopened: _with_voice(reopened),
    facts.PasswordChanged: _with_voice(password_changed),
    facts.BadgeIssued: _with_voice(badge),
    facts.PinChanged: _with_voice(pin_changed),
    facts.RppsStated: _with_voice(rpps_stated),
    facts.ManagersNamed: managers,
    facts.ManagersRemoved: managers_removed,
}


def told_first(row: Mapping[str, Any], first: Mapping[str, str]) -> bool:
    """Tell whether an account's statement was signed for the island that told it, and not told by it before."""
    nonce, place = row["statement"], row["stated_at"] or ""
    return nonce is not None and first.get(nonce) == place and told_for(nonce, place.partition("/")[0])


def _origin(context: Context) -> str:
    return context.log.partition("/")[0]


def _place(context: Context) -> str:
    return f"{context.log}#{context.index}"


def _written(sealed: bytes) -> str:
    return b64encode(sealed).decode("ascii")
