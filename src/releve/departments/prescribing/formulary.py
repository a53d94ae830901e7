"""The formulary, the limits and the protocols that a hospital supplies, as CSV files of its folder. Pure.

A usual dose is written as people say it, dose, unit, schedule, days, and several are separated by `|`:
`1 g /6 5j` every six hours for five days, `75 mg 8` at eight, `40 mg 8,14`, `50 mg ?si douleur` as needed,
`1 g /6?si douleur` as needed and six hours apart, `1 g 1x` once, `16 mg @5` continuously, 5 mL/h.
Source: departments.md §4; UCD and CIP codes are EAN-13 (stdnum), UCUM for units.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec
from stdnum import ean

from releve.codecs.ucum import unit_code
from releve.hospital.cells import found_in
from releve.hospital.columns import Column, Table
from releve.hospital.folder import read_table
from releve.hospital.problems import Problem
from releve.record.identity import search_letters

__all__ = [
    "FORMULARY_FILES", "FORMULARY_KIND", "FORMULARY_TABLES", "Drug", "Formulary", "FormularyImported", "Limit",
    "Protocol", "ProtocolLine", "Usual", "read_formulary", "read_usual", "write_formulary",
]  # fmt: skip

FORMULARY_KIND = "hospital.formulary.1"
FOUND_MAX = 12

_USUAL = re.compile(
    r"(?P<dose>\d{1,7}(?:[.,]\d{1,4})?(?:-\d{1,7}(?:[.,]\d{1,4})?)?)\s+(?P<unit>[^\s\d?/@]\S*)\s+"
    r"(?P<when>(?:/(?P<every>\d{1,3}))?\?(?P<condition>[^|?]+?)|/(?P<hours>\d{1,3})|@(?P<rate>\d{1,4}(?:[.,]\d{1,2})?)|1x|"
    r"(?P<times>\d{1,2}(?::[0-5]\d)?(?:,\d{1,2}(?::[0-5]\d)?)*))"
    r"(?:\s+(?P<days>\d{1,3})\s*[jd])?",
    re.ASCII,
)


class Usual(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A usual dose with its schedule; `interval_hours` of one given as needed is the least time between two doses."""

    dose_value: str
    dose_unit: str  # UCUM
    times: tuple[str, ...] = ()
    interval_hours: float | None = None
    once: bool = False
    as_needed: bool = False
    continuous: bool = False
    condition: str = ""
    rate: str = ""
    days: int | None = None


