"""HL7 v2 dispenses become facts. Pure. Source: HL7 v2.5 §4.8 (RDS^O13), §4.14.5 (RXD)."""

from collections.abc import Iterator
from typing import Any

from releve.codecs.hl7v2.reader import Message
from releve.departments.pharmacy.facts import MedicationDispensed
from releve.record.first_said import first_said, number_said
from releve.record.hl7 import instant_of, name_of
from releve.views.reading import Context, NotRead

__all__ = ["read_rds"]


def read_rds(message: Message, context: Context) -> Iterator[Any]:
    """Read RDS^O13: each RXD is a product dispensed."""
    if not context.person:
        yield NotRead(reason="PID-3: expected an identifier of type PI")
        return
    placer: str | None = None
    rank = 0
    for segment in message.all_segments():
        if segment.name == "ORC":
            placer = number_said(segment, "2", "3")
        elif segment.name == "RXD":
            rank += 1
            yield MedicationDispensed(
                person=context.person,
                request=placer,
                number=f"{first_said(segment, '7', '3') or context.stamp}.{rank}",
                visit=context.visit or None,
                label=segment["2.2"] or segment["2.1"],
                code=segment["2.1"],
                quantity=segment["4"],
                unit=segment["5.1"],
                lot=segment["18"],
                expires=segment["19"],
                dispensed_at=instant_of(segment["3"], context),
                by=name_of(segment, 10),
            )
