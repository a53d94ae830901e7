"""Which template an application of a hospital is taken for: by its name, else by its care functions. Pure."""

import re
from typing import Literal

import msgspec

from releve.hospital.map import Application
from releve.hospital.spreadsheet import fold_name
from releve.restoration.catalogue.templates.care import CARE
from releve.restoration.catalogue.templates.ground import GROUND
from releve.restoration.catalogue.templates.offices import BATCH, OFFICES, OTHER
from releve.restoration.catalogue.templates.shared import SHARED
from releve.restoration.catalogue.templates.template import Template

__all__ = ["TEMPLATES", "Match", "match", "template_of"]

TEMPLATES: tuple[Template, ...] = (*GROUND, *SHARED, *CARE, *OFFICES)
_BY_CODE = {template.code: template for template in (*TEMPLATES, BATCH, OTHER)}
_WHOLE_WORD_SIGNS = 4  # a word this short must stand alone: “ris” is not in “tarification”


class Match(msgspec.Struct, frozen=True):
    """The template an application was taken for, and by what: `other` when nothing fits."""

    template: Template
    by: Literal["name", "care-function", "other"]


def template_of(code: str) -> Template:
    """Return the template of this code.

    Raises:
        KeyError: there is none.
    """
    return _BY_CODE[code]


def match(application: Application) -> Match:
    """Return the template of an application: the longest word of its name or code among those of its functions first.

    A word of a template none of whose functions the application has counts only when the map names no function.
    """
    if application.code in _BY_CODE:
        return Match(_BY_CODE[application.code], "name")
    functions = set(application.care_functions)
    said = " ".join(fold_name(text).replace("_", " ") for text in (application.code, application.name))
    best: tuple[int, Template] | None = None
    for template in TEMPLATES:
        if functions and not functions.intersection(template.functions):
            continue
        for word in template.words:
            if _stands(word, said) and (best is None or len(word) > best[0]):
                best = (len(word), template)
    if best is not None:
        return Match(best[1], "name")
    fitting = [template for template in TEMPLATES if functions.intersection(template.functions)]
    if not fitting:
        return Match(OTHER, "other")
    # Most functions in common, fewest beside: a template made for one function before one that does many.
    closest = max(
        fitting, key=lambda each: len(functions & set(each.functions)) / len(functions | set(each.functions))
    )
    return Match(closest, "care-function")


def _stands(word: str, said: str) -> bool:
    end = r"\b" if len(word) <= _WHOLE_WORD_SIGNS else ""
    return re.search(rf"\b{re.escape(word)}{end}", said) is not None
