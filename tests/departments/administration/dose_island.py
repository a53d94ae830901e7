"""The island of the bedside, with lines prescribed by messages and the doses charted."""

from typing import Any

from ward_island import DAY_MS, HOUR_MS, LOG, MINUTE_MS, NOW_MS, PARIS, PASSWORD, WardIsland

__all__ = ["DAY_MS", "HOUR_MS", "LOG", "MINUTE_MS", "NOW_MS", "PARIS", "PASSWORD", "DoseIsland"]


class DoseIsland(WardIsland):
    """A ward with something to give."""

    def prescribe(
        self,
        number: str,
        label: str,
        *times: str,
        placer: str = "P1",
        code: str = "",
        dose: str = "20",
        unit: str = "mg",
        pattern: str = "",
        condition: str = "",
        control: str = "NW",
        at: str = "20261120100000",
        rate: str = "",
    ) -> str:
        """Prescribe a line by a message, from the 20th at noon on; return its row."""
        text = (
            f"MSH|^~\\&|DPI|CHV|RELEVE||{at}||RDE^O11|{number}{placer}{at}|P|2.5|||||FRA|UNICODE UTF-8\r"
            f"PID|||{number}^^^CHV^PI\r"
            f"PV1||I|2140^{number[-3:]}||||||||||||||||V{number}\r"
            f"ORC|{control}|{placer}|||||||{at}|||^LACOMBE^Inès\r"
            f"TQ1|1||{pattern}|{'~'.join(times)}|||20261120120000|||{condition}\r"
            f"RXE||{code}^{label}^UCD|{dose}||{unit}{'|' * 18 + rate.replace('^', '|') if rate else ''}\r"
            f"RXR|IV^Intraveineuse\r"
        )
        kept, self.now_ms = self.now_ms, self.now_ms - 15 * HOUR_MS
        self.say("message.hl7v2", text.encode())
        self.now_ms = kept
        return f"CHV:{number}/{placer}"

    def doses(self) -> list[Any]:
        """Return the doses charted, in the order they were recorded."""
        from releve.departments.prescribing.tables import MedicationAdministration

        return list(MedicationAdministration.objects.order_by("index", "id"))
