"""What managers say of islands: who belongs, with which keys, who left, up to where one is trusted. Pure.

Each carries two managers' signatures (`releve.journal.power`); without them it is *claimed* and changes nothing.
"""

from typing import Literal

import msgspec

from releve.islands.introduction import Introduction

__all__ = [
    "IslandCut",
    "IslandFact",
    "IslandJoined",
    "IslandKey",
    "IslandLeft",
    "Mode",
    "Sampled",
    "ViewsCompared",
    "subject",
]

Mode = Literal["exclude", "flag"]


class IslandJoined(msgspec.Struct, frozen=True, kw_only=True, tag="islands.joined.1"):
    """An island belongs, as it introduced itself; said again, it restates address, certificate, wards.

    `sealed`: the telling island's account keys, one after the other, sealed for the recipient in the introduction
    (age). `lifts`: the leavings and cut lines (ORIGIN/EPOCH#INDEX) after which it is taken in again; one that is not
    named still holds: revoked wins.
    """

    introduction: Introduction
    sealed: bytes = b""
    lifts: tuple[str, ...] = ()

    @property
    def island(self) -> str:
        """Origin of the island this is about."""
        return self.introduction.origin


class IslandKey(msgspec.Struct, frozen=True, kw_only=True, tag="islands.key.1"):
    """This key is the one of this epoch of the island's log, or of its second log when `audit`."""

    island: str
    epoch: int
    vkey: str
    audit: bool = False


class IslandLeft(msgspec.Struct, frozen=True, kw_only=True, tag="islands.left.1"):
    """The island belongs no more: what it recorded stays, nothing is asked of it or given to it."""

    island: str
    reason: str


class IslandCut(msgspec.Struct, frozen=True, kw_only=True, tag="islands.cut.1"):
    """The island is trusted up to entry `size` - 1 of this epoch, whose tree has this root there; it belongs no more.

    `mode`: what lies beyond is left out of the views, or shown and flagged. `pins_replaced`: PINs sealed under the
    account keys named in `retires` open nothing any more, passwords must be changed; `sealed` holds the new account
    key for each island that remains (origin: age).
    """

    island: str
    epoch: int
    size: int
    root: bytes
    mode: Mode
    reason: str
    pins_replaced: bool = False
    retires: tuple[str, ...] = ()  # names of account keys, see `releve.web.accounts.verifier`
    sealed: dict[str, bytes] = {}


class Sampled(msgspec.Struct, frozen=True, array_like=True):
    """One person of a sample, as numbers: who (salted), from which entries, and what her rows amount to."""

    mark: bytes
    entries: bytes
    rows: bytes


class ViewsCompared(msgspec.Struct, frozen=True, kw_only=True, tag="islands.compared.1"):
    """What an island's views amounted to: at so many entries of each log, folded by this version, this one number.

    Needs no signature: it gives no power, and another island only sets it beside its own. Not folded into views.
    `at_us`: UTC, microseconds.
    """

    positions: dict[str, int]
    version: str
    hash: str
    rows: int
    at_us: int
    salt: str = ""
    sample: tuple[Sampled, ...] = ()  # comparable while entries go on arriving


IslandFact = IslandJoined | IslandKey | IslandLeft | IslandCut


def subject(island: str) -> str:
    """Return the subject under which all that is said of an island is folded."""
    return f"island:{island}"
