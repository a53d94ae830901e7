"""What pages show of a plan being made: asked for, how far, or why there is none."""

from typing import Any

from django.utils.translation import gettext

from releve.restoration.making.runtime_files import read_state
from releve.restoration.pages.sentences import FAILURES
from releve.restoration.pages.tried_words import tried_words
from releve.restoration.standing.now import RestorationNow
from releve.web.database import data_folder

__all__ = ["SECONDS", "planning_context"]

# For how long a plan may be looked for: what a person waits for, and what a night gives.
SECONDS = (("30", "30\u00a0s"), ("120", "2\u00a0min"), ("600", "10\u00a0min"))


def planning_context(now: RestorationNow) -> dict[str, Any]:
    """Return what the templates need: the request that waits, how far it is, the last failure."""
    waiting = now.running
    failed = now.last_failure if waiting is None else None
    state = read_state(data_folder()) if waiting is not None else None
    own = state is not None and state.asked == (waiting.id if waiting is not None else "")
    steps = {
        "plan": gettext("looking for the order that loses the least care"),
        "bound": gettext("proving how far any plan could go"),
        "forecast": gettext("living through it two thousand times"),
    }
    return {
        "waiting": waiting,
        "trying": tried_words(waiting.what_if or "", now.case) or waiting.label
        if waiting is not None
        else "",
        "seconds": SECONDS,
        "percent": round(100 * state.done) if state is not None and own else 0,
        "step": steps.get(state.step, gettext("reading the catalogue")) if state is not None and own else "",
        "failed": failed,
        "failed_words": FAILURES.get(failed.failed or "", FAILURES["broke"]) if failed is not None else "",
    }
