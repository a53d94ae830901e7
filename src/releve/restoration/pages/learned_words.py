"""What finished tasks taught the dates of a plan, in words: how many, and which kinds run longer or shorter."""

from typing import Any

from django.utils.translation import get_language, gettext

from releve.restoration.case import Case
from releve.restoration.facts import Lengths
from releve.restoration.pages.sentences import kind_name, percent
from releve.web import words

__all__ = ["learned_words"]

_TOLD_FROM = 0.05  # less is within what any estimate misses


def learned_words(learned: Lengths | None, case: Case) -> dict[str, Any] | None:
    """Return for the template from how many tasks, and by kind of task how far estimates run; None: from none."""
    if learned is None:
        return None
    waiting = {task.kind for task in case.tasks}
    told = sorted(learned.kinds.items(), key=lambda pair: (-abs(pair[1] - 1), pair[0]))
    return {
        "ended": learned.ended,
        "kinds": [
            (kind_name(kind), _words(factor))
            for kind, factor in told
            if kind in waiting and abs(factor - 1) >= _TOLD_FROM
        ],
    }


def _words(factor: float) -> str:
    if factor >= 2:
        return gettext("%(n)s times as long as estimated") % {
            "n": words.figure(f"{factor:.1f}", get_language() or "fr")
        }
    if factor > 1:
        return gettext("%(share)s longer than estimated") % {"share": percent(factor - 1)}
    return gettext("%(share)s shorter than estimated") % {"share": percent(1 - factor)}
