"""The account of a downtime as a table (CSV), as a FHIR Bundle, as a document to key from (PDF)."""

import csv
import io
import uuid
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.utils import timezone
from django.utils.translation import gettext, ngettext, override

from releve.handback.account import Account, ActLine, PersonLines
from releve.handback.told import person_resource, resource_of, told
from releve.hospital.map import Directory
from releve.paper.glyphs import Signs
from releve.paper.typeset import coverage, typeset
from releve.record.carried import Carriage
from releve.record.tables import ActAnswer
from releve.web import words

__all__ = ["Heading", "as_bundle", "as_csv", "as_pdf"]

# References inside the bundle are made from the entry's own place: the same account twice is the same bundle.
# The register of health professionals, run by the Agence du numérique en santé.
RPPS_SYSTEM = "urn:oid:1.2.250.1.71.4.2.1"
_NAMESPACE = uuid.UUID("5f0a3c1e-7c47-5d8e-9b1f-2f6b7a3d9c10")
# Spreadsheets run what begins like a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """What stands above the account, in whatever form."""

    directory: Directory
    island: str
    exercise: bool
    language: str
    made_ms: int

    @property
    def zone(self) -> ZoneInfo:
        """The hospital's zone."""
        return ZoneInfo(self.directory.map.zone)

    def application(self, code: str) -> str:
        """Return the name of an application, its code when the map does not know it."""
        known = self.directory.application(code)
        return known.name if known is not None else code

    def ward(self, code: str | None) -> str:
        """Return the name of a ward, its code when the map does not know it."""
        known = self.directory.ward(code) if code else None
        return known.name if known is not None else code or ""


def as_csv(account: Account, heading: Heading) -> bytes:
    """Return one line an act, UTF-8 with a mark so that a spreadsheet reads accents, semicolons between columns."""
    out = io.StringIO()
    table = csv.writer(out, delimiter=";", lineterminator="\r\n")
    with override(heading.language), timezone.override(heading.zone):
        table.writerow(
            [
                "person", "birth_name", "used_name", "given_name", "birth_date", "sex", "numbers", "visit", "ward",
                "happened_at", "recorded_at", "function", "what", "details", "by", "by_name", "second", "recorded_by",
                "told_by", "paper", "late", "offline", "applications", "entry", "carried",
            ]
        )  # fmt: skip
        for one in account.persons:
            for line in one.lines:
                table.writerow([_cell(value) for value in _csv_row(one, line)])
    return out.getvalue().encode("utf-8-sig")


def _csv_row(one: PersonLines, line: ActLine) -> list[str]:
    row, person = line.row, one.person
    title, details = told(line)
    return [
        one.key,
        (person.birth_name or "") if person else "",
        (person.used_name or "") if person else "",
        (person.given_name or "") if person else "",
        (person.birth_date or "") if person else "",
        (person.sex or "") if person else "",
        " ".join(f"{number} ({system})" if system else number for number, system, _ in one.numbers),
        row.visit or "",
        row.ward or "",
        _iso(row.happened_at),
        _iso(row.recorded_at),
        row.function or "",
        title,
        "; ".join(f"{label}: {value}" if value else label for label, value in details),
        row.by or "",
        row.by_name or "",
        row.second or "",
        line.author,
        row.told_by or "",
        row.paper or "",
        "1" if row.late else "",
        "1" if row.offline else "",
        " ".join(line.applications),
        row.entry or "",
        _carried(line.way) if line.way is not None else "",
    ]


def _cell(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value


def _iso(at_ms: int | None) -> str:
    if at_ms is None:
        return ""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def as_bundle(account: Account, heading: Heading) -> bytes:
    """Return a FHIR R4 Bundle of type collection: each patient, then what was done for her, in order.

    Source: FHIR R4 Bundle, Provenance. Each act has a Provenance: when it happened, when it was recorded, who.
    """
    entries: list[dict[str, Any]] = []
    with override(heading.language), timezone.override(heading.zone):
        entries += _practitioners(account)
        for one in account.persons:
            patient = _urn("Patient", one.key)
            entries.append({"fullUrl": patient, "resource": person_resource(one)})
            for line in one.lines:
                entries += _resources(line, patient)
    bundle: dict[str, Any] = {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": _iso(heading.made_ms),
        "entry": entries,
    }
    if heading.exercise:
        bundle["meta"] = {
            "tag": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}]
        }
    if not entries:
        del bundle["entry"]
    return msgspec.json.encode(bundle)


