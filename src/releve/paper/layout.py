"""From the structs of a pack to the JSON its templates read (pure, given the coverage of the fonts).

What a template could only drop without a word (a dose outside the grid, a person without a bed) is placed here.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from releve.paper import symbols
from releve.paper.glyphs import Signs
from releve.paper.hours import column_of
from releve.paper.pack import BedLine, PatientSheet, WardPack
from releve.paper.quantities import SAFE
from releve.paper.words import labels

# Sources shown at the head of each sheet; the cover shows all.
STRIP = ("identity", "allergies", "prescriptions", "administrations", "results", "appointments")
# Care functions recalled on every sheet; the cover lists all.
RECALLED = ("prescribe", "administer", "order-laboratory", "order-imaging", "document")
NEEDED = ("prescriptions", "administrations", "results")
# The verso in millimetres, measured on paper: rows of the grid, an empty row, a further line of allergies.
ROWS_MM, BLANK_ROW_MM = 168.0, 9.1
ALLERGY_LINE_MM, ALLERGY_LINE_CHARACTERS = 5.4, 78
# Body parts a cover alone speaks of, or that only say when it was set: they do not make a sheet change.
_COVER_ONLY = {
    "id",
    "data_at",
    "printed_at",
    "occasion",
    "cut_since",
    "staff",
    "roster",
    "phones",
    "reach",
    "apart",
    "census_at",
    "only_in_view",
    "only_in_census",
    "prints",
}


def sheets_digest(pack: WardPack, version: str) -> str:
    """Return a digest of all that the sheets show, except the moment at which they are set.

    The horizon of a live source moves with every message of the hospital: it belongs to the cover.
    A source that falls silent, or is cut, changes the sheets: they must say so.
    """
    tree = {key: value for key, value in msgspec.to_builtins(pack).items() if key not in _COVER_ONLY}
    for source in tree["sources"]:
        source.pop("note")
        if source["state"] == "live":
            source.pop("last")
    return hashlib.sha256(version.encode() + msgspec.json.encode(tree, order="deterministic")).hexdigest()


def beds_of(pack: WardPack) -> list[BedLine]:
    """Return a line for each person whom no bed names, for nobody may be missing, then the beds of the census."""
    placed = {bed.patient for bed in pack.beds}
    homeless = [sheet for sheet in pack.patients if sheet.key not in placed]
    return [*(BedLine(id=sheet.bed, state="occupied", patient=sheet.key) for sheet in homeless), *pack.beds]


def common_data(pack: WardPack) -> dict[str, Any]:
    """Return what every template reads: words, language, and the facts of the ward."""
    words = labels(pack.language)
    head = {
        name: getattr(pack, name)
        for name in (
            "id",
            "hospital",
            "data_at",
            "printed_at",
            "exercise",
            "medication",
            "occasion",
            "cut_since",
        )
    }
    head |= {
        "ward": msgspec.to_builtins(pack.ward),
        "writing": [
            {
                **msgspec.to_builtins(place),
                "words": words.get(f"function_{place.function}", place.function),
                "where": place.name or words[f"place_{place.place}"],
                "short": place.function in RECALLED,
            }
            for place in pack.writing
        ],
    }
    return {
        "lang": pack.language,
        "labels": words,
        "pack": head,
        "pack_part": symbols.page_symbol(pack.id).removeprefix("RLV1|"),
        "symbols": {},
        "only": None,
    }


def sheets_data(
    pack: WardPack, signs_for: Callable[[PatientSheet | None], Signs], faults: dict[str, str]
) -> dict[str, Any]:
    """Return the data of `sheets.typ`; `faults` are words by key of the sheets that must not be set."""
    ward_signs = signs_for(None)
    data = ward_signs.tree(common_data(pack))
    patients = [_patient(sheet, pack, signs_for(sheet), faults.get(sheet.key)) for sheet in pack.patients]
    sources = ward_signs.tree({source.key: msgspec.to_builtins(source) for source in pack.sources})
    for key in NEEDED:  # a source nobody speaks of is one the island never receives
        sources.setdefault(key, {"key": key, "state": "never", "last": None, "label": "", "note": ""})
    data["pack"] |= ward_signs.tree(
        {
            "grid": msgspec.to_builtins(pack.grid),
            "beds": [msgspec.to_builtins(bed) for bed in beds_of(pack)],
            "shifts": [
                {
                    **msgspec.to_builtins(shift),
                    "words": shift.name or data["labels"].get(f"shift_{shift.key}", shift.key),
                }
                for shift in pack.shifts
            ],
        }
    )
    part = data["pack_part"]
    drawn: dict[str, str] = {}
    for name, pages in [
        (f"CE1|{part}", 2 + len(pack.beds) // 8),
        *((f"HO1|{part}|{shift['key']}", 2 + len(pack.patients) // 6) for shift in data["pack"]["shifts"]),
        *((sheet["sheet"], _pages_foreseen(sheet)) for sheet in patients),
    ]:
        for page in range(1, pages + 1):
            content = f"RLV1|{name}|{page}"
            drawn[content] = symbols.datamatrix(content)
    for sheet in patients:
        bars = symbols.code128(sheet["ipp"])
        if bars:
            drawn[sheet["ipp"]] = bars
    last = pack.grid[-1].at if pack.grid else pack.data_at
    return data | {
        "patients": patients,
        "sources": sources,
        "strip": list(STRIP),
        "symbols": drawn,
        "coded": bool(ward_signs.codes) or any(sheet["coded"] for sheet in patients),
        "grid_from": _on_the_hour(pack.grid[0].at) if pack.grid else pack.data_at,
        "grid_to": _on_the_hour(last, end=True),
    }


def cover_data(pack: WardPack, signs: Signs, parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the data of `cover.typ`; `parts` are name, pages and state of each document of the pack."""
    data = signs.tree(common_data(pack))
    counted = [bed.state for bed in pack.beds]
    doses = sum(_due(line) for sheet in pack.patients for line in msgspec.to_builtins(sheet.lines))
    names = (
        "sources", "phones", "staff", "roster", "reach", "apart", "census_at", "only_in_view", "only_in_census",
    )  # fmt: skip
    data["pack"] |= {name: signs.tree(msgspec.to_builtins(getattr(pack, name))) for name in names}
    drawn = {}
    for page in (1, 2, 3, 4):
        content = f"RLV1|CV1|{data['pack_part']}|{page}"
        drawn[content] = symbols.datamatrix(content)
    if pack.reach:
        drawn[data["pack"]["reach"]["address"]] = symbols.qr(pack.reach.address)
    return data | {
        "symbols": drawn,
        "parts": signs.tree(list(parts)),
        "fingerprint": _fingerprint(pack.reach.fingerprint) if pack.reach else "",
        "coded": signs.codes > 0,
        "counts": {
            "patients": len(pack.patients),
            "free": counted.count("free"),
            "closed": counted.count("closed"),
            "doses": doses,
            "pages": sum(part["pages"] for part in parts),
        },
    }


