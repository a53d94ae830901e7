"""What the pages are called in the audit: it keeps the name of an address, which nobody who reads it has ever seen."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

__all__ = ["page_words"]

_NAMED = {
    "account-file": _("account of the downtime"),
    "account-late": _("acts recorded late"),
    "admit-known": _("admission of a known person"),
    "admit-newborn": _("admission of a newborn"),
    "audit-export": _("audit"),
    "audit-review": _("review of a page beyond wards"),
    "bed": pgettext_lazy("page", "bed"),
    "bed-labels": _("labels of beds"),
    "beds": _("beds of a ward"),
    "care-plan": _("care plan"),
    "duplicates": _("duplicates"),
    "feed-entry": _("message as received"),
    "find": pgettext_lazy("page", "search"),
    "handover": _("hand-over of a ward"),
    "handover-file": _("hand-over of a ward"),
    "handover-take": _("hand-over of a ward"),
    "handover-write": _("words for the next shift"),
    "identity-correct": _("correction of an identity"),
    "label-file": _("labels of a patient"),
    "labels": _("labels of a patient"),
    "line": _("line of treatment"),
    "line-change": _("line of treatment"),
    "note": pgettext_lazy("page", "note"),
    "note-file": pgettext_lazy("page", "note"),
    "note-print": pgettext_lazy("page", "note"),
    "note-write": pgettext_lazy("page", "note"),
    "notes": pgettext_lazy("page", "notes"),
    "observations": _("vital signs"),
    "observations-chart": _("vital signs"),
    "observations-correct": _("vital signs"),
    "observations-fluid": _("fluid balance"),
    "pack-document": _("pack of a ward"),
    "packs-forms": _("forms of a pack"),
    "packs-print": _("packs"),
    "patient": _("overview of a patient"),
    "patient-document": _("document of a patient"),
    "patient-document-file": _("document of a patient"),
    "patient-dose": _("charting of a dose"),
    "patient-dose-correct": _("charting of a dose"),
    "patient-dose-scan": _("charting of a dose"),
    "patient-grid": _("24-hour grid"),
    "patient-identity": _("identity and movements"),
    "patient-results": _("results"),
    "patient-sheet": _("sheet of a patient"),
    "patient-sheet-file": _("sheet of a patient"),
    "patient-timeline": _("timeline"),
    "prescribe": _("prescription"),
    "reconcile": _("lines of before the switch"),
    "scan": _("reading of a label"),
    "statements": _("allergies, alerts, problems"),
    "stay": _("stay and bed"),
    "stay-movement": _("movement of a stay"),
    "ward": _("board of a ward"),
    "ward-doses": _("doses to give in a ward"),
    "ward-live": _("board of a ward"),
    "ward-sheet": _("sheet of a ward"),
    "ward-sheet-file": _("sheet of a ward"),
    "ward-to-sign": _("lines to sign in a ward"),
}
# Where nobody's record lies one word for all of the room is enough.
_ROOMS = (
    ("restoration", _("restoration")),
    ("fleet", _("fleet of machines")),
    ("island", _("islands")),
    ("pack", _("packs")),
    ("audit", _("audit")),
    ("account", _("accounts")),
    ("admit", _("admission")),
)


def page_words(name: str) -> str:
    """Return what people call a page of the audit; its own name when it has no other."""
    found = _NAMED.get(name) or next((words for start, words in _ROOMS if name.startswith(start)), name)
    return str(found)
