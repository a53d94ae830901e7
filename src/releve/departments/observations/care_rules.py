"""Who plans care, who charts it, and what is refused. Pure.

Source: Code de la santé publique, R4311-3 and R4311-5 (nurses plan and do), R4311-4 (with care assistants).
"""

from releve.departments.observations.rules import CHARTERS
from releve.web.refusal import Refusal

__all__ = ["EVERY", "PLANNERS", "TEXT_CHARS_MAX", "refuse_done", "refuse_plan", "refuse_stop"]

PLANNERS = frozenset({"nurse", "midwife", "physician"})
DOERS = CHARTERS
# How often, as nurses say it; in hours where a number says it.
EVERY: dict[str, float | None] = {
    "shift": None, "day": 24.0, "hours-2": 2.0, "hours-4": 4.0, "hours-6": 6.0, "needed": None, "once": None,
}  # fmt: skip
TEXT_CHARS_MAX = 200


def refuse_plan(*, role: str, problem: str, action: str, every: str) -> tuple[Refusal, ...]:
    """Return why this is not planned, each at its field."""
    if role not in PLANNERS:
        return (Refusal(code="not-planner"),)
    found = []
    if not problem.strip():
        found.append(Refusal(code="no-problem", field="problem"))
    if not action.strip():
        found.append(Refusal(code="no-action", field="action"))
    if every not in EVERY:
        found.append(Refusal(code="no-rhythm", field="every"))
    return tuple(found)


def refuse_done(*, role: str, stopped: bool, done: bool, reason: str) -> Refusal | None:
    """Return why this is not charted: what was not done says why."""
    if role not in DOERS:
        return Refusal(code="not-doer")
    if stopped:
        return Refusal(code="care-stopped")
    if not done and not reason.strip():
        return Refusal(code="why-not", field="reason")
    return None


def refuse_stop(*, role: str, stopped: bool, reached: bool, reason: str) -> Refusal | None:
    """Return why it does not end: an action is given up for a reason, or because its goal is reached."""
    if role not in PLANNERS:
        return Refusal(code="not-planner")
    if stopped:
        return Refusal(code="care-stopped")
    if not reached and not reason.strip():
        return Refusal(code="why-stop", field="reason")
    return None
