"""What one entry says: bytes to facts, by the readers that the rooms offer. Pure."""

import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from releve.codecs.fhir.reader import Document, DocumentError, Resource, read_document
from releve.codecs.hl7v2.batch import FRAME_MESSAGES_MAX, is_batch, split_batch
from releve.codecs.hl7v2.reader import Message, MessageError
from releve.codecs.hl7v2.timestamp import read_moment
from releve.journal.entry import Entry
from releve.views.reading import MOMENT_MAX, MOMENT_MIN, Context, Fact, NotRead, Offer, Row

__all__ = ["Interpreter", "Situation", "Understood"]

log = logging.getLogger("releve.fold")
_TYPE = re.compile(r"[A-Z][A-Z0-9]{2}(\^[A-Z][A-Z0-9]{2})?")
_RESOURCE = re.compile(r"[A-Z][A-Za-z]{2,39}")
# A message may not speak from a future further than this (milliseconds): such a stamp does not order anything.
FUTURE_MS_MAX = 60_000
# Resources that only serve others in the same document.
UNTOLD_TYPES = frozenset(
    {"Location", "Medication", "Organization", "Practitioner", "PractitionerRole", "Provenance"}
)


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """What the hospital map says about reading: zone, identity authority, what hides a stay."""

    zone: ZoneInfo
    namespace: str
    oid: str = ""
    authority_senders: frozenset[str] = frozenset()  # MSH-3 of the identity authority
    confidential_codes: frozenset[str] = frozenset()
    confidential_statuses: frozenset[str] = frozenset()
    confidential_elsewhere: frozenset[tuple[str, str]] = frozenset()  # any other address of the map


class Understood(msgspec.Struct, kw_only=True):
    """One entry, read: facts by person ("" for facts of no person), and what could not be read."""

    context: Context
    kind: str  # "ADT^A01", or the entry's kind
    facts: dict[str, list[Any]]
    reasons: tuple[str, ...] = ()
    message: Any = None