def _patient(sheet: PatientSheet, pack: WardPack, signs: Signs, fault: str | None) -> dict[str, Any]:
    """Return one person as `sheets.typ` reads her: texts in known signs, doses by column."""
    tree: dict[str, Any] = msgspec.to_builtins(sheet)
    for line, struct in zip(tree["lines"], sheet.lines, strict=True):
        cells: dict[str, list[dict[str, str]]] = {}
        outside = []
        for dose in struct.doses:
            column = column_of(dose.at, pack.grid)
            if column is None or struct.mode != "scheduled":  # no cell for it: said in words under the line
                outside.append(msgspec.to_builtins(dose))
            else:
                cells.setdefault(str(column), []).append(msgspec.to_builtins(dose))
        line |= {"cells": cells, "outside": outside}
        if struct.dose and not SAFE.match(
            struct.dose.value
        ):  # what could be misread by ten is printed as it came
            line |= {"dose": None, "dose_text": f"{struct.dose.value} {struct.dose.unit}"}
    known = labels(pack.language)
    if f"status_{sheet.identity_status}" not in known:
        tree["identity_status"] = ""
    before = signs.codes
    written: dict[str, Any] = signs.tree(tree)
    subject = sheet.ipp or sheet.visit or f"{pack.patients.index(sheet) + 1}"
    return written | {
        "key": sheet.key,
        "ipp": written["ipp"],
        "sheet": symbols.page_symbol("PT1", pack.id, subject).removeprefix("RLV1|"),
        "due": sum(map(_due, tree["lines"])),
        "fault": signs.text(fault) if fault else None,
        "coded": signs.codes > before,
        "plain": False,
        "blank_rows": _blank_rows(written, known["units"]),
    }


