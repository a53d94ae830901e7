"""The machines of a batch as paper needs them: lines of a work sheet, labels. Pure: words and symbols are handed in."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from releve.restoration.fleet.facts import STATES, MachineKind, State
from releve.restoration.fleet.state import rank
from releve.restoration.labels import Thing

__all__ = ["SheetLine", "label_data", "sheet_data", "symbol_of", "things_of"]

# Steps that are ticked on paper: "suspect" is what the sheet begins with.
TICKED: tuple[State, ...] = STATES[1:]


class SheetLine(msgspec.Struct, frozen=True, kw_only=True):
    """One machine on paper. `note` is what whoever holds the sheet must know first."""

    tag: str
    name: str = ""
    kind: MachineKind = "workstation"
    place: str = ""
    network: str = ""
    serial: str = ""
    state: str = ""
    note: str = ""


def symbol_of(tag: str) -> str:
    """Return the content of a machine's symbol.

    >>> symbol_of("PC-042")
    'RLV1|M|PC-042'
    """
    return f"RLV1|M|{tag}"


def sheet_data(
    lines: Sequence[SheetLine], *, step_words: Mapping[State, str], kinds: Mapping[str, str]
) -> dict[str, Any]:
    """Return the steps and machines of a work sheet: what is done is marked done, what is left has its box."""
    return {
        "steps": [{"code": state, "word": step_words[state]} for state in TICKED],
        "machines": [
            {
                "tag": one.tag,
                "name": one.name,
                "place": one.place,
                "more": " · ".join(
                    part for part in (kinds.get(one.kind, ""), one.network, one.serial) if part
                ),
                "note": one.note,
                "done": [state for state in TICKED if rank(state) <= rank(one.state)],
                "symbol": symbol_of(one.tag),
            }
            for one in lines
        ],
    }


def label_data(lines: Sequence[SheetLine]) -> dict[str, Any]:
    """Return the labels of these machines."""
    return {
        "machines": [
            {"tag": one.tag, "name": one.name, "place": one.place, "symbol": symbol_of(one.tag)}
            for one in lines
        ]
    }


def things_of(lines: Sequence[SheetLine]) -> list[Thing]:
    """Return what the labels of these machines say on a label printer: the tag, the name, where it belongs."""
    return [Thing(symbol=symbol_of(one.tag), words=(one.tag, one.name, one.place)) for one in lines]
