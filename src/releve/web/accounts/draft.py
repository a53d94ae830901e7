"""Account entries ready for the recorder, and the one-time code of the first administrator.

Called by pages and by the command line; opens only the key files of the data folder.
"""

import hmac
import json
import os
import re
import secrets
from base64 import b64decode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from releve.journal.cards import sign_with
from releve.journal.entry import Draft
from releve.journal.note import Signer
from releve.web.accounts import badges, verifier
from releve.web.accounts.facts import (
    ROLES,
    AccountCreated,
    AccountDisabled,
    AccountFact,
    AccountReopened,
    BadgeIssued,
    ManagersNamed,
    ManagersRemoved,
    PasswordChanged,
    PinChanged,
    Role,
    RppsStated,
    subject,
)

__all__ = [
    "CODE_PATTERN", "AccountRefused", "as_printed", "draft_account", "draft_badge", "draft_disabled", "draft_managers",
    "draft_managers_removed", "draft_password", "draft_pin", "draft_reopened", "draft_restated", "first_code_waits",
    "fits_first_code", "issue_first_code", "new_secret", "signed", "spend_first_code",
]  # fmt: skip

CODE_PATTERN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
PASSWORD_CHARS_MIN = 8
PIN_FIGURES_MIN = 6
RPPS_SIGNS_MAX = (
    20  # eleven figures; a number that does not fit is kept as it was typed, and doubted where it is read
)

_encode = msgspec.msgpack.Encoder().encode

# Without I, L, O, U: what is read aloud or copied by hand at night. Source: Crockford base 32.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class AccountRefused(ValueError):
    """An account cannot be made so; `field` is the one to correct (code, role, password, family)."""

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(f"{field}: expected {expected}")
        self.field = field


def _checked_password(password: str, code: str) -> str:
    figures = password.isascii() and password.isdigit()
    if figures and len(password) < PIN_FIGURES_MIN:
        raise AccountRefused("password", f"at least {PIN_FIGURES_MIN} figures")
    if not figures and len(password) < PASSWORD_CHARS_MIN:
        raise AccountRefused(
            "password", f"at least {PASSWORD_CHARS_MIN} characters, or {PIN_FIGURES_MIN} figures"
        )
    if (
        len(set(password)) < 3
        or password in "01234567890"
        or password in "09876543210"
        or password.lower() == code
    ):
        raise AccountRefused("password", "something less easily guessed")
    return password


def draft_account(
    data: Path,
    *,
    code: str,
    family: str,
    given: str,
    role: str,
    wards: Iterable[str] = (),
    rpps: str = "",
    password: str,
    until_ms: int | None = None,
    sealed_by: tuple[str, ...] = (),
    once: bool = False,
    author: str = "",
    source: str = "command",
) -> Draft:
    """Return the entry that makes an account (or restates one). The password is sealed at once and forgotten.

    `code` is what the badge carries, in small letters; `wards` are UF codes; `until_ms`, `sealed_by`, `once`: see
    `facts.AccountCreated`.

    Raises:
        AccountRefused: code, role, name or password cannot be taken.
        verifier.KeyMissing: the data folder has no account key (`releve init` makes it).
    """
    code = code.strip().lower()
    if not CODE_PATTERN.fullmatch(code):
        raise AccountRefused("code", "2 to 40 letters, figures, points or hyphens")
    if role not in ROLES:
        raise AccountRefused("role", "one of the roles of Relève")
    if not family.strip():
        raise AccountRefused("family", "a name")
    known_role: Role = role
    fact = AccountCreated(
        code=code,
        family=family.strip(),
        given=given.strip(),
        role=known_role,
        wards=tuple(sorted({ward.strip() for ward in wards if ward.strip()})),
        rpps="".join(rpps.split())[:RPPS_SIGNS_MAX],
        verifier_sealed=verifier.seal(
            _checked_password(password, code), code=code, key=verifier.key_of(data)
        ),
        until_ms=until_ms,
        sealed_by=sealed_by,
        once=once,
    )
    return _draft("account.created.1", fact, code, author, source)


def draft_restated(row: Mapping[str, Any], *, author: str = "", source: str = "command") -> Draft:
    """Return the entry that states an account again as its row has it, to be signed by the managers."""
    role: Role = row["role"]
    fact = AccountCreated(
        code=row["code"],
        family=row["family"] or "",
        given=row["given"] or "",
        role=role,
        wards=tuple(json.loads(row["wards"] or "[]")),
        rpps=row["rpps"] or "",
        verifier_sealed=b64decode(row["verifier_sealed"] or ""),
        until_ms=row["until_ms"],
        sealed_by=tuple(json.loads(row["sealed_by"] or "[]")),
        once=bool(row["once"]),
    )
    return _draft("account.created.1", fact, fact.code, author, source)


def draft_disabled(*, code: str, reason: str = "", author: str = "", source: str = "command") -> Draft:
    """Return the entry after which an account enters no more."""
    return _draft("account.disabled.1", AccountDisabled(code=code, reason=reason), code, author, source)


def draft_password(
    data: Path, *, code: str, password: str, once: bool = False, author: str = "", source: str = "command"
) -> Draft:
    """Return the entry that gives an account another password; `once`: it is changed at the next entry.

    Raises:
        AccountRefused: the password cannot be taken.
    """
    sealed = verifier.seal(_checked_password(password, code), code=code, key=verifier.key_of(data))
    fact = PasswordChanged(code=code, verifier_sealed=sealed, once=once)
    return _draft("account.password-changed.1", fact, code, author, source)


def draft_reopened(*, code: str, disabling: str, author: str = "", source: str = "command") -> Draft:
    """Return the entry that lifts a disabling, named as ORIGIN/EPOCH#INDEX."""
    fact = AccountReopened(code=code, disabling=disabling)
    return _draft("account.reopened.1", fact, code, author, source)


