"""Two scans: the wristband opens a person's doses, the product chooses the one it is for. Nothing is recorded here."""

from collections.abc import Sequence

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from releve.bedside.dose_desk import Waiting, dose_handle
from releve.bedside.medication import MedLine
from releve.codecs.gs1 import Product, Unreadable, read_product
from releve.departments.prescribing.formulary_now import formulary_in_force
from releve.record.identity import search_letters
from releve.web.opaque import open_handle, seal
from releve.web.templatetags.releve import recent

__all__ = ["Chosen", "choose", "is_line_of", "product_of", "wristband_read", "wristband_token"]

WRISTBAND_MS = 10 * 60_000  # how long a wristband that was read stands for the patient being there

UNREADABLE = {
    "not-a-product": gettext_lazy("This is no product code. Read the square symbol of the pack again."),
    "separator-missing": gettext_lazy(
        "The scanner loses the separator: lot and serial number cannot be told apart. Choose the dose by hand."
    ),
    "check-digit": gettext_lazy("One digit was misread. Read it again."),
    "date": gettext_lazy("The expiry date of this symbol does not exist. Choose the dose by hand."),
}


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """What a product scan led to: one dose, or why none."""

    product: Product | None = None
    dose: str = ""  # handle of the dose
    wrong: str = ""  # in words; nothing was recorded
    otherwise: str = ""  # handle of the line's next dose, to be chosen knowingly


def product_of(text: str) -> tuple[Product | None, str]:
    """Return the product of a scan, or None and why in words."""
    try:
        return read_product(text), ""
    except Unreadable as error:
        return None, str(UNREADABLE[error.args[0]])


def is_line_of(code: str, label: str, product: Product) -> bool | None:
    """Tell whether a product is that of a line: by its number, or by the formulary's label of it.

    None: neither the line nor the formulary names a number, so that nothing can be compared.
    """
    if code and code == product.number:
        return True
    formulary = formulary_in_force()
    known = [drug for drug in formulary.drugs if drug.code == product.number] if formulary is not None else []
    if any(search_letters(drug.label) == search_letters(label) for drug in known):
        return True
    return False if known or (len(code) == 13 and code.isdigit()) else None


def choose(text: str, lines: Sequence[MedLine], waiting: Sequence[Waiting]) -> Chosen:
    """Return the dose that a product is for: the first that waits, else one "as needed"; or why there is none."""
    product, wrong = product_of(text)
    if product is None:
        return Chosen(wrong=wrong)
    mine = [
        line
        for line in lines
        if line.running and is_line_of(line.row.code or "", line.row.label or "", product)
    ]
    if not mine:
        number = product.number
        return Chosen(
            product=product,
            wrong=_("No line of this patient has this product (%(number)s). Nothing is recorded.")
            % {"number": number},
        )
    rows = {line.row.id for line in mine}
    for one in waiting:
        if one.line.row.id in rows:
            return Chosen(product=product, dose=one.handle)
    for line in mine:
        if line.status == "active" and (line.row.as_needed or not (line.times or line.row.interval_hours)):
            return Chosen(product=product, dose=dose_handle(line.row.id, None))
    line = mine[0]
    label = line.row.label or ""
    if line.status != "active":
        wrong = _("%(drug)s is not active: it is not to be given. Nothing is recorded.") % {"drug": label}
        return Chosen(product=product, wrong=wrong)
    if line.next is None:
        return Chosen(
            product=product, wrong=_("%(drug)s: no dose is due. Nothing is recorded.") % {"drug": label}
        )
    return Chosen(
        product=product,
        wrong=_("%(drug)s: no dose is due now, the next one is at %(hour)s. Nothing is recorded.")
        % {"drug": label, "hour": recent(line.next.at)},
        otherwise=dose_handle(line.row.id, line.next.at),
    )


def wristband_token(person: str, now_ms: int) -> str:
    """Return what says for ten minutes that this person's wristband was read at this screen."""
    return seal(f"{now_ms}|{person}", "wristband")


def wristband_read(token: str, person: str, now_ms: int) -> bool:
    """Tell whether the token was made for this person less than ten minutes ago."""
    at, _bar, whose = (open_handle(token, "wristband") or "").partition("|")
    return whose == person and at.isdigit() and 0 <= now_ms - int(at) <= WRISTBAND_MS
