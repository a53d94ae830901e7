# ruff: noqa: E501 - a row of a table stays on one line
"""The island of the doses, with a formulary, limits and protocols of its hospital."""

from pathlib import Path
from typing import Any

import msgspec
from django.test import Client
from dose_island import DAY_MS, HOUR_MS, LOG, MINUTE_MS, NOW_MS, PARIS, PASSWORD, DoseIsland

from releve.departments.prescribing.formulary import FORMULARY_KIND, FormularyImported, read_formulary
from releve.departments.prescribing.tables import MedicationRequest
from releve.web.opaque import seal

__all__ = [
    "DAY_MS",
    "FILES",
    "HOUR_MS",
    "LOG",
    "MINUTE_MS",
    "NOW_MS",
    "PARIS",
    "PASSWORD",
    "LineIsland",
    "act",
    "address",
    "key_of",
    "place",
    "started",
    "the_line",
]

FILES = {
    "formulary.csv": """code;system;label;substance;class;form;unit;routes;usual;note;high_alert
LIV0001;local;Paracétamol 1 g;paracétamol;N02BE01;Comprimé;g;PO;1 g /6 5j|1 g /6?si douleur 5j;Maximum 4 g par 24 h;
LIV0012;local;Amoxicilline & acide clavulanique 1 g/200 mg;amoxicilline acide clavulanique;J01CR02;Poche;g;IV;1 g /8 7j;;
LIV0022;local;Énoxaparine 4 000 UI/0,4 mL;énoxaparine;B01AB05;Seringue;UI;SC;4000 UI 20 15j;;oui
LIV0030;local;Furosémide 40 mg;furosémide;C03CA01;Comprimé;mg;PO;40 mg 8 30j;;
LIV0031;local;Ramipril 5 mg;ramipril;C09AA05;Gélule;mg;PO;5 mg 8;;
""".encode(),
    "limits.csv": """substance;unit;route;age_from_years;age_below_years;dose_max;dose_max_per_kg;day_max;day_max_per_kg;source
paracétamol;g;;15;;1;;4;;Livret 2026
paracétamol;mg;;;15;;15;;60;Livret 2026
furosémide;mg;;;;;;;2;Livret 2026
""".encode(),
    "protocols.csv": b"""code;name;drug;usual;route;note
EP;Douleur aux urgences;LIV0001;1 g 1x;PO;
EP;Douleur aux urgences;LIV0031;5 mg 8;PO;
""",
}


class LineIsland(DoseIsland):
    """The same island, whose hospital supplied its formulary."""

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        formulary, problems = read_formulary(FILES)
        assert formulary is not None, problems
        self.say(FORMULARY_KIND, msgspec.msgpack.encode(FormularyImported(formulary=formulary)))

    def bodies(self, kind: str) -> list[dict[str, Any]]:
        """Return what the entries of a kind say."""
        return [msgspec.msgpack.decode(one.body) for one in self.entries if one.kind == kind]


def key_of(page: Any) -> str:
    """Return the key in the first form of an act on a page."""
    return str(page.content.decode().split('name="act_key" value="')[1].split('"')[0])


def started(client: Client, handle: str, **more: str) -> Any:
    """Prescribe paracetamol as a physician would: the answer of the page."""
    fields = {
        "step": "write", "choose": "D:LIV0001:0", "dose_value": "1", "dose_unit": "g", "route_code": "PO",
        "rhythm": "interval", "interval": "6", "days": "5", "act_key": f"key-of-this-form-{len(more)}",
    }  # fmt: skip
    return client.post(f"/patient/{handle}/prescribe/", fields | more)


def the_line() -> MedicationRequest:
    """Return the only line."""
    return MedicationRequest.objects.get()


def place(row: MedicationRequest) -> str:
    """Return the entry that wrote it."""
    return f"{row.log}#{row.index}"


def address(handle: str, row: MedicationRequest, end: str = "") -> str:
    """Return the page of a line."""
    return f"/patient/{handle}/line/{seal(row.id, 'line')}/{end}"


def act(client: Client, handle: str, do: str, **more: str) -> Any:
    """Do something to the only line, from what it is now."""
    row = the_line()
    fields = {"do": do, "place": place(row), "act_key": f"key-of-{do}-{len(more)}-{row.index}"}
    return client.post(address(handle, row), fields | more)