def _practitioners(account: Account) -> list[dict[str, Any]]:
    """Return a Practitioner for each account that did something: its code, its RPPS number where it is known.

    Source: FHIR R4 Practitioner; ANS, OID of the RPPS register.
    """
    named: dict[str, str] = {}
    for one in account.persons:
        for line in one.lines:
            for code, name in ((line.row.by, line.row.by_name), (line.row.second, line.row.second_name)):
                if code:
                    named[code] = name or named.get(code, "") or code
    found = []
    for code, name in sorted(named.items()):
        numbers = [{"system": "urn:releve:account", "value": code}]
        if rpps := account.people.get(code):
            numbers.append({"system": RPPS_SYSTEM, "value": rpps})
        resource = {"resourceType": "Practitioner", "identifier": numbers, "name": [{"text": name}]}
        found.append({"fullUrl": _urn("Practitioner", code), "resource": resource})
    return found


def _who(code: str | None, name: str | None) -> dict[str, Any]:
    return {"reference": _urn("Practitioner", code), "display": name or code} if code else {"display": name}


def _resources(line: ActLine, patient: str) -> list[dict[str, Any]]:
    row = line.row
    target = _urn("act", row.id)
    who = _who(row.by, row.by_name) if row.by else {"display": row.by_name or line.author or "unknown"}
    performer = _urn("Practitioner", row.by) if row.by else ""
    ids = {"patient": patient, "encounter": row.visit or "", "performer": performer}
    provenance: dict[str, Any] = {
        "resourceType": "Provenance",
        "target": [{"reference": target}],
        "recorded": _iso(row.recorded_at),
        "agent": [{"who": who}],
        "entity": [{"role": "source", "what": {"identifier": {"value": row.entry or row.id}}}],
    }
    if row.happened_at is not None:
        provenance["occurredDateTime"] = _iso(row.happened_at)
    if row.second:
        provenance["agent"].append({"who": _who(row.second, row.second_name)})
    if line.author and line.author != row.by:
        provenance["agent"].append({"who": {"display": line.author}})
    return [
        {"fullUrl": target, "resource": resource_of(line, ids)},
        {"fullUrl": _urn("provenance", row.id), "resource": provenance},
    ]


def _urn(what: str, key: str) -> str:
    return f"urn:uuid:{uuid.uuid5(_NAMESPACE, f'{what}:{key}')}"


def as_pdf(account: Account, heading: Heading) -> bytes:
    """Return the account as PDF/UA-1, a box to tick for each act keyed.

    Raises:
        TypesetError: it cannot be set; the other two forms do not depend on it.
    """
    signs = Signs(coverage())
    with override(heading.language), timezone.override(heading.zone):
        data = _pdf_data(account, heading)
    return typeset("account", signs.tree(data) | {"lang": heading.language})


def _pdf_data(account: Account, heading: Heading) -> dict[str, Any]:
    made = words.moment(heading.made_ms, heading.zone, heading.language)
    title = gettext("Account of the downtime")
    if account.application:
        title = f"{title}: {heading.application(account.application)}"
    persons = ngettext("%(n)d patient", "%(n)d patients", len(account.persons)) % {"n": len(account.persons)}
    acts = ngettext("%(n)d act", "%(n)d acts", account.acts) % {"n": account.acts}
    return {
        "title": title,
        "hospital": f"{heading.directory.map.name}, {gettext('island %s') % heading.island}",
        "exercise": gettext("EXERCISE") if heading.exercise else "",
        "made": made,
        "state": gettext("%(acts)s, %(persons)s, as recorded here at %(at)s")
        % {"acts": acts, "persons": persons, "at": made},
        "counts": [
            [heading.application(code), str(number)]
            for code, number in sorted(account.by_application.items(), key=lambda pair: -pair[1])
        ],
        "notes": _notes(account),
        "words": {
            "application": gettext("Owed to the application"),
            "acts": gettext("Acts"),
            "keyed": gettext("Keyed"),
            "happened": gettext("Happened"),
            "what": gettext("What was done"),
            "by": gettext("By"),
        },
        "persons": [_pdf_person(one, heading) for one in account.persons],
    }


