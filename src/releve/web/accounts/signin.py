"""Signing in: who, with a limit on attempts, never saying which part was wrong, and a human way out.

Three counts over a quarter of an hour: one account from one address (a person who mistypes), one account from
anywhere (somebody guessing her code), one address (somebody trying the whole staff). The first is small and short,
so that nobody can shut a colleague out of every screen; each can be released by a person in charge of accounts.
"""

from base64 import b64decode
from hashlib import blake2s
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest

from releve.web.accounts import verifier
from releve.web.accounts.people import Person, person_of
from releve.web.database import data_folder
from releve.web.runtime.tables import FailedEntry
from releve.web.shell import now_ms
from releve.web.tables import Account

__all__ = ["Outcome", "account_of", "load_person", "open_session", "release", "sign_in", "shut_accounts"]

WINDOW_MS = 15 * 60 * 1000
# Six figures, five tries a quarter of an hour: nearly three years for even odds from one place.
PAIR_MAX = 5
ACCOUNT_MAX = 20
# A ward's screens may all come from one address (a relay, a shared laptop) at shift change.
ADDRESS_MAX = 60

SCAN_PREFIX = "RLV1|"

_COLUMNS = ("code", "family", "given", "role", "wards", "state", "verifier_sealed")


class Outcome(NamedTuple):
    """What came of an attempt: the person, or None and for how many seconds nothing will be tried."""

    person: Person | None
    wait_seconds: int = 0


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
    row = Account.objects.filter(id=code).values(*_COLUMNS).first()
    return person_of(row) if row else None


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


def sign_in(typed: str, password: str, *, address: str) -> Outcome:
    """Return the person who may enter with this code and password, or how long to wait.

    The work and the words are the same whatever was wrong: code, password, disabled account.

    Raises:
        verifier.KeyMissing: the island's account key is not there.
    """
    code = account_of(typed)
    account = _hidden(code)
    wait = _wait(account, address)
    if wait:
        return Outcome(None, wait)
    key = verifier.key_of(data_folder())
    row = Account.objects.filter(id=code).values(*_COLUMNS).first()
    if row is None:
        verifier.spend_the_same_time(password)
        right = False
    else:
        right = verifier.check(password, b64decode(row["verifier_sealed"] or ""), code=code, key=key)
    person = person_of(row) if row is not None and right else None
    if person is None:
        FailedEntry.objects.filter(at_ms__lt=now_ms() - 4 * WINDOW_MS).delete()
        FailedEntry.objects.create(account=account, address=address, at_ms=now_ms())
        return Outcome(None, _wait(account, address))
    FailedEntry.objects.filter(account=account, address=address).delete()
    return Outcome(person)


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