class Drug(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A product of the formulary."""

    code: str
    system: str  # ucd13, cip13, local
    label: str
    substance: str = ""  # common name
    drug_class: str = ""  # ATC
    form: str = ""
    unit: str = ""
    routes: tuple[str, ...] = ()  # HL7 table 0162: PO, IV…
    usual: tuple[Usual, ...] = ()
    note: str = ""
    high_alert: bool = False
    second_at: Literal["", "administration", "prescription", "both"] = (
        ""  # "": as the hospital decided for all
    )


class Limit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the hospital holds to be the most of a substance, at an age, by a route. Doses in `unit`."""

    substance: str
    unit: str
    route: str = ""
    age_from_years: float | None = None
    age_below_years: float | None = None
    dose_max: float | None = None
    dose_max_per_kg: float | None = None
    day_max: float | None = None
    day_max_per_kg: float | None = None
    weight_days: float | None = (
        None  # how old a weight may be to be compared with; None: by age, see `checks`
    )
    source: str = ""


class ProtocolLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a protocol: a product and how it is given."""

    drug: str
    usual: Usual
    route: str = ""
    note: str = ""


class Protocol(msgspec.Struct, frozen=True, kw_only=True):
    """Lines that are often prescribed together; each is still prescribed by itself."""

    code: str
    name: str
    lines: tuple[ProtocolLine, ...]


class Formulary(msgspec.Struct, frozen=True, kw_only=True):
    """The three files, read."""

    drugs: tuple[Drug, ...] = ()
    limits: tuple[Limit, ...] = ()
    protocols: tuple[Protocol, ...] = ()

    def drug(self, code: str) -> Drug | None:
        """Return the product of a code."""
        return next((one for one in self.drugs if one.code == code), None)

    def protocol(self, code: str) -> Protocol | None:
        """Return the protocol of a code."""
        return next((one for one in self.protocols if one.code == code), None)

    def find(self, text: str) -> list[Drug]:
        """Return the products whose label, common name or code has every word of `text`, best first."""
        words = [word for part in text[:80].split() if (word := search_letters(part))]
        if not words:
            return []
        found = []
        for drug in self.drugs:
            heads = [search_letters(word) for word in f"{drug.label} {drug.substance}".split()]
            whole = (
                f"{search_letters(drug.label)} {search_letters(drug.substance)} {search_letters(drug.code)}"
            )
            if all(word in whole for word in words):
                starts = all(any(head.startswith(word) for head in heads) for word in words)
                first = bool(heads) and heads[0].startswith(words[0])
                found.append((not first, not starts, drug.label.casefold(), drug))
        return [one[3] for one in sorted(found, key=lambda one: one[:3])][:FOUND_MAX]


class FormularyImported(msgspec.Struct, frozen=True, kw_only=True, tag=FORMULARY_KIND):
    """The formulary that is in force from here on, replacing the one before: whole, as the map is."""

    formulary: Formulary


SYSTEMS = ("ucd13", "cip13", "local")
ROUTES = (
    "PO", "IV", "SC", "IM", "IH", "TD", "SL", "OP", "NG", "PR", "ID", "IT", "EP", "NS", "OT", "AP", "VG", "GTT",
)  # fmt: skip
_TICKED = ("yes", "no", "oui", "non", "1", "0")
# Where two people are needed, written where a tick would be.
_SECOND: dict[str, Literal["administration", "prescription", "both"]] = {
    "administration": "administration",
    "prescription": "prescription",
    "both": "both",
    "les deux": "both",
}

FORMULARY_TABLES: tuple[Table, ...] = (
    Table(
        file="formulary.csv",
        field="drugs",
        struct=Drug,
        required=False,
        columns=(
            Column(name="code", french="code", kind="code", required=True),
            Column(name="system", french="système", kind="choice", allowed=SYSTEMS, required=True),
            Column(name="label", french="libellé", required=True),
            Column(name="substance", french="dci"),
            Column(name="class", french="atc"),
            Column(name="form", french="forme"),
            Column(name="unit", french="unité"),
            Column(name="routes", french="voies"),
            Column(name="usual", french="doses usuelles"),
            Column(name="note", french="remarque"),
            Column(name="high_alert", french="haut risque", kind="choice", allowed=(*_TICKED, *_SECOND)),
        ),
    ),
    Table(
        file="limits.csv",
        field="limits",
        struct=Limit,
        required=False,
        columns=(
            Column(name="substance", french="dci", required=True),
            Column(name="unit", french="unité", required=True),
            Column(name="route", french="voie"),
            Column(name="age_from_years", french="à partir de ans"),
            Column(name="age_below_years", french="moins de ans"),
            Column(name="dose_max", french="prise max"),
            Column(name="dose_max_per_kg", french="prise max par kg"),
            Column(name="day_max", french="jour max"),
            Column(name="day_max_per_kg", french="jour max par kg"),
            Column(name="weight_days", french="poids de moins de jours"),
            Column(name="source", french="source", required=True),
        ),
    ),
    Table(
        file="protocols.csv",
        field="protocols",
        struct=ProtocolLine,
        required=False,
        columns=(
            Column(name="code", french="code", kind="code", required=True),
            Column(name="name", french="nom", required=True),
            Column(name="drug", french="médicament", kind="code", refers_to="formulary.csv", required=True),
            Column(name="usual", french="dose", required=True),
            Column(name="route", french="voie"),
            Column(name="note", french="remarque"),
        ),
    ),
)
FORMULARY_FILES: tuple[str, ...] = tuple(table.file for table in FORMULARY_TABLES)
_NUMBERS = (
    "age_from_years", "age_below_years", "weight_days", "dose_max", "dose_max_per_kg", "day_max", "day_max_per_kg",
)  # fmt: skip


def write_formulary(formulary: Formulary) -> bytes:
    """Return the body of a `hospital.formulary.1` entry."""
    return msgspec.msgpack.encode(FormularyImported(formulary=formulary))


def read_usual(text: str) -> Usual | None:
    """Return a usual dose as it is written in the files, None when it cannot be read.

    >>> read_usual("1 g /6 5j").interval_hours, read_usual("40 mg 8,14").times, read_usual("many")
    (6.0, ('08:00', '14:00'), None)
    """
    found = _USUAL.fullmatch(text.strip())
    if found is None:
        return None
    times = tuple(_time(part) for part in found["times"].split(",")) if found["times"] else ()
    hours = found["hours"] or found["every"]
    if "" in times or (hours is not None and not 0 < int(hours) <= 720):
        return None
    return Usual(
        dose_value=found["dose"].replace(",", "."),
        dose_unit=unit_code(found["unit"]),
        times=tuple(sorted(set(times))),
        interval_hours=float(hours) if hours else None,
        once=found["when"] == "1x",
        as_needed=found["condition"] is not None,
        continuous=found["rate"] is not None,
        condition=(found["condition"] or "").strip(),
        rate=f"{found['rate'].replace(',', '.')} mL/h" if found["rate"] else "",
        days=int(found["days"]) if found["days"] else None,
    )


def _time(text: str) -> str:
    hour, _, minute = text.partition(":")
    return f"{int(hour):02d}:{minute or '00'}" if int(hour) < 24 else ""


def read_formulary(files: Mapping[str, bytes]) -> tuple[Formulary | None, tuple[Problem, ...]]:
    """Return the formulary in the files of a hospital folder, None when there is none or an error stands in it."""
    problems: list[Problem] = []
    rows: dict[str, dict[int, dict[str, Any]]] = {}
    for table in FORMULARY_TABLES:
        if table.file in files:
            rows[table.file] = read_table(table, files[table.file], problems) or {}
    drugs = _drugs(rows.get("formulary.csv", {}), problems)
    limits = _limits(rows.get("limits.csv", {}), problems)
    protocols = _protocols(rows.get("protocols.csv", {}), {drug.code for drug in drugs}, problems)
    order = {file: place for place, file in enumerate(FORMULARY_FILES)}
    problems.sort(key=lambda one: (order.get(one.file, 9), one.line))
    if not rows or any(one.severity == "error" for one in problems):
        return None, tuple(problems)
    return Formulary(drugs=drugs, limits=limits, protocols=protocols), tuple(problems)


def _wrong(at: tuple[str, int, str], expected: str, text: str, **details: str | int) -> Problem:
    file, line, column = at
    return Problem(
        file=file, line=line, column=column, expected=expected, found=found_in(text), details=details
    )


def _drugs(rows: Mapping[int, Mapping[str, Any]], problems: list[Problem]) -> tuple[Drug, ...]:
    drugs: list[Drug] = []
    seen: dict[str, int] = {}
    for line, row in rows.items():
        if not {"code", "system", "label"} <= set(row):
            continue  # said already by the column
        code, system = row["code"], row["system"]
        if code in seen:
            problems.append(_wrong(("formulary.csv", line, "code"), "duplicate", code, line=seen[code]))
        seen.setdefault(code, line)
        if system in ("ucd13", "cip13") and not (len(code) == 13 and ean.is_valid(code)):
            problems.append(_wrong(("formulary.csv", line, "code"), "drug-code", code))
        usual = _usuals(row.get("usual", ""), "formulary.csv", line, problems)
        routes = _routes(row.get("routes", ""), "formulary.csv", line, problems)
        drugs.append(
            Drug(
                code=code,
                system=system,
                label=row["label"],
                substance=row.get("substance", ""),
                drug_class=row.get("class", "").upper(),
                form=row.get("form", ""),
                unit=unit_code(row["unit"]) if row.get("unit") else "",
                routes=routes,
                usual=usual,
                note=row.get("note", ""),
                high_alert=row.get("high_alert") in ("yes", "oui", "1", *_SECOND),
                second_at=_SECOND.get(row.get("high_alert", ""), ""),
            )
        )
    return tuple(drugs)


def _usuals(text: str, file: str, line: int, problems: list[Problem]) -> tuple[Usual, ...]:
    found = []
    for part in filter(None, (one.strip() for one in text.split("|"))):
        read = read_usual(part)
        if read is None:
            problems.append(_wrong((file, line, "usual"), "usual-dose", part))
        else:
            found.append(read)
    return tuple(found)


def _routes(text: str, file: str, line: int, problems: list[Problem]) -> tuple[str, ...]:
    routes = tuple(dict.fromkeys(text.upper().replace(",", " ").replace("|", " ").split()))
    if any(route not in ROUTES for route in routes):
        problems.append(_wrong((file, line, "routes"), "choice", text, allowed=", ".join(ROUTES)))
    return tuple(route for route in routes if route in ROUTES)


def _limits(rows: Mapping[int, Mapping[str, Any]], problems: list[Problem]) -> tuple[Limit, ...]:
    limits = []
    for line, row in rows.items():
        numbers: dict[str, float | None] = {}
        for name in _NUMBERS:
            text = row.get(name, "").replace(",", ".")
            if text and not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", text):
                problems.append(_wrong(("limits.csv", line, name), "decimal", text))
            elif text:
                numbers[name] = float(text)
        if not any(name in numbers for name in _NUMBERS[3:]):
            problems.append(_wrong(("limits.csv", line, "dose_max"), "a-limit", ""))
        route = _routes(row.get("route", ""), "limits.csv", line, problems)
        if {"substance", "unit"} <= set(row):
            limits.append(
                Limit(
                    substance=row["substance"],
                    unit=unit_code(row["unit"]),
                    route=route[0] if route else "",
                    source=row.get("source", ""),
                    **numbers,
                )
            )
    return tuple(limits)


def _protocols(
    rows: Mapping[int, Mapping[str, Any]], codes: Iterable[str], problems: list[Problem]
) -> tuple[Protocol, ...]:
    known = set(codes)
    names: dict[str, str] = {}
    lines: dict[str, list[ProtocolLine]] = {}
    for line, row in rows.items():
        if not {"code", "name", "drug", "usual"} <= set(row):
            continue
        if row["drug"] not in known:
            problems.append(
                _wrong(("protocols.csv", line, "drug"), "reference", row["drug"], file="formulary.csv")
            )
        usual = _usuals(row["usual"].replace("|", " | "), "protocols.csv", line, problems)
        route = _routes(row.get("route", ""), "protocols.csv", line, problems)
        names.setdefault(row["code"], row["name"])
        if usual:
            lines.setdefault(row["code"], []).append(
                ProtocolLine(
                    drug=row["drug"],
                    usual=usual[0],
                    route=route[0] if route else "",
                    note=row.get("note", ""),
                )
            )
    return tuple(Protocol(code=code, name=names[code], lines=tuple(of)) for code, of in lines.items())
