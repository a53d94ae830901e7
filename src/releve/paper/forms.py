"""The blank forms of a pack: what a hand writes when no screen answers, and what a scanner reads back.

A form is data; `typst/forms.typ` is only the layout engine, and prints where each zone lies (`typeset.zones`).
A number is printed once, ever: the caller takes it from a range reserved for the island (`FormNumbers`) and
records it (`facts.FormNumbersTaken`) before the press starts.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from releve.codecs.identifiers.made_here import form_number
from releve.paper.catalogue import Catalogue, catalogue
from releve.paper.form_catalogue import AUTHOR, FORMS, PATIENT

__all__ = ["FORMS", "FormCopy", "FormNumbers", "copies", "form_specs", "usual_counts"]


class FormCopy(msgspec.Struct, frozen=True, kw_only=True):
    """One copy to print: the form, its number, and the hospital number it reserves for an admission."""

    code: str
    number: str
    reserved_ipp: str = ""


class FormNumbers(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers reserved for this island: `prefix`, `first` to `last` as six digits, two check digits.

    >>> numbers, left = FormNumbers(prefix="3B", first=417, last=999).take(1)
    >>> numbers, left.first
    (('3B-000417-40',), 418)
    """

    prefix: str
    first: int
    last: int

    def take(self, count: int) -> tuple[tuple[str, ...], "FormNumbers"]:
        """Return `count` numbers and the range that is left.

        Raises:
            ValueError: fewer numbers are left.
        """
        if count < 0 or self.first + count - 1 > self.last:
            raise ValueError(f"form numbers: expected at most {self.last - self.first + 1} to take")
        taken = tuple(form_number(self.prefix, n) for n in range(self.first, self.first + count))
        return taken, msgspec.structs.replace(self, first=self.first + count)


def copies(
    counts: Mapping[str, int], numbers: FormNumbers, reserved_ipps: tuple[str, ...] = ()
) -> tuple[tuple[FormCopy, ...], FormNumbers]:
    """Return numbered copies, `counts` of each form code in the order of `FORMS`, and the numbers left.

    Raises:
        ValueError: a code that does not exist, too few numbers, too few reserved hospital numbers.
    """
    unknown = set(counts) - {form.code for form in FORMS}
    if unknown:
        raise ValueError("form codes: expected codes of FORMS")
    taken, left = numbers.take(sum(counts.values()))
    supply, ipps = iter(taken), iter(reserved_ipps)
    made = []
    for form in FORMS:
        for _copy in range(counts.get(form.code, 0)):
            ipp = ""
            if form.reserves_ipp:
                try:
                    ipp = next(ipps)
                except StopIteration:
                    raise ValueError(
                        "reserved hospital numbers: expected one for each admission form"
                    ) from None
            made.append(FormCopy(code=form.code, number=next(supply), reserved_ipp=ipp))
    return tuple(made), left


def usual_counts(patients: int) -> dict[str, int]:
    """Return how many of each form a ward needs for about half a day without screens."""
    half = -(-patients // 2)
    return {
        "ADM1": max(2, -(-patients // 8)),
        "RX1": max(4, half),
        "OBS1": max(2, patients),
        "LAB1": max(4, half),
        "IMG1": max(2, -(-patients // 6)),
        "NOTE1": max(4, half),
    }


def form_specs(language: str) -> dict[str, Any]:
    """Return the forms of a language as `typst/forms.typ` wants them: by code, with the parts they share."""
    words = catalogue(language)
    return {
        "forms": {form.code: _translated(msgspec.to_builtins(form), words) for form in FORMS},
        "patient_fields": _translated(msgspec.to_builtins(PATIENT), words),
        "author_section": _translated(msgspec.to_builtins(AUTHOR), words),
    }


_WORDED = {"label", "title", "help", "head", "time", "unit"}


def _translated(value: Any, words: Catalogue) -> Any:
    """Return the tree with every label in the catalogue's language."""
    if isinstance(value, dict):
        return {
            key: words.text(item) if key in _WORDED and item else _translated(item, words)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_translated(item, words) for item in value]
    return value
