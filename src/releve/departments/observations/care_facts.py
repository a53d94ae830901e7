"""What nurses plan for one person, and what was done of it, shift by shift. Pure.

Source: FHIR R4 CarePlan (activity.detail), Goal, Procedure; Code de la santé publique, R4311-3 (the nurse plans her own
care).
"""

from releve.record.acts import CareAct

__all__ = ["CareDone", "CarePlanned", "CareStopped"]


class CarePlanned(CareAct, frozen=True, kw_only=True, tag="care.planned.1"):
    """One action of nursing care, for a problem or a goal; `every` is a code of `care_rules.EVERY`."""

    problem: str
    goal: str = ""
    action: str
    every: str


class CareDone(CareAct, frozen=True, kw_only=True, tag="care.done.1"):
    """What became of a planned action in one shift ("2026-11-21/night"). `care` is its row, "PERSON/ACT"."""

    care: str
    action: str  # for lone readers
    shift: str
    done: bool
    reason: str = ""  # why not done
    note: str = ""


class CareStopped(CareAct, frozen=True, kw_only=True, tag="care.stopped.1"):
    """A planned action that ends: the goal is reached, or why it is given up."""

    care: str
    action: str
    reached: bool = False
    reason: str = ""
