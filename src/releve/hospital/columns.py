"""The files of a hospital folder and their columns: one description for reading, writing and the documentation.

Pure. A column is called by its English name, or by the French one that a French spreadsheet will carry.
"""

from typing import Any, Literal, get_args

import msgspec

from releve.hospital.care import CARE_FUNCTIONS
from releve.hospital.map import (
    Application,
    Bed,
    BedKind,
    Building,
    Feed,
    OnCall,
    Phone,
    Printer,
    PrinterKind,
    Room,
    Site,
    Staff,
    StaffRole,
    Ward,
    WardKind,
)

ColumnKind = Literal[
    "code", "text", "codes", "choice", "choices", "integer", "addresses", "printer", "finess", "rpps", "kinds",
    "moment",
]  # fmt: skip


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column: the field of the struct it fills, and what may stand in it.

    `refers_to` is the file in which its codes must stand.
    """

    name: str
    french: str
    kind: ColumnKind = "text"
    required: bool = False
    refers_to: str = ""
    allowed: tuple[str, ...] = ()
    low: int = 0
    high: int = 0


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """One CSV file: each of its lines is one `struct` of the map's `field`."""

    file: str
    field: str
    struct: Any
    columns: tuple[Column, ...]
    required: bool = True

    def column(self, name: str) -> Column:
        """Return the column of this name."""
        return next(column for column in self.columns if column.name == name)


def _code(french: str = "code") -> Column:
    return Column(name="code", french=french, kind="code", required=True)


def _name(french: str = "nom") -> Column:
    return Column(name="name", french=french, required=True)


def _choice(name: str, french: str, values: Any, *, required: bool = False) -> Column:
    return Column(name=name, french=french, kind="choice", allowed=get_args(values), required=required)


def _ref(name: str, french: str, file: str, *, required: bool = False) -> Column:
    return Column(name=name, french=french, kind="code", refers_to=file, required=required)


def _refs(name: str, french: str, file: str) -> Column:
    return Column(name=name, french=french, kind="codes", refers_to=file)


DAY_SECONDS = 24 * 3600

TABLES: tuple[Table, ...] = (
    Table(
        file="sites.csv",
        field="sites",
        struct=Site,
        columns=(
            _code(),
            _name(),
            Column(name="finess", french="finess", kind="finess"),
            Column(name="address", french="adresse"),
        ),
    ),
    Table(
        file="buildings.csv",
        field="buildings",
        struct=Building,
        columns=(_code(), _name(), _ref("site", "site", "sites.csv", required=True)),
    ),
    Table(
        file="wards.csv",
        field="wards",
        struct=Ward,
        columns=(
            _code("uf"),
            _name(),
            _ref("building", "bâtiment", "buildings.csv", required=True),
            Column(name="floor", french="étage"),
            Column(name="specialty", french="spécialité"),
            Column(name="phone", french="téléphone"),
            _choice("kind", "type", WardKind),
        ),
    ),
    Table(
        file="rooms.csv",
        field="rooms",
        struct=Room,
        columns=(_code(), _ref("ward", "service", "wards.csv", required=True), _name()),
    ),
    Table(
        file="beds.csv",
        field="beds",
        struct=Bed,
        columns=(
            _code(),
            _ref("room", "chambre", "rooms.csv", required=True),
            _ref("ward", "service", "wards.csv"),
            Column(name="name", french="nom"),
            _choice("kind", "type", BedKind),
        ),
    ),
    Table(
        file="staff.csv",
        field="staff",
        struct=Staff,
        required=False,
        columns=(
            _code("matricule"),
            Column(name="family", french="nom", required=True),
            Column(name="given", french="prénom", required=True),
            _choice("role", "rôle", StaffRole, required=True),
            Column(name="rpps", french="rpps", kind="rpps"),
            _refs("wards", "services", "wards.csv"),
        ),
    ),
    Table(
        file="printers.csv",
        field="printers",
        struct=Printer,
        required=False,
        columns=(
            _code(),
            _name(),
            _ref("ward", "service", "wards.csv"),
            _ref("second_for", "secours de", "wards.csv"),
            _choice("kind", "type", PrinterKind),
            Column(name="address", french="adresse", kind="printer", required=True),
            _ref("building", "bâtiment", "buildings.csv"),
        ),
    ),
    Table(
        file="applications.csv",
        field="applications",
        struct=Application,
        columns=(
            _code(),
            _name(),
            Column(name="care_functions", french="fonctions", kind="choices", allowed=tuple(CARE_FUNCTIONS)),
            _refs("needs", "dépend de", "applications.csv"),
            Column(name="vendor", french="éditeur"),
            Column(name="server_zone", french="zone"),
            # Over two years: the longest return of a hospital’s software on record took eighteen months.
            Column(name="mtpd_hours", french="dmia heures", kind="integer", low=0, high=20_000),
            _refs("wards", "services", "wards.csv"),
        ),
    ),
    Table(
        file="feeds.csv",
        field="feeds",
        struct=Feed,
        columns=(
            _code(),
            _name(),
            _ref("application", "application", "applications.csv", required=True),
            Column(name="sending_application", french="application émettrice", required=True),
            Column(name="sending_facility", french="établissement émetteur"),
            Column(name="addresses", french="adresses", kind="addresses"),
            Column(
                name="silence_day_seconds",
                french="silence jour secondes",
                kind="integer",
                low=1,
                high=7 * DAY_SECONDS,
            ),
            Column(
                name="silence_night_seconds",
                french="silence nuit secondes",
                kind="integer",
                low=1,
                high=7 * DAY_SECONDS,
            ),
            Column(name="kinds", french="messages", kind="kinds"),
        ),
    ),
    Table(
        file="phones.csv",
        field="phones",
        struct=Phone,
        required=False,
        columns=(
            _code(),
            _name(),
            Column(name="number", french="numéro", required=True),
            _ref("ward", "service", "wards.csv"),
            Column(name="kind", french="type"),
        ),
    ),
    Table(
        file="on-call.csv",
        field="on_call",
        struct=OnCall,
        required=False,
        columns=(
            _code(),
            _name(),
            _choice("role", "rôle", StaffRole, required=True),
            Column(name="number", french="numéro"),
            _ref("ward", "service", "wards.csv"),
            Column(name="start", french="début", kind="moment"),
            Column(name="end", french="fin", kind="moment"),
        ),
    ),
)

TABLE_OF_FILE: dict[str, Table] = {table.file: table for table in TABLES}
SETTINGS_FILE = "hospital.toml"
FILES: tuple[str, ...] = (SETTINGS_FILE, *TABLE_OF_FILE)
# Beside the map: what departments read in the same folder, each described in its own room.
DEPARTMENT_FILES: tuple[str, ...] = ("formulary.csv", "limits.csv", "protocols.csv")

# The keys of hospital.toml, with the dots of TOML tables.
SETTINGS: tuple[str, ...] = (
    "name",
    "finess",
    "zone",
    "language",
    "exercise",
    "identity.feed",
    "identity.namespace",
    "identity.oid",
    "identity.ipp",
    "confidential.cover_name",
    "confidential.wards",
    "confidential.values",
)
