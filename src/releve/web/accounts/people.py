"""The person at the screen, as pages know her. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Person", "person_of"]


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who signed in: account code, names, role, wards she works in (UF codes)."""

    code: str
    family: str
    given: str
    role: str
    wards: tuple[str, ...] = ()
    once: bool = False  # her password is another's choice: the first thing to do here is to change it
    is_authenticated: bool = True

    @property
    def name(self) -> str:
        """Name as pages write it: "Nadia KERVELLA"."""
        return f"{self.given} {self.family}".strip()

    def __str__(self) -> str:
        return self.code


def person_of(row: Mapping[str, Any], *, now_ms: int) -> Person | None:
    """Return the person of an account's row, None when the account is disabled or its time is over."""
    if row["state"] != "active" or row["disabled_by"] not in (None, row["lifted"]):
        return None
    if row["until_ms"] is not None and now_ms > row["until_ms"]:
        return None
    return Person(
        code=row["code"],
        family=row["family"] or "",
        given=row["given"] or "",
        role=row["role"] or "other",
        wards=tuple(json.loads(row["wards"] or "[]")),
        once=bool(row["once"]),
    )
