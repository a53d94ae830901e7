"""The list of machines as a spreadsheet gives it: every line that can be read, and what is wrong with the others. Pure.

A column is called by its English name, or by one of the French ones that an inventory carries. A line with an error
is left out and said; the others are taken: in a crisis 2,480 machines today are worth more than 2,500 tomorrow.
"""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from releve.hospital.cells import Place, found_in
from releve.hospital.columns import Column, Table
from releve.hospital.folder import read_table
from releve.hospital.problems import Problem
from releve.hospital.spreadsheet import decode, delimiter_of, fold_name, shielded, unshielded, write_rows
from releve.restoration.fleet.facts import KINDS, Machine, MachineKind

__all__ = ["COLUMNS", "FILE", "Inventory", "read_inventory", "write_inventory"]

FILE = "machines.csv"
BYTES_MAX = 8 * 1024 * 1024
# Name, French names (the first is written), what stands in it.
COLUMNS: tuple[tuple[str, tuple[str, ...], dict[str, Any]], ...] = (
    (
        "tag",
        ("étiquette", "inventaire", "numéro d’inventaire", "n° inventaire", "code parc", "asset tag"),
        {"kind": "code", "required": True},
    ),
    ("name", ("nom", "nom machine", "poste", "hostname"), {}),
    ("kind", ("type", "genre", "catégorie"), {}),
    ("ward", ("service", "uf", "unité"), {"kind": "code"}),
    ("building", ("bâtiment",), {"kind": "code"}),
    ("room", ("local", "pièce", "bureau", "salle"), {}),
    ("network", ("réseau", "vlan", "adresse ip", "zone"), {}),
    ("serial", ("numéro de série", "n° de série", "série"), {}),
)
# What inventories call them, folded.
_KIND_WORDS: dict[str, MachineKind] = {
    "poste": "workstation", "poste_de_travail": "workstation", "pc": "workstation", "ordinateur": "workstation",
    "portable": "workstation", "fixe": "workstation", "laptop": "workstation", "desktop": "workstation",
    "client_leger": "workstation", "chariot": "workstation", "serveur": "server", "imprimante": "printer",
    "copieur": "printer", "multifonction": "printer", "autre": "other", "divers": "other",
}  # fmt: skip
_KIND_WORDS.update((kind, kind) for kind in KINDS)


class Inventory(msgspec.Struct, frozen=True, kw_only=True):
    """What a file gave: machines, problems by line, lines that were left out."""

    machines: tuple[Machine, ...] = ()
    problems: tuple[Problem, ...] = ()
    lines: int = 0

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that kept something from being taken."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


def read_inventory(
    data: bytes, *, wards: Collection[str], buildings: Collection[str], ward_of_room: Mapping[str, str]
) -> Inventory:
    """Return the machines of a CSV file. `ward_of_room`: the ward of each room code of the map."""
    problems: list[Problem] = []
    if len(data) > BYTES_MAX:
        return Inventory(problems=(Problem(file=FILE, expected="file-not-text", found="file"),))
    rows = read_table(_table_for(data), data, problems)
    found: dict[str, Machine] = {}
    lines: dict[str, int] = {}
    wrong = {problem.line for problem in problems if problem.severity == "error"}
    whole = rows is None or any(problem.expected == "column-missing" for problem in problems)
    for line, row in (rows or {}).items() if not whole else ():
        machine = _machine(row, line, problems, wards, buildings, ward_of_room)
        if machine is None or line in wrong:
            continue
        if machine.tag in found:
            Place(FILE, line, "tag", problems).expected("duplicate", "repeated", line=lines[machine.tag])
            continue
        found[machine.tag], lines[machine.tag] = machine, line
    return Inventory(
        machines=tuple(found.values()),
        problems=tuple(sorted(problems, key=lambda problem: problem.line)),
        lines=len(rows or {}),
    )


def write_inventory(machines: Collection[Machine]) -> bytes:
    """Return the machines as a file that `read_inventory` reads back."""
    names = [name for name, _french, _more in COLUMNS]
    return write_rows(
        [names, *([shielded(str(getattr(machine, name))) for name in names] for machine in machines)]
    )


def _table_for(data: bytes) -> Table:
    """Return the columns under the names that this file gives them."""
    names = frozenset(fold_name(word) for name, french, _more in COLUMNS for word in (name, *french))
    head = next(
        (
            line
            for line in (decode(data) or "").splitlines()
            if line.strip(" ;,\t") and not line.lower().startswith("sep=")
        ),
        "",
    )
    sign = delimiter_of(head, names) if head else ";"
    titles = {fold_name(cell.strip().strip('"')) for cell in head.split(sign)}
    columns = []
    for name, french, more in COLUMNS:
        # The English name wins: `kind` and `type` beside it are not one column twice.
        given = next((word for word in french if fold_name(word) in titles), french[0])
        columns.append(Column(name=name, french=name if name in titles else given, **more))
    return Table(file=FILE, field="machines", struct=Machine, columns=tuple(columns))


def _machine(
    row: Mapping[str, Any],
    line: int,
    problems: list[Problem],
    wards: Collection[str],
    buildings: Collection[str],
    ward_of_room: Mapping[str, str],
) -> Machine | None:
    if "tag" not in row:
        return None
    right = True
    kind: MachineKind | None = "workstation"
    if "kind" in row:
        kind = _KIND_WORDS.get(fold_name(str(row["kind"])))
        if kind is None:
            Place(FILE, line, "kind", problems).expected(
                "choice", found_in(str(row["kind"])), allowed=", ".join(KINDS)
            )
            right = False
    ward = row.get("ward", "")
    if not ward and row.get("room") in ward_of_room:
        ward = ward_of_room[row["room"]]
    right = _stands(ward, wards, "wards.csv", Place(FILE, line, "ward", problems)) and right
    right = (
        _stands(row.get("building", ""), buildings, "buildings.csv", Place(FILE, line, "building", problems))
        and right
    )
    if not right or kind is None:
        return None
    texts = {
        name: unshielded(row[name])
        for name in ("tag", "name", "building", "room", "network", "serial")
        if name in row
    }
    return Machine(kind=kind, ward=ward, **texts)


def _stands(code: str, known: Collection[str], file: str, place: Place) -> bool:
    if not code or code in known:
        return True
    zeros = any("0" * count + code in known for count in (1, 2, 3))
    found = "number" if code.isdigit() else "text"
    place.expected("reference-zero" if zeros else "reference", found, file=file)  # type: ignore[arg-type]
    return False