def _notes(account: Account) -> list[str]:
    notes = []
    if account.late:
        notes.append(
            ngettext(
                "%(n)d late act: done during the cut, recorded after it.",
                "%(n)d late acts: done during the cut, recorded after it.",
                account.late,
            )
            % {"n": account.late}
        )
    if account.offline:
        notes.append(
            ngettext(
                "%(n)d act waited in a browser: nothing was checked when it was done.",
                "%(n)d acts waited in a browser: nothing was checked when they were done.",
                account.offline,
            )
            % {"n": account.offline}
        )
    if account.unread:
        notes.append(
            ngettext(
                "%(n)d entry cannot be read on this island: it is listed by its place.",
                "%(n)d entries cannot be read on this island: they are listed by their place.",
                account.unread,
            )
            % {"n": account.unread}
        )
    return notes


def _pdf_person(one: PersonLines, heading: Heading) -> dict[str, Any]:
    person, language = one.person, heading.language
    today = words.local(heading.made_ms, heading.zone).date()
    name, traits = one.key.partition(":")[2] or one.key, []
    if person is not None:
        name = " ".join(filter(None, (person.birth_name, person.given_name))) or name
        if person.used_name and person.used_name != person.birth_name:
            traits.append(f"{gettext('used name')} {person.used_name}")
        if person.birth_date:
            traits.append(words.birth(person.birth_date, today, language))
        if person.sex:
            traits.append(person.sex)
    traits += [f"{number} {system}".strip() for number, system, _ in one.numbers] or [one.key]
    return {
        "name": name,
        "traits": ", ".join(traits),
        "lines": [_pdf_line(line, heading) for line in one.lines],
    }


def _carried(way: Carriage) -> str:
    who = {"who": way.by_name}
    if way.answer is None:
        said = gettext("carried by %(who)s, not yet confirmed by its author") % who
    elif way.answer.contested:
        said = gettext("carried by %(who)s, contested by its author: %(reason)s") % (
            who | {"reason": way.answer.reason or ""}
        )
    else:
        said = gettext("carried by %(who)s, confirmed by its author") % who
    return said if way.settled is None else f"{said}. {_settled(way.settled)}"


def _settled(answer: ActAnswer) -> str:
    words = {"who": answer.by_name or answer.by or "", "reason": answer.reason or ""}
    if answer.contested:
        return gettext("looked into by %(who)s: it does not hold, %(reason)s") % words
    return gettext("looked into by %(who)s: it holds, %(reason)s") % words


def _pdf_line(line: ActLine, heading: Heading) -> dict[str, Any]:
    row, zone, language = line.row, heading.zone, heading.language
    title, details = told(line)
    happened = words.moment(row.happened_at, zone, language) if row.happened_at is not None else ""
    recorded = words.moment(row.recorded_at, zone, language) if row.recorded_at is not None else ""
    marks = [heading.ward(row.ward)] if row.ward else []
    if row.told_by:
        marks.append(gettext("told by telephone by %s, read back") % row.told_by)
    if row.paper:
        marks.append(gettext("copied from paper %s") % row.paper)
    if row.late:
        marks.append(gettext("late act"))
    if row.offline:
        marks.append(gettext("not checked"))
    if line.way is not None:
        marks.append(_carried(line.way))
    return {
        "hour": happened,
        "recorded": gettext("recorded %s") % recorded if recorded and recorded != happened else "",
        "what": title,
        "details": [list(pair) for pair in details],
        "marks": ", ".join(marks),
        "by": row.by_name or row.by or "",
        "second": gettext("with %s") % (row.second_name or row.second) if row.second else "",
        "entry": row.entry or "",
    }
