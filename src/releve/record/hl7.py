"""HL7 v2 messages become facts about the patient. Pure.

`read_every` looks at PID in any message a department reads; `read_adt` at the whole of an ADT message.
Sources: HL7 v2.5 chapters 2 and 3; IHE PAM national extension France (ZBE, ZFD, ZFV, ZFM), 2.11.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from releve.codecs.hl7v2.reader import NULL, Message, Segment
from releve.codecs.hl7v2.timestamp import read_moment
from releve.record import facts
from releve.record.allergies import read_allergies
from releve.record.bedside import read_alerts_and_measures
from releve.record.first_said import first_said
from releve.record.identity import identifiers_of, key_of, key_of_merged
from releve.views.reading import Context, NotRead
from releve.views.recall import Recall

__all__ = ["first_said", "instant_of", "name_of", "read_adt", "read_every"]

# Each trigger that places, moves or ends a visit, and what it does (HL7 v2.5 §3.3).
MOVES = {"A01", "A02", "A03", "A04", "A05", "A06", "A07", "A14", "A21", "A22"}
# Each trigger that cancels, and what.
CANCELS = {
    "A11": "A01", "A12": "A02", "A13": "A03", "A27": "A14", "A38": "A05", "A52": "A21", "A53": "A22", "A25": "A16",
    "A26": "A15",
}  # fmt: skip
NO_VISIT = {"A11", "A27", "A38"}  # after these there is no visit, so their PV1-3 places nobody
IDENTITY_EVENTS = {"A24", "A37", "A40", "A47"}
# Segments that speak of a visit: a value there hides the stay, anywhere else the person.
OF_VISIT = ("PV1", "PV2", "ZBE", "ZFM", "ZFU", "ZFV")
UNNUMBERED = "?"  # the visit of a sender that gives it no number: one at a time, and said so
IDENTITY_STATUSES = {"PROV", "VALI", "QUAL", "RECUP"}
# What a PID said, see `releve.record.identity`.
_described = Recall(8192)


def instant_of(text: str | None, context: Context) -> int | None:
    """Return a received time in UTC milliseconds, or None when absent, null or unreadable."""
    if not text or text is NULL:
        return None
    moment = read_moment(text, context.zone)
    return None if moment is None or moment.at_us is None else moment.at_us // 1000


def name_of(segment: Segment, field: int, repetition: int = 0) -> str | None:
    """Return "FAMILY Given" of an XCN or XPN field, without its number."""
    names = segment.repetitions(field)
    if repetition >= len(names):
        return None
    name = names[repetition]
    offset = 1 if field_is_xcn(segment.name, field) else 0
    family, given = name[str(1 + offset) + ".1"], name[str(2 + offset)]
    return " ".join(part for part in (family, given) if part) or None


def field_is_xcn(segment: str, field: int) -> bool:
    """Tell an XCN (number first) from an XPN (family name first)."""
    return (segment, field) not in {("PID", 5), ("NK1", 2), ("PID", 9)}


def read_every(message: Message, context: Context) -> Iterable[Any]:
    """Read PID: the authority describes the person, any other sender only fills what is unknown."""
    pid = message.segment("PID")
    if pid is None or not context.person:
        return ()
    whole = context.authority or message.kind == "ADT"
    key = (
        pid.raw, message.reading, whole, context.authority, context.person, context.zone, context.namespace,
        context.oid, context.confidential_statuses,
    )  # fmt: skip
    found = _described.get(key)
    return found if found is not None else _described.keep(key, tuple(_read_pid(pid, context, whole=whole)))


def _read_pid(pid: Segment, context: Context, *, whole: bool) -> Iterator[Any]:
    if not whole:
        yield _traits(pid, context, authority=False)
        return
    yield _traits(pid, context, authority=context.authority)
    for number, system, kind in identifiers_of(pid):
        yield facts.IdentifierKnown(person=context.person, value=number, system=system, type=kind)
    mother = key_of(pid.repetitions(21), context)
    if mother and mother != context.person:
        yield facts.PersonsLinked(person=mother, other=context.person, kind="mother", status="active")


def read_adt(message: Message, context: Context) -> Iterable[Any]:
    """Read one ADT message."""
    if not context.person:
        return [NotRead(reason="PID-3: expected an identifier of type PI")]
    found = list(_read_identity_event(message, context))
    hidden = _hidden_by(message, context, of_visit=False)
    if hidden is not None:
        found.append(
            facts.PersonDescribed(person=context.person, authority=context.authority, confidential=hidden)
        )
    if message.trigger not in IDENTITY_EVENTS:
        found += _read_visit(message, context)
        found += _read_clinical(message, context)
    return found


def _hidden_by(message: Message, context: Context, *, of_visit: bool) -> str | None:
    """Return which further rule of the hospital hides the stay (or the person), None when none does."""
    for address, value in sorted(context.confidential_elsewhere):
        if (address.partition("-")[0] in OF_VISIT) == of_visit and message[address] == value:
            return f"{address} {value}"
    return None


def _traits(pid: Segment, context: Context, *, authority: bool) -> facts.PersonDescribed:
    birth = used = given = givens = None
    for name in pid.repetitions(5):
        kind, family = name["7"] or "", name["1.1"]
        if kind == "D":
            used = family
        elif birth is None or kind == "L":
            birth, given, further = family, name["2"] or given, name["3"]
            # French practice repeats the first given name among all given names (component 3).
            givens = further if further and given and further.startswith(given) else _joined(given, further)
    statuses = [repetition["1"] for repetition in pid.repetitions(32)]
    known = [status for status in statuses if status in IDENTITY_STATUSES]
    doubts = [status for status in statuses if status and status not in IDENTITY_STATUSES]
    hidden = next((status for status in statuses if status in context.confidential_statuses), None)
    birth_place = next(
        (place["9"] or place["3"] for place in pid.repetitions(11) if place["7"] == "BDL"), None
    )
    home = next((place for place in pid.repetitions(11) if place["7"] != "BDL"), None)
    return facts.PersonDescribed(
        person=context.person,
        authority=authority,
        birth_name=birth,
        used_name=used,
        given_name=given,
        given_names=givens or given,
        birth_date=_date(pid["7"]),
        sex=pid["8"],
        birth_place=birth_place or pid["23"],
        identity_status=known[-1] if known else None,
        identity_doubt=",".join(doubts) or None,
        phone=pid["13.1"] or pid["13.12"],
        address=_address(home) if home is not None else None,
        died_at=instant_of(pid["29"], context),
        confidential=f"PID-32 {hidden}" if hidden else None,
    )


def _joined(*parts: str | None) -> str | None:
    return " ".join(part for part in parts if part) or None


def _date(text: str | None) -> str | None:
    """Return a date as precise as received: "1945", "1945-07" or "1945-07-14"; no day is invented."""
    if not text or text is NULL:
        return text
    digits = text[:8]
    if not digits.isdigit() or len(digits) not in (4, 6, 8):
        return None
    parts = [digits[:4], digits[4:6], digits[6:8]]
    while parts and parts[-1] in ("", "00"):
        parts.pop()
    return "-".join(parts) or None


def _address(place: Any) -> str | None:
    return _joined(place["1.1"], place["2"], place["5"], place["3"])


def _read_identity_event(message: Message, context: Context) -> Iterator[Any]:
    trigger = message.trigger
    if trigger in ("A24", "A37"):
        yield from _read_link(message, context)
        return
    if trigger not in ("A40", "A47", "A44"):
        return
    # PAM France has one group; HL7 lets several follow one another, and none may be lost.
    person, groups = context.person, 0
    for segment in message.all_segments():
        if segment.name == "PID":
            person = key_of(segment.repetitions(3), context) or key_of(
                segment.repetitions(2), context, named=True
            )
        elif segment.name == "MRG":
            groups += 1
            other = key_of_merged(segment, context)
            if not person or not other:
                yield NotRead(reason=f"MRG-1: expected the other identifier of {trigger}")
            elif trigger == "A44":
                yield from _read_account(segment, person, other, context)
            elif other != person:
                yield facts.PersonsLinked(
                    person=person,
                    other=other,
                    kind="merge" if trigger == "A40" else "renumber",
                    status="active" if context.authority else "proposed",
                    happened_at=_happened(message, context),
                )
    if not groups:
        yield NotRead(reason=f"MRG-1: expected the other identifier of {trigger}")


def _happened(message: Message, context: Context) -> int:
    moment = instant_of(message["EVN-6"] or message["EVN-2"], context)
    return context.stamp if moment is None else moment


def _read_account(merged: Segment, person: str, other: str, context: Context) -> Iterator[Any]:
    visit = first_said(merged, "3.1") or first_said(merged, "5.1") or context.visit
    if not visit:
        yield NotRead(reason="MRG-3: expected the account that A44 moves")
    elif other != person:
        yield facts.EncounterMovedAccount(person=person, visit=visit, from_=other)
        yield facts.EncounterMovedAccount(person=other, visit=visit, to=person)


def _read_link(message: Message, context: Context) -> Iterator[Any]:
    """A24 says that two numbers are one person, A37 that they are not (HL7 v2.5 §3.3.24, §3.3.37)."""
    keys = [key_of(pid.repetitions(3), context) for pid in message.segments("PID")]
    if len(keys) != 2 or not all(keys) or keys[0] == keys[1]:
        yield NotRead(reason=f"PID-3: expected two persons in {message.trigger}")
        return
    status = "active" if context.authority else "proposed"
    if message.trigger == "A37":
        if not context.authority:
            yield NotRead(reason="A37: expected from the identity authority alone")
            return
        status = "withdrawn"
    # Links are found again by who is in them, whoever is named first.
    kept, other = sorted(keys)
    yield facts.PersonsLinked(
        person=kept, other=other, kind="link", status=status, happened_at=_happened(message, context)
    )
    if status == "withdrawn":
        for one, two in ((kept, other), (other, kept)):
            yield facts.PersonsLinked(
                person=one, other=two, kind="merge", status=status, happened_at=_happened(message, context)
            )


def _read_visit(message: Message, context: Context) -> Iterator[Any]:
    pv1, visit = message.segment("PV1"), context.visit
    if pv1 is None or message.trigger in ("A28", "A31", "A44"):
        return
    if not visit:
        if message.trigger not in MOVES and message.trigger not in CANCELS and not message.has("ZBE"):
            return
        # Somebody in a bed must be on the board, whatever her sender forgot.
        yield NotRead(reason="PV1-19 or PID-18: expected the number of the visit")
        visit = UNNUMBERED
    pv2 = message.segment("PV2")
    code = pv1["16"]
    yield facts.EncounterDescribed(
        person=context.person,
        visit=visit,
        account=message["PID-18.1"],
        class_code=pv1["2"],
        admitted_at=instant_of(pv1["44"], context),
        discharged_at=instant_of(pv1["45"], context),
        expected_discharge_at=instant_of(pv2["9"], context) if pv2 is not None else None,
        reason=(pv2["3.2"] or pv2["3.1"]) if pv2 is not None else None,
        attending=name_of(pv1, 7),
        discharge_mode=pv1["36"],
        confidential=f"PV1-16 {code}"
        if code and code in context.confidential_codes
        else _hidden_by(message, context, of_visit=True),
    )
    yield from _read_movements(message, pv1, visit, context)


def _read_movements(message: Message, pv1: Segment, visit: str, context: Context) -> Iterator[Any]:
    trigger = message.trigger
    place: dict[str, Any] = {
        "ward": pv1["3.1"],
        "room": pv1["3.2"],
        "bed": pv1["3.3"],
        "building": pv1["3.7"],
    }
    movements = list(message.segments("ZBE"))
    cancelled = ""
    for zbe in movements:
        number, action = first_said(zbe, "1.1"), zbe["4"]
        if not number or action not in ("INSERT", "UPDATE", "CANCEL"):
            yield NotRead(reason="ZBE: expected a number in ZBE-1 and INSERT, UPDATE or CANCEL in ZBE-4")
            continue
        if action == "CANCEL" or trigger in CANCELS:
            cancelled = first_said(zbe, "6") or CANCELS.get(trigger, "")
            yield facts.MovementCancelled(
                person=context.person, visit=visit, number=number, event=cancelled or None
            )
            continue
        event = trigger if action == "INSERT" and trigger in MOVES else first_said(zbe, "6")
        if event is None and (action == "INSERT" or trigger in MOVES):
            event = trigger
        yield facts.Moved(
            person=context.person,
            visit=visit,
            number=number,
            event=event,
            happened_at=instant_of(zbe["2"], context),
            happened_text=zbe["2"],
            medical_ward=zbe["7.10"] or zbe["7.1"],
            care_ward=zbe["8.10"] or zbe["8.1"],
            nature=zbe["9"],
            historic=zbe["5"] == "Y",
            **place,
        )
    if (
        cancelled
        and trigger not in NO_VISIT
        and cancelled not in ("A01", "A04", "A05", "A14")
        and any(place.values())
    ):
        # Where she is again, for whoever never heard how she came there.
        yield _seen(message, pv1, visit, place, context)
    if movements:
        return
    if trigger not in MOVES and trigger not in CANCELS:
        if any(place.values()):
            yield _seen(message, pv1, visit, place, context)
        return
    happened = message["EVN-6"] or (pv1["44"] if trigger in ("A01", "A04") else None)
    happened = happened or (pv1["45"] if trigger == "A03" else None) or message["EVN-2"] or message["MSH-7"]
    # A sender without ZBE: the moment stands for the number, so a repetition is the same movement.
    yield facts.Moved(
        person=context.person, visit=visit, number=f"{trigger}@{happened}", event=trigger,
        happened_at=instant_of(happened, context), happened_text=happened, **place,
    )  # fmt: skip
    if trigger in CANCELS and trigger not in NO_VISIT and any(place.values()):
        yield _seen(message, pv1, visit, place, context)


def _seen(message: Message, pv1: Segment, visit: str, place: dict[str, Any], context: Context) -> facts.Moved:
    """Return a place told without movement: a stay that is over or to come is not somebody in a bed."""
    left = instant_of(pv1["45"], context)
    over = left is not None and left <= context.stamp
    event = (
        "A03" if over and message.trigger not in CANCELS else "A05" if pv1["2"] == "P" else message.trigger
    )
    happened = pv1["45"] if event == "A03" else message["EVN-6"] or message["EVN-2"] or message["MSH-7"]
    return facts.Moved(
        person=context.person, visit=visit, number="seen", event="A08" if event in CANCELS else event,
        happened_at=instant_of(happened, context), happened_text=happened, **place,
    )  # fmt: skip


def _read_clinical(message: Message, context: Context) -> Iterator[Any]:
    person, visit = context.person, context.visit or None
    yield from read_allergies(message, context)
    for dg1 in message.segments("DG1"):
        label = first_said(dg1, "3.2", "4", "3.1")
        if label:
            yield facts.ProblemStated(
                person=person, visit=visit, label=label, code=first_said(dg1, "3.1"), system=first_said(dg1, "3.3"),
                kind=dg1["6"], since_at=instant_of(dg1["5"], context),
                status="removed" if dg1["21"] == "D" else "active",
            )  # fmt: skip
    for rank, nk1 in enumerate(message.segments("NK1"), start=1):
        yield facts.ContactNamed(
            person=person,
            rank=nk1["1"] or str(rank),
            name=name_of(nk1, 2),
            relation=nk1["3.2"] or nk1["3.1"],
            phone=nk1["5.1"] or nk1["5.12"],
        )
    yield from read_alerts_and_measures(message, context)
