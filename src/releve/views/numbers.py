"""Numbers that applications give to what they order: two applications may use the same one. Pure.

HL7 v2 names an order by a number and a namespace; here both are one text, `P1^DPI`, or `P1` where no namespace was
said. A number without namespace means the one that the same person's entries tell with a namespace, when they tell
exactly one; of two, neither is guessed: it stays a number of its own, and pages show it beside both. What is told
of a person is gathered from all her entries before any is folded, so the order of arrival changes nothing.

Source: HL7 v2.5 §2.A.28 (EI: number, namespace, universal id), §4.5.1.2 (ORC-2), §4.5.1.3 (ORC-3).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

__all__ = ["Numbered", "Told", "entity", "extended", "number_alone", "only_namespace", "settled", "told_in"]

MARK = "^"
# A number that holds the mark itself (HL7's escape for a component separator) keeps it escaped.
_ESCAPED = "\\S\\"

# (domain, number) -> the namespaces it was told with; "" where none was said.
Told = Mapping[tuple[str, str], frozenset[str]]


class Numbered(NamedTuple):
    """Which field of a fact holds a number, and among which numbers: a line's is never a laboratory order's."""

    domain: str
    field: str


def entity(number: str, namespace: str | None) -> str:
    r"""Return a number with its namespace as one text.

    >>> entity("P1", "DPI"), entity("P1", None), entity("P^1", None)
    ('P1^DPI', 'P1', 'P\\S\\1')
    """
    number = number.replace(MARK, _ESCAPED)
    return f"{number}{MARK}{namespace.replace(MARK, _ESCAPED)}" if namespace else number


def number_alone(said: str) -> str:
    """Return the number as people read it.

    >>> number_alone("P1^DPI")
    'P1'
    """
    return said.partition(MARK)[0].replace(_ESCAPED, MARK)


def extended(said: str, suffix: str) -> str:
    """Return a number made longer, its namespace kept.

    >>> extended("F1^LABO", ".2"), extended("F1", ".2")
    ('F1.2^LABO', 'F1.2')
    """
    number, mark, namespace = said.partition(MARK)
    return f"{number}{suffix.replace(MARK, _ESCAPED)}{mark}{namespace}"


def only_namespace(namespaces: Iterable[str]) -> str:
    """Return the one namespace among these, "" when there is none or more than one.

    >>> only_namespace({"", "DPI"}), only_namespace({"DPI", "REA"}), only_namespace({""})
    ('DPI', '', '')
    """
    named = [one for one in namespaces if one]
    return named[0] if len(named) == 1 else ""


def told_in(
    facts: Iterable[Any], numbered: Mapping[type, Sequence[Numbered]]
) -> Iterator[tuple[str, str, str]]:
    """Yield domain, number and namespace of every number that these facts tell."""
    for fact in facts:
        for domain, field in numbered.get(type(fact), ()):
            said = getattr(fact, field)
            if said:
                number, _, namespace = said.partition(MARK)
                yield domain, number, namespace


def settled(fact: Any, numbered: Mapping[type, Sequence[Numbered]], told: Told) -> Any:
    """Return the fact with each number that has no namespace given the only one it was told with."""
    for domain, field in numbered.get(type(fact), ()):
        said = getattr(fact, field)
        if said and MARK not in said:
            namespace = only_namespace(told.get((domain, said), ()))
            if namespace:
                fact = msgspec.structs.replace(fact, **{field: f"{said}{MARK}{namespace}"})
    return fact
