"""The formulary, limits and protocols of the demonstration hospital, as the CSV files a real one would supply.

Doses and limits are plausible, not advice.
"""

import re

from releve.exercise.formulary import FORMULARY, Drug

__all__ = ["formulary_files"]

_LIMITS = """
paracétamol;g;;15;;1;;4;;Livret de Valombre 2026
paracétamol;mg;;;15;;15;;60;Livret de Valombre 2026
morphine;mg;SC;15;;10;;60;;Livret de Valombre 2026
morphine;mg;PO;15;;60;;;;Livret de Valombre 2026
kétoprofène;mg;;15;;100;;300;;Livret de Valombre 2026
amoxicilline;mg;;;15;;50;;100;Livret de Valombre 2026
gentamicine;mg;;15;;;8;;8;Livret de Valombre 2026
furosémide;mg;;15;;250;;1000;;Livret de Valombre 2026
digoxine;mg;;;;0.25;;0.25;;Livret de Valombre 2026
""".strip()

# Protocol, name, drug of the booklet, dose, route.
_PROTOCOLS = (
    ("DOULEUR-ADULTE", "Douleur de l’adulte, palier 1 et 2", "paracetamol", "1 g /6 3j", "PO"),
    ("DOULEUR-ADULTE", "Douleur de l’adulte, palier 1 et 2", "nefopam", "20 mg /6?si douleur 3j", "IV"),
    ("DOULEUR-ADULTE", "Douleur de l’adulte, palier 1 et 2", "ondansetron", "4 mg /8?si nausées 3j", "IV"),
    ("OAP", "Œdème aigu du poumon", "furosemide-iv", "40 mg 1x", "IV"),
    ("OAP", "Œdème aigu du poumon", "enoxa-prev", "4000 UI 20 7j", "SC"),
    ("ASTHME", "Crise d’asthme", "salbutamol", "5 mg /6 2j", "IH"),
    ("ASTHME", "Crise d’asthme", "ipratropium", "0.5 mg 8,14,20 2j", "IH"),
    ("ASTHME", "Crise d’asthme", "methylpred", "60 mg 8 3j", "IV"),
)  # fmt: skip


def formulary_files() -> dict[str, bytes]:
    """Return `formulary.csv`, `limits.csv` and `protocols.csv`."""
    drugs = "\r\n".join(_row(drug) for drug in FORMULARY.values())
    protocols = "\r\n".join(
        ";".join((code, name, _code(FORMULARY[key]), dose, route, ""))
        for code, name, key, dose, route in _PROTOCOLS
    )
    heads = {
        "formulary.csv": ("code;system;label;substance;class;form;unit;routes;usual;note;high_alert", drugs),
        "limits.csv": (
            "substance;unit;route;age_from_years;age_below_years;dose_max;dose_max_per_kg;day_max;day_max_per_kg;source",
            _LIMITS.replace("\n", "\r\n"),
        ),
        "protocols.csv": ("code;name;drug;usual;route;note", protocols),
    }
    return {name: f"{head}\r\n{rows}\r\n".encode("utf-8-sig") for name, (head, rows) in heads.items()}


def _code(drug: Drug) -> str:
    return drug.give.partition("^")[0]


def _plain(text: str) -> str:
    """Return a text without HL7's escapes, as a cell holds it."""
    for escape, sign in (("\\T\\", "&"), ("\\F\\", "|"), ("\\S\\", "^"), ("\\R\\", "~")):
        text = text.replace(escape, sign)
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in ';"') else text


def _row(drug: Drug) -> str:
    atc = drug.give.split("^")[3]
    substance = re.split(r"\s+(?:LP\s+)?\d", drug.label, maxsplit=1)[0].replace(" & ", " ").casefold()
    form = drug.form.split("^")[1]
    route = drug.route.partition("^")[0]
    if drug.when:
        schedule = f"?{_plain(drug.when).strip(chr(34))}"
    elif drug.every:
        schedule = f"/{drug.every}"
    elif drug.hours:
        schedule = ",".join(map(str, drug.hours))
    else:
        schedule = f"@{drug.rate}"
    usual = f"{drug.dose} {drug.unit} {schedule} {drug.days}j"
    cells = (
        _code(drug), "local", drug.label, substance, atc, form, drug.unit, route, usual, _plain(drug.words),
        "oui" if drug.alert else "",
    )  # fmt: skip
    return ";".join(cell if cell.startswith('"') else _plain(cell) for cell in cells)
