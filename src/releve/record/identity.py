"""Which person a message is about: the key under which everything said about them is folded. Pure.

A key is "NAMESPACE:number". The namespace is the identity authority's whenever the message allows it: its name
or OID in PID-3.4, or no assigning authority at all for a number of type PI.
Source: HL7 v2.5 §3.4.2.3 (PID-3), §2.A.14 (CX); IHE PAM France (PID-3, PID-18, PV1-19).
"""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from releve.codecs.hl7v2.reader import NULL, Message, Repetition, Segment
from releve.views.reading import Context
from releve.views.recall import Recall

__all__ = ["identifiers_of", "identify", "key_of", "key_of_merged", "person_key", "search_letters"]

# Types of number that may stand for a person in a hospital (HL7 table 0203): internal, record, unique, unspecified.
PERSON_TYPES = ("PI", "MR", "PT", "U", "PN", "")
# In a feed nine PIDs of ten were read before; with `releve.record.hl7` a sixth of the fold's time (measured).
# Room for each patient present, in the few forms in which the senders name her.
_identified = Recall(8192)


def person_key(number: str, namespace: str) -> str:
    """Return the key of a person.

    >>> person_key("8000412301", "VALOMBRE")
    'VALOMBRE:8000412301'
    """
    return f"{namespace}:{number}"


def identify(message: Message, context: Context) -> tuple[str, str]:
    """Return the person's key and the visit number of a message, "" for what it does not name."""
    pid = message.segment("PID")
    if pid is None:
        return "", ""
    key = (pid.raw, message.reading, context.namespace, context.oid)
    found = _identified.get(key)
    if found is None:
        # PID-2 is the number of somebody else's system unless it says whose it is.
        person = key_of(pid.repetitions(3), context) or key_of(pid.repetitions(2), context, named=True)
        found = _identified.keep(key, (person, _number(pid["18.1"])))
    person, account = found
    return person, _number(message["PV1-19.1"]) or account


def key_of_merged(segment: Segment, context: Context) -> str:
    """Return the key of the person that MRG-1 names."""
    return key_of(segment.repetitions(1), context)


def identifiers_of(pid: Segment) -> Iterable[tuple[str, str, str]]:
    """Yield number, assigning authority and type of each identifier in PID-3."""
    for repetition in pid.repetitions(3):
        number = _number(repetition["1"])
        if number:
            yield number, repetition["4.1"] or repetition["4.2"] or "", repetition["5"] or ""


@lru_cache(maxsize=8192)
def search_letters(*names: str | None) -> str:
    """Return names as bare capitals, so that accents, hyphens and spaces never hide anyone.

    >>> search_letters("Lefèvre", "D’Alméida Jean-Noël")
    'LEFEVRE DALMEIDAJEANNOEL'
    """
    folded = []
    for name in names:
        if name:
            plain = unicodedata.normalize(
                "NFKD", name.replace("œ", "oe").replace("Œ", "OE").replace("ß", "ss")
            )
            letters = "".join(letter for letter in plain.upper() if letter.isalnum())
            if letters:
                folded.append(letters)
    return " ".join(folded)


def key_of(repetitions: list[Repetition], context: Context, *, named: bool = False) -> str:
    """Return the key of the person that a CX field names, "" when it names none.

    The authority's own number comes before one that does not say whose it is (`named`: that one is not believed at
    all), and this before anybody else's.
    """
    unnamed = spare = ""
    for repetition in repetitions:
        number = _number(repetition["1"])
        if not number:
            continue
        name, oid = _number(repetition["4.1"]), _number(repetition["4.2"])
        if _number(repetition["5"]) not in PERSON_TYPES:
            continue
        if (name and name == context.namespace) or (oid and oid == context.oid):
            return person_key(number, context.namespace)
        if name or oid:
            spare = spare or person_key(number, name or oid)
        elif not named:
            unnamed = unnamed or person_key(number, context.namespace)
    return unnamed or spare


def _number(text: str | None) -> str:
    # The HL7 null names nobody: under it all nameless patients would be one.
    return "" if text is None or text is NULL else text.strip()
