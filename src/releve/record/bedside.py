"""Measures and alerts that travel with identity messages (OBX in ADT). Pure.

Codes are LOINC where the sender uses them; a hospital's own alert codes begin with one of `ALERTS`.
Source: HL7 v2.5 §7.4.2 (OBX); LOINC 29463-7, 3141-9 (weight), 8302-2 (height).
"""

from collections.abc import Iterator
from typing import Any

from releve.codecs.hl7v2.reader import NULL, Message
from releve.codecs.hl7v2.timestamp import read_moment
from releve.record import facts
from releve.views.reading import Context

__all__ = ["read_alerts_and_measures"]

WEIGHT = ("29463-7", "3141-9", "3142-7", "POIDS")
HEIGHT = ("8302-2", "3137-7", "TAILLE")
# Beginning of a code -> whether everyone must see it in black (isolation changes what one wears to enter).
ALERTS = {
    "ISOL": True,
    "CHUTE": False,
    "JEUN": True,
    "FUGUE": False,
    "BMR": True,
    "NPR": True,
    "LAT": True,
    "ALERTE": True,
}
ENDED = {"N", "NON", "0", "FIN", "FAUX"}


def read_alerts_and_measures(message: Message, context: Context) -> Iterator[Any]:
    """Return weight, height and alerts told by OBX segments of an ADT message."""
    for obx in message.segments("OBX"):
        code, label, value = obx["3.1"], obx["3.2"] or obx["3.1"], obx["5.1"]
        if not code or not label or not value or NULL in (code, label, value):
            continue
        moment = read_moment(obx["14"] or "", context.zone)
        at = moment.at_us // 1000 if moment is not None and moment.at_us is not None else context.stamp
        kind = next((alert for alert in ALERTS if code.upper().startswith(alert)), None)
        if kind is not None:
            ended = value.upper() in ENDED or obx["11"] in ("D", "W")
            words = obx["5.2"] or (value if not value.isupper() or len(value) > 3 else label)
            yield facts.AlertRaised(
                person=context.person,
                visit=context.visit or None,
                code=code,
                label=label if ended else words,
                strong=ALERTS[kind],
                status="ended" if ended else "active",
                since_at=at,
            )
        elif obx["2"] in ("NM", "SN", "ST"):
            known = "weight" if code in WEIGHT else "height" if code in HEIGHT else code
            yield facts.Measured(
                person=context.person,
                visit=context.visit or None,
                code=known,
                label=label,
                value=value,
                unit=obx["6.1"],
                measured_at=at,
            )
