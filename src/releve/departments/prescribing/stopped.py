"""A stop that crossed a suspension or a resumption made elsewhere: the stop stands.

On one island a stopped line is neither suspended nor resumed, so when both were done, whoever did the other had not
seen the stop. No clock decides which of them holds; the safer one is shown, and the conflict beside it.
"""

from typing import Any

from releve.views.parts import in_parts
from releve.views.reading import Touched

__all__ = ["derive_stopped"]

# Only over what people did: a line that its application tells anew is as the application says.
_STILL_STOPPED = """
    UPDATE prescribing_request SET status = 'stopped', own_status = NULL, own_status_at = NULL, status_at = (
        SELECT MAX(a.stamp) FROM prescribing_line_act a
        WHERE a.line = prescribing_request.id AND a.person = prescribing_request.person
          AND a.kind = 'prescription.stopped.1')
    WHERE status IN ('active', 'suspended') AND person IN ({marks})
      AND EXISTS (SELECT 1 FROM prescribing_line_act a WHERE a.line = prescribing_request.id
                  AND a.person = prescribing_request.person AND a.kind = 'prescription.stopped.1')
      AND EXISTS (SELECT 1 FROM prescribing_line_act a WHERE a.line = prescribing_request.id
                  AND a.person = prescribing_request.person AND a.log = prescribing_request.log
                  AND a."index" = prescribing_request."index")
"""


def derive_stopped(cursor: Any, touched: Touched) -> None:
    """Show as stopped the lines of which a stop was recorded, whatever people did to them elsewhere."""
    persons = sorted(
        {values["person"] for _, values in touched.rows["prescribing_line_act"] if values.get("person")}
    )
    for part in in_parts(persons):
        cursor.execute(_STILL_STOPPED.format(marks=", ".join(["%s"] * len(part))), part)
