"""Who speaks, how much, and whose clock is off: counted for each sender from the entries themselves."""

from collections import Counter
from typing import Any

from releve.codecs.hl7v2.timestamp import read_moment
from releve.journal.entry import Entry
from releve.views.interpreter import Understood

__all__ = ["Heartbeat"]

HOUR_MS = 3_600_000


class Heartbeat:
    """A `releve.views.projector.Tally`: messages, hours and clocks of each sender."""

    def __init__(self) -> None:
        self._messages: Counter[str] = Counter()
        self._failures: Counter[str] = Counter()
        self._hours: Counter[tuple[str, int]] = Counter()
        self._last: dict[str, dict[str, Any]] = {}

    def count(self, entry: Entry, read: Understood) -> None:
        """Take one entry into account; acts and first fills are not a heartbeat."""
        if not entry.kind.startswith("message."):
            return
        message, context = read.message, read.context
        facility = (message.sending_facility or "") if message is not None else ""
        sender = f"{context.source}|{facility}"
        self._messages[sender] += 1
        self._failures[sender] += bool(read.reasons)
        self._hours[sender, context.recorded_at // HOUR_MS] += 1
        last = self._last.setdefault(sender, {"last_stamp": 0, "clock_ms": None})
        last.update(
            application=context.source,
            facility=facility,
            address=entry.source.removeprefix("mllp:"),
            charset=message.charset_declared if message is not None else None,
            last_at=context.recorded_at,
            last_stamp=max(last["last_stamp"], context.stamp),
        )
        sent = read_moment(message["MSH-7"] or "", context.zone) if message is not None else None
        if sent is not None and sent.at_us is not None and sent.precision in ("second", "fraction"):
            last["clock_ms"] = sent.at_us // 1000 - context.recorded_at

    def write(self, cursor: Any) -> None:
        """Add what was counted since the last write."""
        if not self._messages:
            return
        cursor.executemany(
            "INSERT INTO hospital_sender (id, application, facility, address, charset, messages, not_understood, "
            "first_at, last_at, last_stamp, clock_ms) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
            "ON CONFLICT (id) DO UPDATE SET address = excluded.address, charset = excluded.charset, "
            "messages = hospital_sender.messages + excluded.messages, "
            "not_understood = hospital_sender.not_understood + excluded.not_understood, "
            "last_at = CASE WHEN excluded.last_at > hospital_sender.last_at THEN excluded.last_at "
            "ELSE hospital_sender.last_at END, "
            "last_stamp = CASE WHEN excluded.last_stamp > hospital_sender.last_stamp THEN excluded.last_stamp "
            "ELSE hospital_sender.last_stamp END, clock_ms = excluded.clock_ms",
            [
                (
                    sender, last["application"], last["facility"], last["address"], last["charset"],
                    self._messages[sender], self._failures[sender], last["last_at"], last["last_at"],
                    last["last_stamp"], last["clock_ms"],
                )
                for sender, last in self._last.items()
            ],
        )  # fmt: skip
        cursor.executemany(
            "INSERT INTO hospital_feed_hour (id, sender, hour, messages) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (id) DO UPDATE SET messages = hospital_feed_hour.messages + excluded.messages",
            [(f"{sender}@{hour}", sender, hour, count) for (sender, hour), count in self._hours.items()],
        )
        self.__init__()  # type: ignore[misc]
