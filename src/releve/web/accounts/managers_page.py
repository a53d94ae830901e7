"""The page of the managers: who holds a card, since when, which were removed, what to do when one is lost."""

from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from releve.journal.power import MANAGERS_NEEDED
from releve.web.access import needs_role
from releve.web.accounts.managers import Word, name_of
from releve.web.accounts.trust import managers_now, managers_words, own_origin
from releve.web.tables import Managers

__all__ = ["managers"]


class _Card(NamedTuple):
    name: str
    key: str
    since_ms: int | None
    signed_by: tuple[str, ...]  # nobody: it was made with this island
    island: str  # where it was said
    reason: str = ""


@needs_role("it", "crisis")
@require_GET
def managers(request: HttpRequest) -> HttpResponse:
    """Return the page. It changes nothing: a manager signs with her card, at the command line."""
    now = managers_now()
    recorded = dict(Managers.objects.values_list("id", "recorded_at"))

    def card(key: str, word: Word) -> _Card:
        by = now.heeded(word.place, word.signed_by).difference((key,))
        return _Card(
            name_of(key),
            key,
            recorded.get(word.place),
            tuple(sorted(map(name_of, by))),
            word.origin,
            word.reason,
        )

    named: dict[str, _Card] = {}
    own = own_origin()
    # As they were said: the first word that counts is since when. What was said first here nobody had to sign.
    for word in managers_words():
        first = not word.signed_by and own in (None, word.origin)
        if word.reach is None and (first or now.standing(word.place, word.signed_by) == "signed"):
            for key in now.keys.intersection(word.keys):
                named.setdefault(key, card(key, word))
    removed = [card(key, words[0]) for key, words in now.removed.items()]
    return render(
        request,
        "web/managers.html",
        {
            "cards": sorted(named.values()),
            "removed": sorted(removed),
            "few": len(now.keys) <= MANAGERS_NEEDED,
        },
    )