class Interpreter:
    """Read entries with the readers of every offer; the same entry always gives the same facts."""

    def __init__(
        self,
        offers: Sequence[Offer],
        situation: Situation,
        identify: Callable[[Message, Context], tuple[str, str]],
        identify_fhir: Callable[[Resource, Document, Context], str] = lambda resource, document, context: "",
    ) -> None:
        self._situation = situation
        self._identify = identify
        self._identify_fhir = identify_fhir
        self._every = [offer.every_hl7 for offer in offers if offer.every_hl7 is not None]
        self._hl7: dict[str, list[Any]] = {}
        self._fhir: dict[str, list[Any]] = {}
        self._kinds: dict[str, list[Any]] = {}
        self._folds: dict[type, Any] = {}
        for offer in offers:
            for own, shared in ((self._hl7, offer.hl7), (self._fhir, offer.fhir), (self._kinds, offer.kinds)):
                for name, reader in shared.items():
                    own.setdefault(name, []).append(reader)
            self._folds.update(offer.folds)
        self._readers_of: dict[tuple[str, str], list[Any]] = {}

    def read(self, log_name: str, entry: Entry) -> Understood:
        """Return what `entry` says. Never raises for content: what is not understood is listed."""
        recorded_ms = entry.recorded_at_us // 1000
        situation = self._situation
        context = Context(
            zone=situation.zone,
            namespace=situation.namespace,
            oid=situation.oid,
            log=log_name,
            index=entry.index,
            recorded_at=recorded_ms,
            stamp=_occurred_ms(entry, recorded_ms),
            initial=entry.kind.startswith("initial."),
            source="releve",
            entered=entry.source,
            confidential_codes=situation.confidential_codes,
            confidential_statuses=situation.confidential_statuses,
            confidential_elsewhere=situation.confidential_elsewhere,
        )
        if entry.redacted:  # its body was removed by a signed act: nothing is left to read
            return Understood(context=context, kind=entry.kind, facts={})
        if entry.missing:
            reasons = (f"{entry.kind}: the body is not on this disk; take it from a mirror",)
            return Understood(context=context, kind=entry.kind, facts={}, reasons=reasons)
        if entry.kind in ("message.hl7v2", "initial.hl7v2"):
            return self._read_hl7(entry, context)
        if entry.kind in ("message.fhir", "initial.fhir"):
            context.source = "FHIR"
            return self._read_fhir(entry, context)
        return self._read_other(entry, context, self._kinds.get(entry.kind, []))

    def fold(self, fact: Fact, context: Context) -> Iterable[Row]:
        """Return the rows of one fact."""
        return self._folds[type(fact)](fact, context)

    def not_understood(self, read: Understood) -> Iterable[Row]:
        """Return the row that lists an entry as not (wholly) understood."""
        context = read.context
        values: Mapping[str, Any] = {
            "kind": read.kind,
            "reason": "; ".join(read.reasons),
        }
        yield Row("views_not_understood", f"{context.log}#{context.index}", values)

    def _read_hl7(self, entry: Entry, context: Context) -> Understood:
        try:
            message = Message(entry.body)
            kind, trigger = message.kind, message.trigger
            context.source = message.sending_application or ""
            if mixed := _mixed(message):
                # Whose a line is cannot be told: read as one, the second person's results become the first one's.
                return Understood(context=context, kind=_shown(kind, trigger), facts={}, reasons=(mixed,))
            context.authority = context.source in self._situation.authority_senders
            context.stamp = _stamp(message, kind, context)
            context.person, context.visit = self._identify(message, context)
        except MessageError as error:
            return Understood(context=context, kind="HL7 v2", facts={}, reasons=(str(error),))
        readers = self._readers_of.get((kind, trigger))
        if readers is None:
            exact, broad = self._hl7.get(f"{kind}^{trigger}", []), self._hl7.get(kind, [])
            readers = self._readers_of[kind, trigger] = [
                *(self._every if exact or broad else []),
                *exact,
                *broad,
            ]
        name = f"{kind}^{trigger}" if trigger else kind
        if not readers:
            name = _shown(kind, trigger)
            reason = f"MSH-9: no department reads {name} yet"
            return Understood(context=context, kind=name, facts={}, reasons=(reason,), message=message)
        return self._collect(name, readers, message, context, message)

    def _read_fhir(self, entry: Entry, context: Context) -> Understood:
        try:
            document = read_document(entry.body)
        except DocumentError as error:
            return Understood(context=context, kind="FHIR", facts={}, reasons=(str(error),))
        moment = document.root.date_time("timestamp", context.zone) or document.root.date_time(
            "meta.lastUpdated", context.zone
        )
        if (
            moment is not None
            and moment.at_us is not None
            and moment.at_us // 1000 <= context.stamp + FUTURE_MS_MAX
        ):
            context.stamp = moment.at_us // 1000
        facts: dict[str, list[Any]] = {}
        reasons: list[str] = []
        for resource in document.resources:
            readers = self._fhir.get(resource.type, [])
            context.person = self._identify_fhir(resource, document, context) if readers else ""
            if readers and not context.person:
                reasons.append(f"{resource.address}: expected a patient with an identifier")
                continue
            if not readers and resource.type not in UNTOLD_TYPES:
                told = resource.type if _RESOURCE.fullmatch(resource.type) else "this type"
                reasons.append(f"{resource.address}: no department reads {told} yet")
            for reader in readers:
                self._gather(reader, (resource, document, context), resource.type, context, facts, reasons)
        # A bundle of a thousand entries says the same thing a thousand times: each reason once.
        name = f"FHIR {document.root.type}"
        return Understood(context=context, kind=name, facts=facts, reasons=tuple(dict.fromkeys(reasons))[:20])

    def _read_other(self, entry: Entry, context: Context, readers: list[Any]) -> Understood:
        if not readers:
            # An act that these views do not show (journal, paper…) is no failure; a received message is.
            received = entry.kind.startswith(("message.", "initial."))
            reasons = (f"{entry.kind}: no department reads this kind of entry yet",) if received else ()
            return Understood(context=context, kind=entry.kind, facts={}, reasons=reasons)
        return self._collect(entry.kind, readers, entry, context, None)

    def _collect(
        self, name: str, readers: list[Any], subject: Any, context: Context, message: Any
    ) -> Understood:
        facts: dict[str, list[Any]] = {}
        reasons: list[str] = []
        for reader in readers:
            self._gather(reader, (subject, context), name, context, facts, reasons)
        return Understood(context=context, kind=name, facts=facts, reasons=tuple(reasons), message=message)

    def _gather(
        self,
        reader: Any,
        arguments: tuple[Any, ...],
        name: str,
        context: Context,
        facts: dict[str, list[Any]],
        reasons: list[str],
    ) -> None:
        try:
            for fact in reader(*arguments):
                if type(fact) is NotRead:
                    reasons.append(fact.reason)
                else:
                    facts.setdefault(fact.person, []).append(fact)
        except Exception as error:  # one message must never stop every board
            # Only the kind of error: its text could carry a patient's value.
            reasons.append(f"{name}: {reader.__name__} stopped at {type(error).__name__}")
            log.warning(
                "%s#%s: %s stopped at %s",
                context.log,
                context.index,
                reader.__qualname__,
                type(error).__name__,
            )


