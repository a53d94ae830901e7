"""What this room's acts say in the account of a downtime: titles, words, FHIR resources, by kind of entry."""

from releve.departments.prescribing.dose_account import DOSE_RESOURCES, DOSE_TITLES, DOSE_WORDS
from releve.departments.prescribing.line_account import LINE_RESOURCES, LINE_TITLES, LINE_WORDS

__all__ = ["RESOURCES", "TITLES", "WORDS"]

TITLES = {**LINE_TITLES, **DOSE_TITLES}
WORDS = {**LINE_WORDS, **DOSE_WORDS}
RESOURCES = {**LINE_RESOURCES, **DOSE_RESOURCES}
