"""The words of the fleet: states, kinds, and every sentence of a refusal."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import npgettext, pgettext_lazy

from releve.restoration.fleet.facts import MachineKind, State

__all__ = [
    "KIND_WORDS",
    "REFUSALS",
    "STATE_WORDS",
    "STEP_WORDS",
    "counted_kind",
    "refusal_text",
    "state_word",
]

STATE_WORDS: dict[State, Any] = {
    "suspect": pgettext_lazy("machine", "suspect"),
    "isolated": pgettext_lazy("machine", "isolated"),
    "collected": pgettext_lazy("machine", "collected"),
    "wiped": pgettext_lazy("machine", "wiped"),
    "reimaged": pgettext_lazy("machine", "re-imaged"),
    "checked": pgettext_lazy("machine", "checked"),
    "returned": pgettext_lazy("machine", "returned"),
}
# What one presses: the step is done now.
STEP_WORDS: dict[State, Any] = {
    "suspect": pgettext_lazy("step of a machine", "Suspect"),
    "isolated": _("Isolated (off the network)"),
    "collected": _("Collected (at the workshop)"),
    "wiped": _("Wiped"),
    "reimaged": _("Re-imaged"),
    "checked": _("Checked by the scanner"),
    "returned": _("Returned to its ward"),
}
KIND_WORDS: dict[MachineKind, Any] = {
    "workstation": pgettext_lazy("machine", "workstation"),
    "server": pgettext_lazy("machine", "server"),
    "printer": pgettext_lazy("machine", "printer"),
    "other": pgettext_lazy("machine", "other machine"),
}

REFUSALS: dict[str, Any] = {
    "not-your-role": _("Only the information systems and the crisis cell record steps of machines."),
    "no-machine": _("Choose at least one machine."),
    "too-many": _("Too many machines for one act: make two batches."),
    "no-step": _("Choose a step."),
    "image-unreadable": _("A SHA-256 has 64 hexadecimal digits: copy it whole from the imaging tool."),
    "in-the-future": _("This hour has not come yet."),
    "too-old": _("More than 120 days ago: check the date."),
    "reason-long": _("300 signs at most."),
    "done-and-skipped": _("A step was done or was not: choose one."),
    "not-listed": _("This machine is not on the list: add it first."),
    "two-reports": _("Two reports stand side by side: settle them first."),
    "settle-reason": _("Say in one sentence how you know which report is right."),
    "already": _("It is recorded so already."),
    "back-reason": _("It goes back: say why in one sentence."),
    "steps-between": _("Steps lie between: say of each whether it was done."),
    "skip-reason": _("A step was not done: say why in one sentence."),
    "no-evidence": _("Not without evidence: give the SHA-256 of its image and the scanner’s report."),
    "no-image": _("Not without evidence: give the SHA-256 of its image."),
    "no-report": _("Not without evidence: attach the scanner’s report."),
    "nothing-to-withdraw": _("This step is taken back already."),
    "withdraw-reason": _("Say in one sentence why the step is not true."),
    "no-name": _("Give the batch a name."),
    "report-large": _("The report is too large: 10 MB at most."),
    "list-large": _("The list is too large: 8 MB at most."),
    "no-file": _("Choose a file."),
    "tag-shape": _("Letters, digits, “.”, “_”, “/” or “-”, 40 signs at most, without spaces."),
    "tag-known": _("A machine with this tag is on the list already."),
    "ward-unknown": _("This ward is not on the map."),
}


def counted_kind(kind: MachineKind, number: int) -> str:
    """Return what so many machines of a kind are called, without the number."""
    if kind == "workstation":
        return npgettext("counted machines", "workstation", "workstations", number)
    if kind == "server":
        return npgettext("counted machines", "server", "servers", number)
    if kind == "printer":
        return npgettext("counted machines", "printer", "printers", number)
    return npgettext("counted machines", "other machine", "other machines", number)


def refusal_text(code: str) -> str:
    """Return why not, in words."""
    return str(REFUSALS[code])


def state_word(state: str | None) -> str:
    """Return a state in words; nothing was said of the machine yet: in words too."""
    found = STATE_WORDS.get(state or "")  # type: ignore[call-overload]
    return str(found if found is not None else _("nothing said yet"))