def _blank_rows(sheet: dict[str, Any], units: dict[str, Any]) -> int:
    """Return how many empty rows of the grid still fit on the page: one too many costs the ward a leaf."""
    rows = ROWS_MM - ALLERGY_LINE_MM * (
        sum(len(item["text"]) + 2 for item in sheet["allergies"]["items"]) // ALLERGY_LINE_CHARACTERS
    )
    air = 2.0 if len(sheet["lines"]) < 12 else 0.4
    for line in sheet["lines"]:
        unit = units.get(line["dose"]["unit"], line["dose"]["unit"]) if line["dose"] else ""
        said = unit if isinstance(unit, str) else unit[-1]
        dose = line["dose_text"] or (f"{line['dose']['value']} {said}" if line["dose"] else "?" * 18)
        head = (
            len(line["name"])
            + len(dose)
            + (9 if line["high_alert"] else 2)
            + (22 if line["dose_text"] else 0)
        )
        parts = (line["form"], line["route"], line["schedule"], line["note"], "x" * 22 if line["end"] else "")
        rest = sum(len(text) + 3 for text in parts if text) + 20 * len(line["outside"])
        words = air + 4.8 * -(-head // 34) + 3.5 * max(1, -(-rest // 45))
        wide = 0 if line["cells"] else (13 if line["blanks"] else 7) + 4 * (len(line["mode_words"]) // 60)
        rows -= max(words, wide)
    if rows < 0:  # the lines go on overleaf, where there is room
        return 8
    return int(rows // BLANK_ROW_MM)


def _due(line: dict[str, Any]) -> int:
    """Return how many doses of a line wait for a signature."""
    return sum(dose["state"] in ("planned", "untraced") for dose in line["doses"])


def _pages_foreseen(sheet: dict[str, Any]) -> int:
    """Return for how many pages of a sheet to draw a symbol; a page beyond says that it has none."""
    recto = 1 + len(sheet["results"]) // 9 + (len(sheet["pending"]) + len(sheet["plan"] or ())) // 12
    text = sum(len(result["value"]) + len(result["note"]) for result in sheet["results"]) // 1500
    verso = 1 + len(sheet["lines"]) // 9
    return int(recto + text + verso + 1)


def _on_the_hour(column: str, *, end: bool = False) -> str:
    """Return the local time at which a column starts, or at which the last one ends."""
    if not end:
        return f"{column[:13]}:00{column[13:]}"
    # A grid ends at the hour of the wall at which it started: plain arithmetic on the wall is right here.
    after = datetime.fromisoformat(f"{column[:13]}:00") + timedelta(hours=1)
    return f"{after:%Y-%m-%dT%H:%M}"


def _fingerprint(fingerprint: str) -> str:
    """Return a fingerprint by groups of four, two lines, which an eye can compare."""
    plain = fingerprint.replace(":", "").replace(" ", "").upper()
    groups = [plain[n : n + 4] for n in range(0, len(plain), 4)]
    return "\n".join(" ".join(groups[n : n + 8]) for n in range(0, len(groups), 8))
