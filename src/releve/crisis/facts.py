"""What the crisis cell says. Pure; bodies are MessagePack of these structs, `tag` is the entry's kind.

Source of the words: ISO 22301 (disruption); DESIGN §2, idea 4.
"""

from typing import Literal

import msgspec

from releve.hospital.status import Place, State

__all__ = ["CrisisFact", "CutConfirmed", "CutDeclared", "CutWithdrawn", "Reason"]

Reason = Literal["attack", "breakdown", "planned", "exercise"]


class CutDeclared(msgspec.Struct, frozen=True, kw_only=True, tag="crisis.declared.1"):
    """These applications have this status in these places since then (UTC, microseconds).

    `second` is the account of the person who confirmed in the same act; empty: unconfirmed until somebody does.
    `answers`: of *live* and *restored*, the declarations of *down* it was made in knowledge of (ORIGIN/EPOCH#INDEX):
    one made elsewhere meanwhile, which nobody here had heard of, stands.
    """

    applications: tuple[str, ...]
    places: tuple[Place, ...]
    status: State
    since_us: int
    reason: Reason
    note: str = ""
    by: str
    second: str = ""
    switch_us: int | None = None  # of *restored*: from when the wards write there again; None: at once
    answers: tuple[str, ...] = ()


class CutConfirmed(msgspec.Struct, frozen=True, kw_only=True, tag="crisis.confirmed.1"):
    """A second person stands by a declaration; `declaration` is its place, "ORIGIN/EPOCH#INDEX"."""

    declaration: str
    by: str


class CutWithdrawn(msgspec.Struct, frozen=True, kw_only=True, tag="crisis.withdrawn.1"):
    """A declaration is taken back, while nothing was recorded under it.

    `second` is the other person when two had stood by it; empty when one alone had declared.
    """

    declaration: str
    by: str
    reason: str = ""
    second: str = ""


CrisisFact = CutDeclared | CutConfirmed | CutWithdrawn
