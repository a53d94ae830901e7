"""Facts about a patient become rows. Pure.

Only what a message said is set: a column that it does not name keeps what it had.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from releve.codecs.hl7v2.reader import NULL
from releve.codecs.identifiers.made_here import form_key
from releve.record import facts
from releve.record.answers import ActConfirmed, ActContested, ActSettled, answer_given
from releve.record.identity import search_letters
from releve.record.tubes import TubesPrinted, tubes_printed
from releve.views.numbers import number_alone
from releve.views.reading import Context, Row

__all__ = ["FOLDS", "said"]


def said(**columns: Any) -> dict[str, Any]:
    """Return the columns that were said: None is left out, the HL7 null empties the column."""
    return {name: None if value is NULL else value for name, value in columns.items() if value is not None}


def person_described(fact: facts.PersonDescribed, context: Context) -> Iterable[Row]:
    """Traits of the authority replace; anyone else's only fill what nobody said."""
    columns = said(
        birth_name=fact.birth_name, used_name=fact.used_name, given_name=fact.given_name, given_names=fact.given_names,
        birth_date=fact.birth_date, sex=fact.sex, birth_place=fact.birth_place, identity_status=fact.identity_status,
        identity_doubt=fact.identity_doubt, phone=fact.phone, address=fact.address, died_at=fact.died_at,
        confidential=fact.confidential,
    )  # fmt: skip
    names = [None if name is NULL else name for name in (fact.birth_name, fact.used_name, fact.given_names)]
    if any(names):
        columns["search_name"] = search_letters(*names)
    columns["cluster"] = fact.person
    cluster = {"cluster": columns.pop("cluster")}
    if fact.authority:
        columns["identity_from"] = "authority"
        return [Row("record_person", fact.person, columns, cluster)]
    columns["identity_from"] = "feed"
    return [Row("record_person", fact.person, {}, columns | cluster)]


def identifier_known(fact: facts.IdentifierKnown, context: Context) -> Iterable[Row]:
    """One row for each number and its authority."""
    columns = {"value": fact.value, "system": fact.system, "type": fact.type}
    return [Row("record_identifier", f"{fact.person}/{fact.system}/{fact.type}/{fact.value}", columns)]


def persons_linked(fact: facts.PersonsLinked, context: Context) -> Iterable[Row]:
    """A link is a row of its own: nothing is moved, and it can be withdrawn."""
    columns = said(other=fact.other, kind=fact.kind, status=fact.status, happened_at=fact.happened_at)
    return [
        Row("record_person", fact.person, {}, {"cluster": fact.person}),
        Row("record_link", f"{fact.person}/{fact.other}/{fact.kind}", columns),
    ]


def encounter_described(fact: facts.EncounterDescribed, context: Context) -> Iterable[Row]:
    """What PV1 says replaces; where the visit is comes from its movements (`releve.record.whereabouts`)."""
    columns = said(
        visit=fact.visit, account=fact.account, class_code=fact.class_code, admitted_at=fact.admitted_at,
        expected_discharge_at=fact.expected_discharge_at, reason=fact.reason,
        attending=fact.attending, discharge_mode=fact.discharge_mode, confidential=fact.confidential,
    )  # fmt: skip
    return [Row("record_encounter", f"{fact.person}/{fact.visit}", columns)]


def moved(fact: facts.Moved, context: Context) -> Iterable[Row]:
    """One row for each movement; an update of the same number changes it."""
    columns = said(
        visit=fact.visit, number=fact.number, event=fact.event, happened_at=fact.happened_at,
        happened_text=fact.happened_text, ward=fact.ward, room=fact.room, bed=fact.bed, building=fact.building,
        medical_ward=fact.medical_ward, care_ward=fact.care_ward, nature=fact.nature, historic=fact.historic,
        status="active",
    )  # fmt: skip
    return [
        Row("record_encounter", f"{fact.person}/{fact.visit}", {}, {"visit": fact.visit}),
        Row(
            "record_movement",
            f"{fact.person}/{fact.visit}/{fact.number}",
            columns,
            {"first_stamp": context.stamp},
        ),
    ]


def movement_cancelled(fact: facts.MovementCancelled, context: Context) -> Iterable[Row]:
    """A cancelled movement stays, marked."""
    columns = {"visit": fact.visit, "number": fact.number, "status": "cancelled"}
    fills = {"event": fact.event, "first_stamp": context.stamp}
    return [
        Row("record_encounter", f"{fact.person}/{fact.visit}", {}, {"visit": fact.visit}),
        Row("record_movement", f"{fact.person}/{fact.visit}/{fact.number}", columns, fills),
    ]


def encounter_moved_account(fact: facts.EncounterMovedAccount, context: Context) -> Iterable[Row]:
    """The visit is shown with its new person; what was said before keeps its own."""
    # Both are set: an account that comes back is not still moved away.
    columns = {"visit": fact.visit, "moved_to": fact.to, "moved_from": fact.from_}
    # A movement row of its own makes both sides derive their whereabouts again.
    mark = {"visit": fact.visit, "number": "account", "event": "A44", "status": "moved"}
    return [
        Row("record_encounter", f"{fact.person}/{fact.visit}", columns),
        Row("record_movement", f"{fact.person}/{fact.visit}/account", mark),
    ]