def draft_badge(
    data: Path, *, code: str, token: str | None, pin: str, author: str = "", source: str = "command"
) -> Draft:
    """Return the entry that gives an account a badge and its PIN; `token` None withdraws the badge it has.

    Raises:
        AccountRefused: the PIN is not six figures, or too easily guessed (field "pin").
    """
    if token is None:
        fact = BadgeIssued(code=code, badge_sealed=b"", pin_sealed=b"")
    else:
        key = verifier.key_of(data)
        fact = BadgeIssued(
            code=code, badge_sealed=badges.sealed_token(token, key), pin_sealed=_sealed_pin(pin, code, key)
        )
    return _draft("account.badge.1", fact, code, author, source)


def draft_pin(data: Path, *, code: str, pin: str, author: str = "", source: str = "command") -> Draft:
    """Return the entry that gives a badge another PIN.

    Raises:
        AccountRefused: the PIN is not six figures, or too easily guessed (field "pin").
    """
    fact = PinChanged(code=code, pin_sealed=_sealed_pin(pin, code, verifier.key_of(data)))
    return _draft("account.pin-changed.1", fact, code, author, source)


def draft_rpps(*, code: str, rpps: str, author: str = "", source: str = "command") -> Draft:
    """Return the entry that sets an account's number in the national register, or takes it away when it is ""."""
    return _draft(
        "account.rpps.1",
        RppsStated(code=code, rpps="".join(rpps.split())[:RPPS_SIGNS_MAX]),
        code,
        author,
        source,
    )


def _sealed_pin(pin: str, code: str, key: bytes) -> bytes:
    if not (pin.isascii() and pin.isdigit() and len(pin) == badges.PIN_FIGURES):
        raise AccountRefused("pin", f"{badges.PIN_FIGURES} figures")
    if badges.is_weak_pin(pin):
        raise AccountRefused("pin", "something less easily guessed")
    return verifier.seal(pin, code=badges.pin_name(code), key=key)


def draft_managers(keys: Iterable[str], *, source: str = "init") -> Draft:
    """Return the entry that names the managers, by their verifier keys."""
    fact = ManagersNamed(keys=tuple(keys))
    return Draft(kind="account.managers.1", body=_encode(fact), source=source, subjects=(fact.person,))


def draft_managers_removed(keys: Iterable[str], reach: Mapping[str, int], reason: str) -> Draft:
    """Return the entry by which these keys give no power any more; `reach`: entries known of each log."""
    fact = ManagersRemoved(keys=tuple(keys), reach=dict(reach), reason=reason)
    return Draft(
        kind="account.managers-removed.1", body=_encode(fact), source="command", subjects=(fact.person,)
    )


def signed(draft: Draft, cards: list[Signer], origin: str) -> Draft:
    """Return the draft signed by these managers to be told by island `origin`; as it is when there are none.

    Raises:
        PowerRefused: fewer than two different managers.
    """
    if not cards:
        return draft
    return msgspec.structs.replace(draft, body=sign_with(draft.kind, draft.body, cards, origin))


def new_secret() -> str:
    """Return a random password of 80 bits in letters that can be read aloud, such as "7GKD-2M4X-QH0T-W9CR"."""
    bare = "".join(secrets.choice(_LETTERS) for _ in range(16))
    return "-".join(bare[start : start + 4] for start in range(0, 16, 4))


def as_printed(typed: str) -> str:
    """Return a password of `new_secret` as it was printed, however it was typed; "" when it cannot be one.

    Small letters, no hyphens, O for 0, I or L for 1: a sheet copied by hand at night.
    """
    bare = "".join(typed.upper().split()).replace("-", "").translate(_READ_AS)
    if len(bare) != 16 or any(letter not in _LETTERS for letter in bare):
        return ""
    return "-".join(bare[start : start + 4] for start in range(0, 16, 4))


_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0"})


def _draft(kind: str, fact: AccountFact, code: str, author: str, source: str) -> Draft:
    return Draft(kind=kind, body=_encode(fact), source=source, author=author, subjects=(subject(code),))


def _first(data: Path) -> Path:
    return data / "keys" / "first-code"


def _digest(code: str, key: bytes) -> str:
    bare = "".join(letter for letter in code.upper() if letter.isalnum())
    bare = bare.replace("I", "1").replace("L", "1").replace("O", "0")
    # Eighty random bits need no slow hash; keyed, so that a copy of the folder without the key shows nothing.
    return hmac.new(key, b"first-code:" + bare.encode(), sha256).hexdigest()


def issue_first_code(data: Path) -> str:
    """Return a new one-time code for the first administrator, such as "7GKD-2M4X-QH0T-W9CR"; an earlier one is void.

    Makes the account key when absent. Only a keyed digest is kept, in `keys/first-code` (mode 0600).
    """
    key = verifier.make_key(data)
    bare = "".join(secrets.choice(_LETTERS) for _ in range(16))
    path = _first(data)
    fresh = path.with_name("first-code.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(_digest(bare, key))
    fresh.replace(path)
    return "-".join(bare[start : start + 4] for start in range(0, 16, 4))


def first_code_waits(data: Path) -> bool:
    """Tell whether a one-time code was issued and not yet used."""
    return _first(data).exists()


def fits_first_code(data: Path, typed: str) -> bool:
    """Tell whether this is the one-time code; it stays good until `spend_first_code`."""
    try:
        kept = _first(data).read_text("ascii").strip()
    except FileNotFoundError:
        return False
    return hmac.compare_digest(kept, _digest(typed, verifier.key_of(data)))


def spend_first_code(data: Path) -> None:
    """Make the one-time code void: the first administrator is recorded."""
    _first(data).unlink(missing_ok=True)
