"""Medicines that two people check. Pure.

Words looked for in the label, from the French list of events that must never happen (2024): anticoagulants,
injectable potassium, insulin, oral methotrexate, anticancer drugs, opioids by pump, colchicine, methadone,
intravenous lidocaine. A hospital's own list replaces it (part B); this one only adds a mark, it never removes one.
"""

from releve.record.identity import search_letters

__all__ = ["is_high_alert"]

WORDS = (
    "INSULIN", "HEPARIN", "ENOXAPARIN", "TINZAPARIN", "FONDAPARINUX", "WARFARIN", "FLUINDIONE", "APIXABAN",
    "RIVAROXABAN", "DABIGATRAN", "CHLORUREDEPOTASSIUM", "POTASSIUMCHLORURE", "METHOTREXATE", "VINCRISTINE",
    "FLUOROURACILE", "COLCHICINE", "METHADONE", "LIDOCAINEIV", "MORPHINE", "FENTANYL", "OXYCODONE", "NORADRENALINE",
    "ADRENALINE", "AMIODARONEIV", "DIGOXINE",
)  # fmt: skip


def is_high_alert(label: str | None) -> bool:
    """Tell whether a label names a medicine that two people check.

    >>> is_high_alert("Chlorure de potassium 10 %"), is_high_alert("Paracétamol 1 g")
    (True, False)
    """
    letters = search_letters(label).replace(" ", "")
    return any(word in letters for word in WORDS)