def _shown(kind: str, trigger: str) -> str:
    """Return the type of a message to repeat in words.

    A shifted header puts anything into MSH-9, a name too: only what can be a type is repeated.
    """
    name = f"{kind}^{trigger}" if trigger else kind
    return name if _TYPE.fullmatch(name) else "HL7 v2"


def _mixed(message: Message) -> str:
    """Return why nothing of a message may be read: it speaks of several persons where one is expected; else "".

    Batches that add up come as an entry a message; what stands here in the envelope of one did not, or came in before
    they did.

    Source: HL7 v2.5 §7.3.1 (ORU^R01: PATIENT_RESULT repeats), §2.10.3 (batches). ADT says itself when it means two
    (A17, A24, A40), and its readers expect them.
    """
    raw, count = message.raw, message.count
    batch = is_batch(raw)
    announced = (message["BTS-1"] or "") if batch else ""
    if count > 1 or (announced.isdecimal() and announced.lstrip("0") != "1"):
        wrong = split_batch(raw, messages_max=FRAME_MESSAGES_MAX).warnings if batch else ()
        said = wrong[0] if wrong else f"MSH: expected one message in a frame, {count} are here"
        return f"{said}; nothing of it was read"
    if message.kind == "ADT":
        return ""
    every = message.segments("PID")
    if len(every) < 2:
        return ""
    persons = {pid.raw_field(3) for pid in every}
    if len(persons) < 2:
        return ""
    return f"PID-3: expected one patient in a message, {len(persons)} are here; nothing of it was read"


def _occurred_ms(entry: Entry, recorded_ms: int) -> int:
    """Return when it was done (ms); when it was recorded, where it says nothing or what is in no calendar."""
    at_us = entry.occurred_at_us
    return recorded_ms if at_us is None or not MOMENT_MIN <= at_us // 1000 <= MOMENT_MAX else at_us // 1000


def _stamp(message: Message, kind: str, context: Context) -> int:
    """Return the moment that orders the message (ms): EVN-2, else MSH-7, else when it was recorded.

    Source: HL7 v2.5 §3.4.1.2 (EVN-2, recorded date/time), §2.15.9.7 (MSH-7). A stamp from the future is not
    believed: it would order everything that follows.
    """
    for address in ("EVN-2", "MSH-7") if kind == "ADT" else ("MSH-7",):
        text = message[address]
        if text:
            moment = read_moment(text, context.zone)
            if (
                moment is not None
                and moment.at_us is not None
                and moment.precision not in ("year", "month", "day")
            ):
                stamp: int = moment.at_us // 1000
                if stamp <= context.recorded_at + FUTURE_MS_MAX:
                    return stamp
    return context.recorded_at
