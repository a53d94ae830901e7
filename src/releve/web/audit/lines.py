"""Facts of the audit as lines that people read: who, when, what, of whom. A patient is a number here, never a name."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from releve.views.parts import in_parts
from releve.web.audit.facts import (
    AuditFact,
    EpochDropped,
    FactsLost,
    Found,
    GlassBroken,
    GlassReviewed,
    PageOpened,
    Refused,
    Searched,
    Signed,
    TakenOut,
)
from releve.web.audit.forms import reason_words, verdict_words
from releve.web.audit.page_words import page_words
from releve.web.tables import Account

__all__ = ["Line", "lines_of", "people_of"]


class Line(NamedTuple):
    """One fact on a page. `marked`: opened beyond wards, or refused."""

    at_ms: int
    name: str
    role: str
    words: str
    patients: str
    ward: str
    address: str
    marked: bool


def people_of(codes: Iterable[str]) -> dict[str, str]:
    """Return the names of these accounts; a code without account has none."""
    wanted = sorted({code for code in codes if code})
    found: dict[str, str] = {}
    for part in in_parts(wanted):
        rows = Account.objects.filter(id__in=part)
        for code, given, family in rows.values_list("code", "given", "family"):
            found[code] = f"{given or ''} {family or ''}".strip() or code
    return found


def lines_of(found: list[Found]) -> list[Line]:
    """Return one line a fact."""
    people = people_of(_who(one.fact) for one in found)
    return [_line(one, people) for one in found]


def _who(fact: AuditFact) -> str:
    return getattr(fact, "who", "") or getattr(fact, "by", "")


def _line(one: Found, people: dict[str, str]) -> Line:
    fact = one.fact
    who = _who(fact)
    patients: tuple[str, ...] = getattr(fact, "patients", ()) or tuple(
        filter(None, [getattr(fact, "patient", "")])
    )
    numbers = [key.partition(":")[2] or key for key in patients]
    named = numbers[0] if len(numbers) == 1 else ""
    if len(numbers) > 1:
        named = ngettext("%(n)d patient", "%(n)d patients", len(numbers)) % {"n": len(numbers)}
    return Line(
        at_ms=one.recorded_at_us // 1000 if not fact.at_us else fact.at_us // 1000,
        name=people.get(who, who),
        role=getattr(fact, "role", ""),
        words=_words(fact),
        patients=named,
        ward=getattr(fact, "ward", ""),
        address=getattr(fact, "address", ""),
        marked=isinstance(fact, Refused | GlassBroken | FactsLost)
        or (isinstance(fact, PageOpened | TakenOut) and bool(fact.glass)),
    )


def _words(fact: AuditFact) -> str:
    if isinstance(fact, PageOpened):
        said = (
            _("opened a board")
            if fact.ward
            else _("opened a page (%(page)s)") % {"page": page_words(fact.page)}
        )
        return f"{said} · {reason_words(fact.glass)}" if fact.glass else said
    if isinstance(fact, Searched):
        return _("searched, and was shown patients")
    if isinstance(fact, TakenOut):
        return {
            "print": _("printed (%(page)s)"),
            "file": _("saved a file (%(page)s)"),
            "command": _("exported by a command (%(page)s)"),
            "search": _("searched the audit"),
        }[fact.how] % {"page": page_words(fact.page)}
    if isinstance(fact, Refused):
        return _("was refused a page (%(page)s)") % {"page": page_words(fact.page)}
    if isinstance(fact, Signed):
        return {
            "in": _("took this post"),
            "out": _("left this post"),
            "locked": _("locked the screen"),
            "unlocked": _("unlocked the screen"),
            "failed": _("an attempt to enter failed"),
        }[fact.act]
    if isinstance(fact, GlassBroken):
        said = _("went beyond wards: %(reason)s") % {"reason": reason_words(fact.reason)}
        return f"{said} · {fact.words}" if fact.words else said
    if isinstance(fact, GlassReviewed):
        return _("reviewed a page opened beyond wards: %(verdict)s") % {
            "verdict": verdict_words(fact.verdict)
        }
    if isinstance(fact, EpochDropped):
        return ngettext(
            "the audit of an earlier time was removed: %(n)d fact",
            "the audit of an earlier time was removed: %(n)d facts",
            fact.entries,
        ) % {"n": fact.entries}
    return ngettext(
        "%(n)d fact could not be kept while the audit did not answer",
        "%(n)d facts could not be kept while the audit did not answer",
        fact.number,
    ) % {"n": fact.number}
