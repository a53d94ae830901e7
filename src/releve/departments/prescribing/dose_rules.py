"""Who charts a dose, what is asked before, what is refused: a state and a command give an act or the reasons. Pure.

What was done is never refused for being wrong: it is asked about once, then recorded with what was said against it.
Refused is only what must not be believed: the wrong product, a second person who is the first.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from releve.departments.prescribing.dose_facts import DoseCorrected, DoseGiven, DoseOmitted
from releve.web import refusal

__all__ = [
    "ALONE_OFFLINE", "GIVERS", "REASONS", "Dose", "DoseState", "Give", "Refusal", "Who", "correct",
    "figure", "give", "omit",
]  # fmt: skip

GIVERS = frozenset({"nurse", "midwife", "physician"})
# Why a dose was not given; "other" needs words.
REASONS = (
    "refused", "absent", "fasting", "vomiting", "no-access", "not-available", "measured", "on-hold", "asleep", "other",
)  # fmt: skip
ALONE_OFFLINE = "offline"
HOUR_MS = 3_600_000
EARLY_MS = HOUR_MS
CHARS_MAX = 400


class Refusal(refusal.Refusal, frozen=True, kw_only=True):
    """Why not: `code` names the sentence, `field` where it is to be mended. "sure": `asks` are to be answered."""

    asks: tuple[str, ...] = ()


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """A person at the bedside."""

    account: str
    name: str
    role: str


class Dose(msgspec.Struct, frozen=True, kw_only=True):
    """A charting as it stands: what a correction is decided on."""

    row: str
    person: str
    request: str
    label: str
    status: str
    code: str = ""
    given_at: int | None = None
    due_at: int | None = None
    dose: str = ""
    unit: str = ""
    place: str = ""
    here: bool = False  # charted here: what came from elsewhere is put right there
    seen: tuple[str, ...] = ()  # corrections of it that stand

    @property
    def shown(self) -> str:
        """What a form carries of what it was shown."""
        return " ".join(dict.fromkeys((self.place, *self.seen)))


class DoseState(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the line and of the hour a dose answers. Instants are UTC ms."""

    person: str
    visit: str
    request: str
    label: str
    code: str = ""
    prescribed: str = ""  # "20", or "1-2"
    unit: str = ""
    route: str = ""
    rate: str = ""
    status: str = "active"
    ended: bool = False
    high_alert: bool = False
    as_needed: bool = False
    interval_hours: float | None = None
    place: str = ""  # entry that said the line last
    due_at: int | None = None
    charted: tuple[Dose, ...] = ()  # what already answers this hour
    last_given_at: int | None = None

    @property
    def soonest_at(self) -> int | None:
        """From when a dose "as needed" may be given again; None: nothing says so."""
        if not self.as_needed or not self.interval_hours or self.last_given_at is None:
            return None
        return self.last_given_at + int(self.interval_hours * HOUR_MS)


