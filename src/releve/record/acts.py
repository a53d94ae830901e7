"""What every act of care says besides itself: who did it, when, where, for which applications. Pure.

A department's own acts are subclasses, `tag` being the entry's kind::

    class DoseGiven(CareAct, frozen=True, kw_only=True, tag="dose.given.1"):
        dose_value: str

and its reader of that kind yields, beside its own facts, `done(act, ...)`: the line by which the act is counted,
shown on the timeline, listed in the account of the downtime and, later, handed back.
Source: DESIGN §7, rule 3 (two times, two people, one origin); W3C PROV.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from releve.journal.entry import Draft
from releve.record.answers import carrier_in
from releve.record.facts import ActDone, StatementMade
from releve.views.reading import Context, Moment

__all__ = ["CareAct", "done", "draft_of", "stated"]

_encode = msgspec.msgpack.Encoder().encode


class CareAct(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody did for a patient while an application was down.

    `act` is the form's own key: the same form sent twice is one act, on every island. `by` is the account of who did
    it (who recorded it is the entry's author), `by_name` her name as it is printed. `function` is the care function,
    `applications` the codes of the applications it stands in for. `happened_at` is UTC ms.
    """

    act: str
    person: str
    visit: str = ""
    ward: str = ""
    function: str
    applications: tuple[str, ...] = ()
    happened_at: Moment
    by: str
    by_name: str = ""
    late: bool = False  # recorded when writing here was no longer open
    offline: bool = False  # waited in a browser: nothing was checked when it was done
    second: str = ""  # account of the second person
    second_name: str = ""
    told_by: str = ""  # told by telephone, by whom
    read_back: bool = False
    paper: str = ""  # number of the form it was copied from
    place: str = (
        ""  # entry it was decided on, "ORIGIN/EPOCH#INDEX": a newer one says that two people wrote at once
    )
    # Entries that said the same sort of thing about the same and stood on the screen: what it does not name, it had
    # not seen. None in entries of before this was asked.
    seen: tuple[str, ...] | None = None


def kind_of(act: CareAct) -> str:
    """Return the entry's kind, which is the struct's tag."""
    return str(type(act).__struct_config__.tag)


def draft_of(act: CareAct) -> Draft:
    """Return the entry that holds the act; author and source are filled where it is recorded."""
    return Draft(
        kind=kind_of(act),
        body=_encode(act),
        source="",
        occurred_at_us=act.happened_at * 1000,
        subjects=(act.person,),
    )


def stated(act: CareAct, *, about: str, words: Mapping[str, Any]) -> StatementMade:
    """Return what an act said of one thing, so that what crossed it elsewhere stands beside it; empty is left out."""
    return StatementMade(
        person=act.person,
        about=about,
        kind=kind_of(act),
        seen=act.seen,
        words={name: str(value) for name, value in words.items() if value not in (None, "", ())},
        by=act.by,
        by_name=act.by_name or None,
        happened_at=act.happened_at,
    )


def done(act: CareAct, context: Context, *, about: str = "", **more: Any) -> ActDone:
    """Return the line of this act in the list of acts; `about` is the row it made or changed."""
    return ActDone(
        person=act.person,
        act=act.act,
        kind=kind_of(act),
        about=about or None,
        visit=act.visit or None,
        ward=act.ward or None,
        function=act.function,
        applications=act.applications,
        happened_at=act.happened_at,
        by=act.by,
        by_name=act.by_name or None,
        second=act.second or None,
        second_name=act.second_name or None,
        told_by=act.told_by or None,
        paper=act.paper or None,
        late=act.late,
        offline=act.offline,
        place=act.place or None,
        carried_by=carrier_in(context.entered) or None,
        **more,
    )
