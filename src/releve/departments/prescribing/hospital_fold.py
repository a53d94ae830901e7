"""What the hospital decided for all its wards: formulary in force, checks switched on. Pure."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from releve.departments.prescribing.checks import CHECKS, Switched
from releve.departments.prescribing.formulary import FORMULARY_KIND, FormularyImported
from releve.journal.entry import Entry
from releve.journal.power import nonce_of, signers
from releve.views.reading import Context, NotRead, Row

__all__ = ["CHECKS_KIND", "HOSPITAL_FOLDS", "HOSPITAL_KINDS", "ChecksEnabled"]

CHECKS_KIND = "prescription.checks-enabled.1"
_json = msgspec.json.Encoder().encode


class ChecksEnabled(msgspec.Struct, frozen=True, kw_only=True, tag=CHECKS_KIND):
    """The checks that are on from here on, all of them, and who answers for it by name."""

    checks: tuple[str, ...]
    second_at: str
    by: str
    by_name: str
    note: str = ""


class Restated(msgspec.Struct, frozen=True, kw_only=True):
    """What was told to replace the one before, whole: which of them is in force is decided where it is read."""

    table: str
    body: str
    signed_by: tuple[str, ...] = ()
    nonce: str = ""
    person: str = ""


_formulary = msgspec.msgpack.Decoder(FormularyImported)
_checks = msgspec.msgpack.Decoder(ChecksEnabled)


def read_formulary_entry(entry: Entry, context: Context) -> Iterable[Restated | NotRead]:
    """Return the formulary of an entry as JSON, for pages."""
    try:
        said = _formulary.decode(entry.body)
    except msgspec.MsgspecError:
        return [NotRead(reason=f"{entry.kind}: expected the fields of this version of Relève")]
    return [_restated("prescribing_formulary", _json(said.formulary), entry)]


def read_checks_entry(entry: Entry, context: Context) -> Iterable[Restated | NotRead]:
    """Return what is switched on. A check that this version does not know is not on here."""
    try:
        said = _checks.decode(entry.body)
        switched = Switched(
            checks=tuple(check for check in CHECKS if check in said.checks),
            second_at=said.second_at if said.second_at in ("prescription", "both") else "administration",  # type: ignore[arg-type]
            by=said.by,
            by_name=said.by_name,
            note=said.note,
            at=context.recorded_at,
        )
    except msgspec.MsgspecError:
        return [NotRead(reason=f"{entry.kind}: expected the fields of this version of Relève")]
    return [_restated("prescribing_checks", _json(switched), entry)]


def _restated(table: str, body: bytes, entry: Entry) -> Restated:
    signed_by, nonce = signers(entry.kind, entry.body), nonce_of(entry.body)
    return Restated(table=table, body=body.decode(), signed_by=signed_by, nonce=nonce)


def fold_restated(fact: Restated, context: Context) -> Iterable[Row]:
    """One row for each told, so any order gives the same."""
    columns = {
        "body": fact.body,
        "signed_by": _json(fact.signed_by).decode(),
        "statement": fact.nonce or None,
    }
    return [Row(fact.table, f"{context.log}#{context.index}", columns)]


HOSPITAL_KINDS = {FORMULARY_KIND: read_formulary_entry, CHECKS_KIND: read_checks_entry}
HOSPITAL_FOLDS: dict[type, Callable[[Any, Context], Iterable[Row]]] = {Restated: fold_restated}
