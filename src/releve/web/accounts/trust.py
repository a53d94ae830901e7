"""Whose account counts here: signed by two managers, or stated by this island itself.

Another island's account without the managers' signatures is only shown, as *claimed*: an island that was taken over
must not be able to open the doors of the others.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from releve.journal.folder import logs
from releve.journal.power import Standing
from releve.web.accounts import managers
from releve.web.accounts.fold import told_first
from releve.web.accounts.managers import Word
from releve.web.database import data_folder, origin_of
from releve.web.tables import Account, AccountVoice, Managers, Statement

__all__ = ["account_here", "may_enter_here", "managers_now", "managers_words", "own_origin", "standings"]


@lru_cache(maxsize=8)
def _origin(data: Path) -> str | None:
    own = origin_of(data)
    # Without any log there is nothing foreign either; with logs that are nobody's nothing here is our own.
    return own if own is not None else "" if logs(data) else None


def own_origin() -> str | None:
    """Return the name of this island in the journal; None where there is no journal at all."""
    return _origin(data_folder())


def managers_words() -> list[Word]:
    """Return all that was said of who the managers are, as the views know it."""
    rows = Managers.objects.order_by("stamp", "log", "index").values_list(
        "id", "keys", "signed_by", "reach", "reason"
    )
    return [
        Word(
            place,
            tuple(json.loads(keys or "[]")),
            tuple(json.loads(by or "[]")),
            json.loads(reach) if reach is not None else None,
            reason or "",
        )
        for place, keys, by, reach, reason in rows
    ]


def managers_now() -> managers.Managers:
    """Return the managers whose signatures count on this island, as the views know them."""
    return managers.decide(managers_words(), own_origin())


def standings(rows: Iterable[Mapping[str, Any]]) -> dict[str, Standing]:
    """Return "signed" or "claimed" by account code, for rows of the account view.

    Signatures count where they were told first: an old statement repeated later, by whoever has a copy, is a claim.
    """
    known = list(rows)
    known_managers = managers_now()
    first = dict(
        Statement.objects.filter(id__in=[row["statement"] for row in known if row["statement"]]).values_list(
            "id", "place"
        )
    )
    found: dict[str, Standing] = {}
    for row in known:
        repeated = not told_first(row, first)
        found[row["code"]] = (
            "claimed"
            if repeated
            else known_managers.standing(row["stated_at"], json.loads(row["signed_by"] or "[]"))
        )
    return found


def account_here(code: str, columns: Sequence[str]) -> dict[str, Any] | None:
    """Return the row of an account as it counts on this island, None when nobody ever spoke of it.

    While this island alone has spoken of it that is the row of the account view. Otherwise: the last statement that
    counts here; the secrets said by its voice, by the island that made it and by this one; disabled when one of these
    said so. What any other island says by itself changes nothing, and shuts nobody out.
    """
    row = Account.objects.filter(id=code).values(*columns).first()
    own = own_origin()
    if row is None or own is None or _spoken_on(row) <= {own}:
        return dict(row) if row is not None else None
    voices = list(
        AccountVoice.objects.filter(code=code)
        .order_by("stamp", "log", "index")
        .values(*columns, "voice", "heard_from", "log", "index")
    )
    known_managers = managers_now()
    first = dict(
        Statement.objects.filter(id__in=[voice["statement"] for voice in voices]).values_list("id", "place")
    )
    counting = [
        voice
        for voice in voices
        if voice["voice"] == own
        or known_managers.standing(
            f"{voice['log']}#{voice['index']}", json.loads(voice["heard_from"] or "[]")
        )
        == "signed"
    ]
    stated = [
        voice
        for voice in counting
        if voice["stated_at"] is not None and (voice["voice"] == own or told_first(voice, first))
    ]
    if not stated:
        return dict(row)
    base = stated[-1]
    heard = [voice for voice in voices if voice in counting or voice["voice"] == base["origin"]]
    found = {column: base[column] for column in columns}
    for marked, said in (
        ("verifier_origin", ("verifier_sealed", "verifier_origin", "once")),
        ("badge_origin", ("badge_sealed", "pin_sealed", "badge_origin")),
    ):
        latest = next((voice for voice in reversed(heard) if voice[marked] is not None), base)
        found |= {column: latest[column] for column in said if column in columns}
    lifted = {voice["lifted"] for voice in heard}
    shut = [voice["disabled_by"] for voice in heard if voice["disabled_by"] not in (None, *lifted)]
    found |= {
        "state": "disabled" if shut else "active",
        "disabled_by": shut[0] if shut else None,
        "lifted": None,
    }
    return found


def _spoken_on(row: Mapping[str, Any]) -> set[str]:
    """Return the islands that said what stands in a row."""
    places = {
        row["origin"],
        row["verifier_origin"],
        row["badge_origin"],
        (row["disabled_by"] or "").partition("/")[0],
    }
    return {place for place in places if place}


def may_enter_here(row: Mapping[str, Any], secret_origin: str | None) -> bool:
    """Tell whether an account may enter on this island with a secret that `secret_origin` sealed."""
    own = own_origin()
    if own is None or (row["origin"] == own and secret_origin == own):
        return True
    # A secret changed elsewhere carries no signature of its own: it counts only with the signed statement it came in,
    # or when it was changed here.
    return secret_origin in (row["origin"], own) and standings([row])[row["code"]] == "signed"
