"""Signing in: who, with a limit on attempts, never saying which part was wrong, and a human way out.

Three counts over a quarter of an hour: one account from one address (a person who mistypes), one account from
anywhere (somebody guessing her code), one address (somebody trying the whole staff). The first is small and short,
so that nobody can shut a colleague out of every screen; each can be released by a person in charge of accounts.
"""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2s
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest

from releve.web.accounts import badges, verifier
from releve.web.accounts.draft import as_printed
from releve.web.accounts.people import Person, person_of
from releve.web.accounts.ring import any_replaced, ring_of
from releve.web.accounts.trust import account_here, may_enter_here
from releve.web.database import data_folder
from releve.web.runtime.tables import FailedEntry
from releve.web.shell import now_ms
from releve.web.tables import AccountVoice

__all__ = [
    "Outcome", "account_of", "enter_by_pin", "load_person", "open_session", "owner_of_badge", "release",
    "shut_accounts", "sign_in",
]  # fmt: skip

WINDOW_MS = 15 * 60 * 1000
# Six figures, five tries a quarter of an hour: nearly three years for even odds from one place.
PAIR_MAX = 5
ACCOUNT_MAX = 20
# A ward's screens may all come from one address (a relay, a shared laptop) at shift change.
ADDRESS_MAX = 60

SCAN_PREFIX = "RLV1|"

_COLUMNS = (
    "code", "family", "given", "role", "wards", "state", "disabled_by", "lifted", "until_ms", "once", "origin",
    "signed_by", "statement", "stated_at", "verifier_sealed", "verifier_origin", "badge_sealed", "pin_sealed",
    "badge_origin",
)  # fmt: skip


class Outcome(NamedTuple):
    """What came of an attempt: the person, or None and for how many seconds nothing will be tried.

    `first`: all was right, but this password was written by somebody else and is good only for being changed.
    `replaced`: the badge is known, but an island was lost since it was made: it needs another one.
    """

    person: Person | None
    wait_seconds: int = 0
    first: bool = False
    replaced: bool = False


def account_of(typed: str) -> str:
    """Return the account code of what was typed or read from a badge (`RLV1|A|CODE`)."""
    text = typed.strip()
    if text.upper().startswith(SCAN_PREFIX):
        text = text.split("|")[-1]
    return text.lower()


def _hidden(code: str) -> str:
    # What is typed in the wrong field is often a password: the counters keep a keyed digest only.
    return blake2s(code.encode(), key=settings.SECRET_KEY.encode()[:32], digest_size=16).hexdigest()


def load_person(code: str) -> Person | None:
    """Return the person of an active account, None otherwise."""
    row = account_here(code, _COLUMNS)
    if row is None or not may_enter_here(row, row["origin"]):
        return None
    return _to_change(row, person_of(row, now_ms=now_ms()))


def _to_change(row: Mapping[str, Any], person: Person | None) -> Person | None:
    """Return the person; her password is to be changed when whoever took an island may know what it was sealed with."""
    if person is None or person.once or not any_replaced(data_folder()):
        return person
    ring = ring_of(data_folder())
    sealed = b64decode(row["verifier_sealed"] or "")
    lost = any(
        verifier.opens(sealed, code=person.code, key=ring.keys[name]) is not None
        for name in ring.replaced & ring.keys.keys()
    )
    return replace(person, once=True) if lost else person


def owner_of_badge(typed: str, *, address: str) -> Outcome:
    """Return whose badge this is, or how long to wait. A badge names somebody: it does not open anything.

    Raises:
        verifier.KeyMissing: the island's account key is not there.
    """
    wait = _wait("", address)
    if wait:
        return Outcome(None, wait)
    row = _row_of(typed)
    if row is None and _is_replaced(typed):
        return Outcome(None, replaced=True)
    person = person_of(row, now_ms=now_ms()) if row is not None and row["badge_sealed"] else None
    if person is None or row is None or not may_enter_here(row, row["badge_origin"]):
        _note(_hidden("!badge"), address)
        return Outcome(None)
    return Outcome(person)


def _row_of(typed: str) -> dict[str, Any] | None:
    token = badges.token_of(typed)
    if token is not None:
        sealed = [badges.sealed_token(token, key).hex() for key in ring_of(data_folder()).current.values()]
        for code in AccountVoice.objects.filter(badge_sealed__in=sealed).values_list("code", flat=True):
            row = account_here(code, _COLUMNS)
            if row is not None and row["badge_sealed"] in sealed:
                return row
    return account_here(account_of(typed), _COLUMNS)


def _is_replaced(typed: str) -> bool:
    """Tell whether a badge that opens nothing is one made before an island was lost."""
    token = badges.token_of(typed)
    ring = ring_of(data_folder())
    if token is None or not ring.replaced:
        return False
    sealed = [badges.sealed_token(token, key).hex() for key in ring.keys.values()]
    return AccountVoice.objects.filter(badge_sealed__in=sealed).exists()


