"""What a criticism tells beside its code: moments, quantities with their unit, lines of the case. Pure."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal

import msgspec

__all__ = [
    "Fact", "ListName", "Moment", "Named", "Quantity", "Unit", "care_a_day", "care_of", "count", "figure", "hours",
    "in_words", "people", "the", "these",
]  # fmt: skip

ListName = Literal["applications", "calendars", "people", "resources", "services", "skills", "tasks"]
Unit = Literal["hour", "person", "unit", "time", "application", "task", "service", "care", "care/day"]

_DAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
_MONTHS = (
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
)  # fmt: skip
# One of it and several; of care a sentence says itself that it is care.
_UNITS: dict[Unit, tuple[str, str]] = {
    "hour": ("hour", "hours"),
    "person": ("person", "people"),
    "unit": ("unit", "units"),
    "time": ("time", "times"),
    "application": ("application", "applications"),
    "task": ("task", "tasks"),
    "service": ("care function", "care functions"),
}
_FRENCH_UNITS: dict[Unit, tuple[str, str]] = {
    "hour": ("heure", "heures"),
    "person": ("personne", "personnes"),
    "unit": ("unité", "unités"),
    "time": ("fois", "fois"),
    "application": ("application", "applications"),
    "task": ("tâche", "tâches"),
    "service": ("fonction de soin", "fonctions de soin"),
}


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """The beginning of an hour of the case with its local day and time, "2026-11-22T08:00"; "" beyond all calendars."""

    hour: int
    local: str


class Quantity(msgspec.Struct, frozen=True, kw_only=True):
    """So much of a unit."""

    value: float
    unit: Unit


class Named(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Lines of the case, by list and id; `counts`: how many of each, where that is told."""

    list: ListName
    ids: tuple[str, ...]
    counts: tuple[int, ...] = ()

    def each(self, name: Callable[[str], str]) -> str:
        """Return them in one line, each by the name that it is given here."""
        told = [name(id_) for id_ in self.ids]
        if self.counts:
            told = [f"{many} × {one}" for many, one in zip(self.counts, told, strict=True)]
        return ", ".join(told)


Fact = Moment | Quantity | Named


def the(list_: ListName, id_: str) -> Named:
    """Return one line of the case."""
    return Named(list=list_, ids=(id_,))


def these(list_: ListName, ids: Iterable[str]) -> Named:
    """Return lines of the case."""
    return Named(list=list_, ids=tuple(ids))


def hours(value: int) -> Quantity:
    """Return so many hours."""
    return Quantity(value=value, unit="hour")


def people(value: int) -> Quantity:
    """Return so many people."""
    return Quantity(value=value, unit="person")


def count(value: int, unit: Unit) -> Quantity:
    """Return so many of a unit."""
    return Quantity(value=value, unit=unit)


def care_of(value: float) -> Quantity:
    """Return so much care lost."""
    return Quantity(value=value, unit="care")


def care_a_day(value: float) -> Quantity:
    """Return so much care lost in a day."""
    return Quantity(value=value, unit="care/day")


def in_words(fact: Fact, language: str) -> str:
    """Return a fact in French for `fr`, in English otherwise: a moment with its hour of the case, a line by its id."""
    french = language.startswith("fr")
    if isinstance(fact, Named):
        return fact.each(str)
    if isinstance(fact, Quantity):
        return figure(fact, language)
    hour = f"heure {fact.hour}" if french else f"hour {fact.hour}"
    if not fact.local:
        return f"({hour})"
    at = datetime.fromisoformat(fact.local)
    if french:
        return f"{_DAYS[at.weekday()]} {at.day} {_MONTHS[at.month - 1]} {at:%Y %H:%M} ({hour})"
    return f"{at:%a %d %b %Y %H:%M} ({hour})"


def figure(quantity: Quantity, language: str) -> str:
    """Return a quantity with its unit: "8 hours", "1 personne"; of care the figure alone."""
    french = language.startswith("fr")
    value = f"{quantity.value:.3f}".rstrip("0").rstrip(".")
    value = value.replace(".", ",") if french else value
    units = (_FRENCH_UNITS if french else _UNITS).get(quantity.unit)
    if units is None:
        return value
    # French counts two from 2 on, English everything but 1.
    one = abs(quantity.value) < 2 if french else quantity.value == 1
    return (
        f"{value}\u00a0{units[0] if one else units[1]}"
        if french
        else f"{value} {units[0] if one else units[1]}"
    )