class Give(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says she gave."""

    status: str = "given"  # given, partial, started, ended
    dose_value: str = ""
    dose_unit: str = ""
    product: str = ""
    matches: bool | None = None  # whether the product read is the one of the line; None: nothing was read
    lot: str = ""
    expiry: str = ""
    wristband: bool = False
    alone: str = ""
    note: str = ""
    place: str = ""  # entry of the line that the form showed
    answered: tuple[str, ...] = ()
    offline: bool = False


def figure(text: str) -> Decimal | None:
    """Return the figure of a dose as typed, None when it is none or not above zero.

    >>> figure("2,50"), figure("1 000"), figure("0"), figure("1e3")
    (Decimal('2.50'), Decimal('1000'), None, None)
    """
    bare = text.strip().replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace(",", ".")
    if not bare or len(bare) > 12 or not set(bare) <= set("0123456789.") or not bare.isascii():
        return None
    try:
        value = Decimal(bare)
    except InvalidOperation:
        return None
    return value if value > 0 else None


def _plain(value: Decimal) -> str:
    """Return a figure without trailing zeros: ten times too much begins with "5.0"."""
    return format(value.normalize(), "f")


def _bounds(prescribed: str) -> tuple[Decimal, Decimal] | None:
    low, _, high = prescribed.partition("-")
    first = figure(low)
    last = figure(high) if high else first
    return (first, last) if first is not None and last is not None else None


def give(
    state: DoseState, asked: Give, common: Mapping[str, Any], *, act: str, who: Who, second: Who | None
) -> DoseGiven | tuple[Refusal, ...]:
    """Return the act, or every reason to mend or to answer first. `common` is what `ActForm.common` knows."""
    refused: list[Refusal] = []
    if who.role not in GIVERS:
        refused.append(Refusal(code="not-your-role"))
    value = figure(asked.dose_value)
    if asked.status in ("given", "partial") and value is None:
        refused.append(
            Refusal(code="dose-missing" if not asked.dose_value else "dose-figure", field="dose_value")
        )
    unit = (state.unit or asked.dose_unit).strip()
    if value is not None and not unit:
        refused.append(Refusal(code="unit-missing", field="dose_unit"))
    if asked.matches is False:
        refused.append(Refusal(code="other-product", field="product"))
    refused += _pair(state, asked, who, second)
    if refused:
        return tuple(refused)
    warned = _warnings(state, asked, value, common["happened_at"])
    status = asked.status
    if status == "given" and "less" in warned:
        status = "partial"
    unanswered = tuple(code for code in warned if code not in asked.answered)
    if unanswered and not asked.offline:
        return (Refusal(code="sure", field="sure", asks=warned),)
    two = state.high_alert and status != "ended"
    return DoseGiven(
        **common,
        act=act,
        **_about(state),
        status=status,
        dose_value=_plain(value) if value is not None else "",
        dose_unit=unit if value is not None else "",
        route=state.route,
        rate=state.rate if status in ("started", "ended") else "",
        product=asked.product,
        lot=asked.lot,
        expiry=asked.expiry,
        wristband=asked.wristband,
        alone=(asked.alone or (ALONE_OFFLINE if asked.offline else "")) if two and second is None else "",
        second=second.account if second is not None else "",
        second_name=second.name if second is not None else "",
        note=asked.note,
        warned=warned,
        place=state.place,
        offline=asked.offline,
    )


def _pair(state: DoseState, asked: Give, who: Who, second: Who | None) -> list[Refusal]:
    if second is not None and second.account == who.account:
        return [Refusal(code="second-is-first", field="second")]
    if second is not None and second.role not in GIVERS:
        return [Refusal(code="second-may-not", field="second")]
    two = state.high_alert and asked.status != "ended"
    if two and second is None and not asked.alone and not asked.offline:
        return [Refusal(code="second-or-alone", field="second")]
    return []


def _warnings(state: DoseState, asked: Give, value: Decimal | None, at_ms: int) -> tuple[str, ...]:
    found: list[str] = []
    if state.charted and asked.status in ("given", "partial"):
        found.append("charted")
    if asked.place and asked.place != state.place:
        found.append("changed")
    if state.status != "active":
        found.append("not-active")
    elif state.ended:
        found.append("ended")
    if asked.status in ("given", "partial"):
        if state.soonest_at is not None and (state.last_given_at or 0) <= at_ms < state.soonest_at:
            found.append("too-soon")
        if state.due_at is not None and state.due_at - at_ms > EARLY_MS:
            found.append("early")
        bounds = _bounds(state.prescribed)
        if value is not None and bounds is not None:
            if value > bounds[1]:
                found.append("more")
            elif value < bounds[0] and asked.status == "given":
                found.append("less")
        elif value is not None and state.prescribed:
            found.append("unread")  # the dose prescribed is words: nobody here can compare
    if asked.product and asked.matches is None:
        found.append("uncompared")
    if asked.expiry and asked.expiry < _day_of(at_ms):
        found.append("expired")
    return tuple(found)


def _day_of(at_ms: int) -> str:
    """Return the ISO date of an instant, in UTC: an expiry is a day, and its last hour is not argued about."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).date().isoformat()


def _about(state: DoseState) -> dict[str, Any]:
    """Return what every charting of a dose says of the line it answers."""
    return {
        "person": state.person, "visit": state.visit, "request": state.request, "label": state.label,
        "code": state.code, "due_at": state.due_at,
    }  # fmt: skip


def omit(
    state: DoseState,
    common: Mapping[str, Any],
    *,
    act: str,
    who: Who,
    reason: str,
    note: str,
    place: str = "",
    answered: Collection[str] = (),
    offline: bool = False,
) -> DoseOmitted | tuple[Refusal, ...]:
    """Return the act of not giving, or every reason to mend or to answer first."""
    refused: list[Refusal] = []
    if who.role not in GIVERS:
        refused.append(Refusal(code="not-your-role"))
    if reason not in REASONS:
        refused.append(Refusal(code="reason-missing", field="reason"))
    elif reason == "other" and not note:
        refused.append(Refusal(code="reason-words", field="note"))
    if refused:
        return tuple(refused)
    warned = tuple(
        code
        for code, holds in (
            ("charted", bool(state.charted)),
            ("changed", bool(place) and place != state.place),
        )
        if holds
    )
    if any(code not in answered for code in warned) and not offline:
        return (Refusal(code="sure", field="sure", asks=warned),)
    return DoseOmitted(
        **common,
        act=act,
        **_about(state),
        reason=reason,
        note=note,
        warned=warned,
        place=state.place,
        offline=offline,
    )


def correct(
    dose: Dose,
    common: Mapping[str, Any],
    *,
    act: str,
    who: Who,
    status: str,
    given_at: int,
    dose_value: str,
    reason: str,
    note: str,
    why: str,
    place: str,
    now_ms: int,
    offline: bool = False,
) -> DoseCorrected | tuple[Refusal, ...]:
    """Return the correction of a charting, or what to mend first. `given_at` is the hour it should have said."""
    refused: list[Refusal] = []
    if who.role not in GIVERS:
        refused.append(Refusal(code="not-your-role"))
    if not dose.here:
        refused.append(Refusal(code="not-charted-here"))
    if place and place != dose.shown:
        refused.append(Refusal(code="corrected-meanwhile", field="why"))
    if status not in ("given", "partial", "omitted", "deleted"):
        refused.append(Refusal(code="status-missing", field="status"))
    value = figure(dose_value)
    if status in ("given", "partial") and value is None:
        refused.append(Refusal(code="dose-figure", field="dose_value"))
    if status == "omitted" and reason not in REASONS:
        refused.append(Refusal(code="reason-missing", field="reason"))
    if not why:
        refused.append(Refusal(code="why-missing", field="why"))
    if refused:
        return tuple(refused)
    given = status in ("given", "partial")
    return DoseCorrected(
        **{**common, "happened_at": now_ms},
        act=act,
        person=dose.person,
        request=dose.request,
        label=dose.label,
        code=dose.code,
        due_at=dose.due_at,
        dose=dose.row,
        status="refused" if status == "omitted" and reason == "refused" else status,
        given_at=given_at,
        dose_value=_plain(value) if given and value is not None else "",
        dose_unit=dose.unit if given else "",
        reason=reason if status == "omitted" else "",
        note=note,
        why=why,
        was_status=dose.status,
        was_at=dose.given_at,
        was_dose=dose.dose,
        place=dose.place,
        seen=dose.seen,
        offline=offline,
    )
