"""The words of a dose: why it was not given, why it is refused, what is asked before it is recorded."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

__all__ = ["ASKS", "REASON_SHORT", "REASON_WORDS", "REFUSALS"]

REASON_WORDS = {
    "refused": _("The patient refused"),
    "absent": _("Away: examination, theatre, leave"),
    "fasting": _("Fasting"),
    "vomiting": _("Vomits, or cannot swallow"),
    "no-access": _("No venous access"),
    "not-available": _("Drug not on the ward"),
    "measured": _("A measurement forbids it: pulse, pressure, glucose, potassium"),
    "on-hold": _("The prescriber said to wait"),
    "asleep": _("Asleep, not woken"),
    "other": pgettext_lazy("reason", "Other: say it in words"),
}

REFUSALS = {
    "not-your-role": _("Nurses, midwives and physicians record doses. Tell one of them."),
    "dose-missing": _("Write the dose that was given."),
    "dose-figure": _("A figure above zero, such as 20 or 2,5."),
    "unit-missing": _("Write the unit: mg, mL, units…"),
    "other-product": _("This product is not the one of this line. Nothing is recorded."),
    "second-is-first": _("The second person must be somebody else."),
    "second-may-not": _("The second person is a nurse, a midwife or a physician."),
    "second-or-alone": _("Two people: badge and code of the second one, or why nobody is there."),
    "reason-missing": _("Choose why it was not given."),
    "reason-words": _("Say why in words."),
    "not-charted-here": _("This dose was charted elsewhere: it is put right there."),
    "corrected-meanwhile": _("Somebody has put it right meanwhile: read what it says now, then send again."),
    "status-missing": _("Choose what was really done."),
    "why-missing": _("Say why it is put right."),
}

# What is asked once before a dose is recorded.
ASKS = {
    "charted": _("This dose is already charted. A second one was really given too?"),
    "changed": _("The prescription changed since this page was opened. Read the line again."),
    "not-active": _("This line is no longer active."),
    "ended": _("The end that was prescribed has passed."),
    "too-soon": _("Sooner than the shortest interval prescribed."),
    "early": _("More than one hour before its time."),
    "more": _("More than prescribed."),
    "less": _("Less than prescribed: it will be charted as given in part."),
    "unread": _("The dose prescribed is in words: nothing compared it."),
    "uncompared": _("The line names no product number: nothing compared this product, read its label."),
    "expired": _("This product has expired."),
}

# As a cell of the grid has room for.
REASON_SHORT = {
    "refused": pgettext_lazy("slot", "refused"),
    "absent": pgettext_lazy("slot", "away"),
    "fasting": pgettext_lazy("slot", "fasting"),
    "vomiting": pgettext_lazy("slot", "vomits"),
    "no-access": pgettext_lazy("slot", "no vein"),
    "not-available": pgettext_lazy("slot", "no drug"),
    "measured": pgettext_lazy("slot", "measure"),
    "on-hold": pgettext_lazy("slot", "on hold"),
    "asleep": pgettext_lazy("slot", "asleep"),
}
