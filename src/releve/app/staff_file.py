"""The CSV of staff from which accounts are made: every error with its file, line and column. Pure.

Columns: code, family, given, role, rpps, wards, badge (French titles too). `badge` asks for a badge with a PIN.
"""

from collections.abc import Collection, Sequence
from typing import get_args

import msgspec

from releve.hospital.cells import Place
from releve.hospital.columns import Column, Table
from releve.hospital.folder import read_table
from releve.hospital.problems import Problem
from releve.web.accounts.draft import CODE_PATTERN
from releve.web.accounts.facts import Role

__all__ = ["StaffLine", "read_staff"]


class StaffLine(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is to have an account; `badge`: with a badge and a PIN for shared machines."""

    code: str
    family: str
    given: str = ""
    role: Role
    wards: tuple[str, ...] = ()
    rpps: str = ""
    badge: bool = False


_YES_NO = ("yes", "no", "oui", "non")


def _table(file: str) -> Table:
    return Table(
        file=file,
        field="staff",
        struct=StaffLine,
        columns=(
            Column(name="code", french="matricule", kind="code", required=True),
            Column(name="family", french="nom", required=True),
            Column(name="given", french="prénom"),
            Column(name="role", french="rôle", kind="choice", allowed=get_args(Role), required=True),
            Column(name="rpps", french="rpps", kind="rpps"),
            Column(name="wards", french="services", kind="codes", refers_to="wards.csv"),
            Column(name="badge", french="badge", kind="choice", allowed=_YES_NO),
        ),
    )


def read_staff(
    file: str, data: bytes, *, wards: Collection[str], taken: Collection[str]
) -> tuple[Sequence[StaffLine], Sequence[Problem]]:
    """Return the lines and the problems; with an error, no line at all.

    `wards`: the codes of the map; `taken`: codes that have an account already.
    """
    problems: list[Problem] = []
    read = read_table(_table(file), data, problems) or {}
    lines = []
    first: dict[str, int] = {}
    for number, row in read.items():
        code = str(row.get("code") or "").lower()
        place = Place(file, number, "code", problems)
        if code and not CODE_PATTERN.fullmatch(code):
            place.expected("code", "text")
        elif code in first:
            place.expected("duplicate", "repeated", line=first[code])
        elif code in taken:
            place.expected("account-taken", "repeated")
        elif code:
            first[code] = number
        for ward in row.get("wards") or ():
            if ward not in wards:
                Place(file, number, "wards", problems).expected("reference", "text", file="wards.csv")
        lines.append((row, code))
    problems.sort(key=lambda problem: problem.line)
    if any(problem.severity == "error" for problem in problems):
        return (), problems
    made = [{**row, "code": code, "badge": row.get("badge") in ("yes", "oui")} for row, code in lines]
    return [msgspec.convert(line, StaffLine) for line in made], problems
