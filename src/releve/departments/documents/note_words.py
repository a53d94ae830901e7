"""What the pages of notes say: kinds of note, why one was refused."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from releve.departments.documents.note_rules import TEXT_BYTES_MAX, Refusal
from releve.web import words

__all__ = ["KIND_LABELS", "refusal_text"]

KIND_LABELS = {
    "nursing": gettext_lazy("Nursing note"),
    "medical": gettext_lazy("Medical note"),
    "consultation": gettext_lazy("Consultation"),
    "operation": gettext_lazy("Operation report"),
    "discharge": gettext_lazy("Discharge letter"),
}


def refusal_text(refusal: Refusal, language: str) -> str:
    """Return the sentence of a refusal."""
    match refusal.code:
        case "long":
            return _("The text takes %(size)s KB, and at most %(most)s fit: part it into two notes.") % {
                "size": words.count(-(-refusal.size // 1000), language),
                "most": words.count(TEXT_BYTES_MAX // 1000, language),
            }
        case "untouched":
            return _("Nothing is written under the headings yet.")
        case _:
            return _("Write the note first.")