def allergy_stated(fact: facts.AllergyStated, context: Context) -> Iterable[Row]:
    """One row for each substance, as named, and each island whose people said it; "none known" has its own."""
    columns = said(
        label=fact.label, code=fact.code, system=fact.system, category=fact.category, severity=fact.severity,
        criticality=fact.criticality, reaction=fact.reaction, since_text=fact.since_text, state=fact.state,
        stated_at=fact.stated_at,
    )  # fmt: skip
    if fact.severity is not None and fact.criticality is None:
        columns["criticality"] = (
            None  # a severity that maps to nothing must not keep the mapping of the one before
        )
    if fact.state == "none-known":
        name = "none"
    else:
        # Code and words: under "AUTRE" many hospitals file whatever has no code, and none of it may hide another.
        name = f"{fact.system or ''}|{fact.code or ''}|{search_letters(fact.label) or fact.label}"
    return [Row("record_allergy", _stated_row(fact, name), columns)]


def _stated_row(fact: facts.AllergyStated | facts.AlertRaised | facts.ProblemStated, name: str) -> str:
    """Return the row of a statement: one for each island, so that what one withdraws another still says."""
    # Only a row of the same person: an act of another island may name anything.
    if fact.row.startswith(f"{fact.person}/"):
        return fact.row
    return f"{fact.person}/{name}" + (f"@{fact.island}" if fact.island and name != "none" else "")


def problem_stated(fact: facts.ProblemStated, context: Context) -> Iterable[Row]:
    """One row for each problem, by its code or its words, and each island whose people said it."""
    columns = said(
        visit=fact.visit, label=fact.label, code=fact.code, system=fact.system, kind=fact.kind, since_at=fact.since_at,
        status=fact.status,
    )  # fmt: skip
    name = f"{fact.system or ''}|{fact.code or search_letters(fact.label) or fact.label}"
    return [Row("record_problem", _stated_row(fact, name), columns)]


def statement_made(fact: facts.StatementMade, context: Context) -> Iterable[Row]:
    """One row for each entry: what one says never takes away what another said."""
    columns = {
        "kind": fact.kind, "about": fact.about, "seen": None if fact.seen is None else " ".join(fact.seen),
        "words": msgspec.json.encode(fact.words, order="sorted").decode(), "by": fact.by, "by_name": fact.by_name,
        "happened_at": fact.happened_at,
    }  # fmt: skip
    return [Row("record_statement", f"{fact.person}/{fact.about}@{context.log}#{context.index}", columns)]


def alert_raised(fact: facts.AlertRaised, context: Context) -> Iterable[Row]:
    """One row for each alert code, and each island whose people raised it."""
    columns = said(
        visit=fact.visit,
        label=fact.label,
        code=fact.code,
        strong=fact.strong,
        status=fact.status,
        since_at=fact.since_at,
    )
    return [Row("record_alert", _stated_row(fact, fact.code), columns)]


def measured(fact: facts.Measured, context: Context) -> Iterable[Row]:
    """One row for each measure and moment."""
    columns = said(
        visit=fact.visit,
        code=fact.code,
        label=fact.label,
        value=fact.value,
        unit=fact.unit,
        measured_at=fact.measured_at,
    )
    return [Row("record_measure", f"{fact.person}/{fact.code}/{fact.measured_at or context.stamp}", columns)]


def contact_named(fact: facts.ContactNamed, context: Context) -> Iterable[Row]:
    """One row for each rank."""
    columns = said(name=fact.name, relation=fact.relation, phone=fact.phone)
    return [Row("record_contact", f"{fact.person}/{fact.rank}", columns)]


def service_requested(fact: facts.ServiceRequested, context: Context) -> Iterable[Row]:
    """One row for each placer number; each new state changes it."""
    columns = said(
        placer=number_alone(fact.placer), department=fact.department, visit=fact.visit, filler=fact.filler,
        group=fact.group,
        label=fact.label, code=fact.code, system=fact.system, priority=fact.priority, status=fact.status,
        requested_at=fact.requested_at, planned_at=fact.planned_at, planned_text=fact.planned_text,
        requester=fact.requester, note=fact.note, accession=fact.accession,
    )  # fmt: skip
    return [Row("record_service_request", f"{fact.person}/{fact.placer}", columns)]


def act_done(fact: facts.ActDone, context: Context) -> Iterable[Row]:
    """One row for each form sent: sent twice, it is one act."""
    columns = {
        "kind": fact.kind, "about": fact.about, "visit": fact.visit, "ward": fact.ward, "function": fact.function,
        "applications": msgspec.json.encode(fact.applications).decode(), "happened_at": fact.happened_at,
        "by": fact.by, "by_name": fact.by_name, "second": fact.second, "second_name": fact.second_name,
        "told_by": fact.told_by, "paper": fact.paper,
        "sheet": form_key(fact.paper or "") or None, "late": fact.late, "offline": fact.offline,
        "place": fact.place, "entry": f"{context.log}#{context.index}", "carried_by": fact.carried_by,
    }  # fmt: skip
    return [Row("record_act", f"{fact.person}/{fact.act}", columns)]


FOLDS: dict[type, Callable[[Any, Context], Iterable[Row]]] = {
    facts.ActDone: act_done,
    TubesPrinted: tubes_printed,
    ActConfirmed: answer_given,
    ActContested: answer_given,
    ActSettled: answer_given,
    facts.PersonDescribed: person_described,
    facts.IdentifierKnown: identifier_known,
    facts.PersonsLinked: persons_linked,
    facts.EncounterDescribed: encounter_described,
    facts.Moved: moved,
    facts.MovementCancelled: movement_cancelled,
    facts.EncounterMovedAccount: encounter_moved_account,
    facts.AllergyStated: allergy_stated,
    facts.ProblemStated: problem_stated,
    facts.StatementMade: statement_made,
    facts.AlertRaised: alert_raised,
    facts.Measured: measured,
    facts.ContactNamed: contact_named,
    facts.ServiceRequested: service_requested,
}