def _note(account: str, address: str) -> None:
    FailedEntry.objects.filter(at_ms__lt=now_ms() - 4 * WINDOW_MS).delete()
    FailedEntry.objects.create(account=account, address=address, at_ms=now_ms())


def _wait(account: str, address: str) -> int:
    """Return for how many seconds this account is shut from this address; 0 when it may try."""
    since = now_ms() - WINDOW_MS
    recent = FailedEntry.objects.filter(at_ms__gt=since)
    waits = [0]
    for found, most in (
        (recent.filter(account=account, address=address), PAIR_MAX),
        (recent.filter(account=account), ACCOUNT_MAX),
        (recent.filter(address=address), ADDRESS_MAX),
    ):
        times = list(found.order_by("-at_ms").values_list("at_ms", flat=True)[:most])
        if len(times) >= most:
            waits.append((times[-1] + WINDOW_MS - now_ms()) // 1000 + 1)
    return max(waits)


def sign_in(typed: str, secret: str, *, address: str, to_change: bool = False) -> Outcome:
    """Return the person who may enter, or how long to wait: badge with its PIN, or account code with its password.

    `to_change`: where a first password leads to its own change. Everywhere else it is refused: whoever printed the
    list of them could otherwise be the second person of anybody who never came.

    The work and the words are the same whatever was wrong: badge, code, secret, disabled account. A PIN opens nothing
    without the badge, and a password nothing with it.

    Raises:
        verifier.KeyMissing: the island's account key is not there.
    """
    row = _row_of(typed)
    # A badge counts for its account: two ways in do not give twice the attempts.
    code = row["code"] if row is not None else account_of(typed)
    outcome = _enter(row, code, secret, by_badge=code != account_of(typed), address=address)
    if outcome.person is not None and outcome.person.once and not to_change:
        return Outcome(None, first=True)
    return outcome


def enter_by_pin(code: str, pin: str, *, address: str) -> Outcome:
    """Return the person of this account if the PIN is hers; only for somebody whose badge was just read here.

    Raises:
        verifier.KeyMissing: the island's account key is not there.
    """
    row = account_here(code, _COLUMNS)
    if row is not None and not row["badge_sealed"]:
        row = None
    return _enter(row, code, pin, by_badge=True, address=address)


def _enter(row: dict[str, Any] | None, code: str, secret: str, *, by_badge: bool, address: str) -> Outcome:
    ring = ring_of(data_folder())
    keys = ring.current if by_badge else ring.keys
    account = _hidden(code)
    wait = _wait(account, address)
    if wait:
        return Outcome(None, wait)
    ways = _ways_to_read(secret, by_badge=by_badge)
    if row is None:
        for _ in ways:
            verifier.spend_the_same_time(secret)
        right = False
    else:
        sealed = b64decode(row["pin_sealed" if by_badge else "verifier_sealed"] or "")
        bound = badges.pin_name(code) if by_badge else code
        right = any(verifier.check_with(way, sealed, code=bound, keys=keys) is not None for way in ways)
    person = _to_change(row, person_of(row, now_ms=now_ms())) if row is not None and right else None
    if row is not None and not may_enter_here(row, row["badge_origin" if by_badge else "verifier_origin"]):
        person = None
    if person is None:
        _note(account, address)
        return Outcome(None, _wait(account, address))
    FailedEntry.objects.filter(account=account, address=address).delete()
    return Outcome(person)


def _ways_to_read(secret: str, *, by_badge: bool) -> list[str]:
    printed = as_printed(secret)
    return [secret] if by_badge or printed in ("", secret) else [secret, printed]


def open_session(request: HttpRequest, person: Person) -> None:
    """Begin this person's session on this screen; what the one before left is gone."""
    request.session.flush()
    request.session["account"] = person.code
    request.session["since_ms"] = request.session["seen_ms"] = now_ms()
    request.person = person  # type: ignore[attr-defined]
    from django.middleware.csrf import rotate_token

    rotate_token(request)


def release(code: str) -> int:
    """Forget the failed attempts of an account; return how many there were. A person decides this."""
    return FailedEntry.objects.filter(account=_hidden(account_of(code))).delete()[0]


def shut_accounts(codes: list[str]) -> frozenset[str]:
    """Return those of these accounts that are shut, from somewhere or from everywhere."""
    since = now_ms() - WINDOW_MS
    shown = {_hidden(code): code for code in codes}
    counts: dict[tuple[str, str], int] = {}
    totals: dict[str, int] = {}
    found = FailedEntry.objects.filter(at_ms__gt=since, account__in=list(shown)).values_list(
        "account", "address"
    )
    for account, address in found:
        counts[account, address] = counts.get((account, address), 0) + 1
        totals[account] = totals.get(account, 0) + 1
    shut = {account for (account, _), number in counts.items() if number >= PAIR_MAX}
    shut |= {account for account, number in totals.items() if number >= ACCOUNT_MAX}
    return frozenset(shown[account] for account in shut)
