"""What is stated about a person here: allergies, alerts, problems. Pure.

Source: FHIR R4 AllergyIntolerance, Flag, Condition.
"""

from typing import Literal

from releve.record.acts import CareAct

__all__ = ["AlertStated", "AllergyStatedHere", "ProblemStatedHere"]


class AllergyStatedHere(CareAct, frozen=True, kw_only=True, tag="allergy.stated.1"):
    """An allergy as somebody stated it, "asked, none known", or a statement withdrawn with its reason."""

    state: Literal["stated", "none-known", "removed"]
    label: str = ""
    code: str = ""  # of the statement that is withdrawn
    system: str = ""
    reaction: str = ""
    severity: Literal["", "SV", "MO", "MI"] = ""  # HL7 table 0128
    source_of: str = ""  # who said it: patient, family, record…
    reason: str = ""
    row: str = ""  # the statement that is withdrawn, as the views name it: others that say the same stand


class AlertStated(CareAct, frozen=True, kw_only=True, tag="alert.raised.1"):
    """An alert for everyone at the bedside, raised or ended."""

    code: str
    label: str
    strong: bool = False
    status: Literal["active", "ended"] = "active"
    row: str = ""  # of an end: the alert that ends, as the views name it


class ProblemStatedHere(CareAct, frozen=True, kw_only=True, tag="problem.stated.1"):
    """A problem or diagnosis, or its end."""

    label: str
    status: Literal["active", "resolved"] = "active"
    row: str = ""  # of an end: the statement that ends, as the views name it
