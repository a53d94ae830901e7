"""Orders as every department receives them: ORC, OBR, TQ1 become `ServiceRequested`. Pure.

Source: HL7 v2.5 §4.5.1 (ORC), §4.5.3 (OBR), §4.5.4 (TQ1).
"""

from collections.abc import Iterator

import msgspec

from releve.codecs.hl7v2.reader import Message, Segment
from releve.record.facts import ServiceRequested
from releve.record.first_said import number_said
from releve.record.hl7 import instant_of, name_of
from releve.views.numbers import number_alone
from releve.views.reading import Context

__all__ = ["LABORATORY_SECTIONS", "Order", "is_imaging", "read_orders"]

# ORC-1 (HL7 table 0119) and, where it says nothing, ORC-5 (table 0038).
BY_CONTROL = {
    "NW": "requested", "CA": "cancelled", "OC": "cancelled", "CR": "cancelled", "DC": "cancelled", "OD": "cancelled",
    "DR": "cancelled", "HD": "held", "OH": "held", "RL": "requested", "OE": "requested", "UA": "refused",
    "XO": None, "SC": None, "SN": "requested", "RO": "requested", "OK": None, "NA": None,
    "PA": "requested", "CH": "requested",
}  # fmt: skip
BY_STATUS = {
    "SC": "scheduled", "IP": "in-progress", "CM": "completed", "CA": "cancelled", "DC": "cancelled", "HD": "held",
    "A": "in-progress", "ER": "refused",
}  # fmt: skip


# OBR-24 (table 0074): which department a report or an order is of.
IMAGING_SECTIONS = frozenset(
    {"RAD", "RX", "CT", "NMR", "RUS", "CUS", "OUS", "VUS", "NMS", "XRC", "CTH", "MRI", "IMG", "MG", "US"}
)
LABORATORY_SECTIONS = frozenset(
    {
        "LAB",
        "CH",
        "HM",
        "MB",
        "BG",
        "BLB",
        "CP",
        "CTY",
        "IMM",
        "MYC",
        "MCB",
        "PAT",
        "SP",
        "SR",
        "TX",
        "VR",
        "GE",
    }
)


def is_imaging(obr: Segment) -> bool:
    """Tell whether an order or report is of imaging (OBR-24)."""
    return (obr["24"] or "").upper() in IMAGING_SECTIONS


class Order(msgspec.Struct, kw_only=True):
    """One order group of a message."""

    orc: Segment | None
    obr: Segment | None
    tq1: Segment | None
    notes: list[str]
    context: Context
    rank: int
    accession: str | None = None

    def fact(self, department: str) -> ServiceRequested:
        """Return the order as a request to `department`."""
        orc, obr, tq1, context = self.orc, self.obr, self.tq1, self.context
        # Several OBR under one ORC have numbers of their own: under ORC-2 the last would hide the others.
        placer = number_said(obr, "2") or number_said(orc, "2")
        filler = number_said(obr, "3") or number_said(orc, "3")
        status = BY_CONTROL.get((orc["1"] or "NW") if orc is not None else "NW")
        if orc is not None and orc["5"] in BY_STATUS and status in (None, "requested"):
            status = BY_STATUS[str(orc["5"])]
        planned_text = (tq1["7"] if tq1 is not None else None) or (obr["36"] if obr is not None else None)
        planned_text = planned_text or (obr["27.4"] if obr is not None else None)
        return ServiceRequested(
            person=context.person,
            placer=placer or filler or f"{context.log}#{context.index}.{self.rank}",
            department=department,
            visit=context.visit or None,
            filler=number_alone(filler) if filler else None,
            group=orc["4.1"] if orc is not None else None,
            label=(obr["4.2"] or obr["4.5"] or obr["4.1"]) if obr is not None else None,
            code=obr["4.1"] if obr is not None else None,
            system=obr["4.3"] if obr is not None else None,
            priority=(tq1["9.1"] if tq1 is not None else None) or (obr["5"] if obr is not None else None),
            status=status,
            requested_at=instant_of(orc["9"], context) if orc is not None else None,
            planned_at=instant_of(planned_text, context),
            planned_text=planned_text,
            requester=(name_of(orc, 12) if orc is not None else None)
            or (name_of(obr, 16) if obr is not None else None),
            note="\n".join(self.notes) or (obr["31.2"] or obr["13"] if obr is not None else None),
            accession=self.accession or (obr["18"] if obr is not None else None),
        )


def read_orders(message: Message, context: Context) -> Iterator[Order]:
    """Yield the orders of a message: an ORC begins one, and so does an OBR that has none."""
    order: Order | None = None
    rank = 0
    for segment in message.all_segments():
        name = segment.name
        if name == "ORC" or (name == "OBR" and (order is None or order.obr is not None)):
            # Panels under one ORC keep it: its numbers are repeated in OBR-2 and OBR-3.
            shared = order.orc if name == "OBR" and order is not None else None
            if order is not None and (order.obr is not None or order.orc is not None):
                yield order
            rank += 1
            order = Order(
                orc=segment if name == "ORC" else shared, obr=segment if name == "OBR" else None, tq1=None, notes=[],
                context=context, rank=rank,
            )  # fmt: skip
        elif order is None:
            continue
        elif name == "OBR":
            order.obr = segment
        elif name == "TQ1" and order.tq1 is None:
            order.tq1 = segment
        elif name == "IPC" and order.accession is None:
            order.accession = segment["1.1"]
        elif name == "NTE" and segment["3"]:
            order.notes.append(str(segment["3"]))
    if order is not None:
        yield order
