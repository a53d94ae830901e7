"""What names an order only by a number that two orders share: shown beside each of them, given to neither.

See `releve.views.numbers`. A dose of unknown line may have been given of either, so both ask before the next one.
"""

import copy
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext

from releve.departments.prescribing.tables import MedicationRequest
from releve.views.parts import in_parts

__all__ = ["asked_of", "dose_of_either", "lines_of_either", "note_changes"]

MARK = "^"


def lines_of_either(lines: Collection[str], requests: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """Return for each line the keys of orders that may be it: its number, but not its namespace, and no line known.

    `lines` and `requests`: keys of rows, "PERSON/NUMBER^NAMESPACE". Asks the views only when there is such a key.
    """
    by_number: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        by_number[line.partition(MARK)[0]].append(line)
    lost = sorted({one for one in requests if one not in lines and one.partition(MARK)[0] in by_number})
    if not lost:
        return {}
    known = set(
        MedicationRequest.objects.filter(id__in=lost).exclude(label=None).values_list("id", flat=True)
    )
    found: dict[str, list[str]] = defaultdict(list)
    for one in lost:
        for line in by_number[one.partition(MARK)[0]] if one not in known else ():
            found[line].append(one)
    return found


def asked_of() -> str:
    """Return why nobody knows of which line a dose is."""
    return gettext("two orders have this number: of which one is not said")


def dose_of_either(dose: Any) -> Any:
    """Return a dose as each of the lines shows it that it may be of."""
    shown = copy.copy(dose)
    shown.status, shown.reason, shown.reason_code = "unknown", asked_of(), None
    return shown


def note_changes(rows: Iterable[Any]) -> None:
    """Say in the note of each order what was received of its number without saying of which order.

    Where an order without namespace stands beside one with it, the fold found at least two of that number.
    """
    shared: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        number, mark, _namespace = row.id.partition(MARK)
        if mark:
            shared[number].append(row)
    for part in in_parts(sorted(shared)):
        table = type(shared[part[0]][0])
        for number, status in table.objects.filter(id__in=part).values_list("id", "status"):
            said = _sentence(status)
            for row in shared[number]:
                row.note = "\n".join(text for text in (said, row.note) if text)


def _sentence(status: str | None) -> str:
    if status in ("stopped", "cancelled"):
        return gettext(
            "A stop was received under this number, which two orders share: of which one is not said."
        )
    if status in ("suspended", "held"):
        return gettext(
            "A suspension was received under this number, which two orders share: of which one is not said."
        )
    if status == "completed":
        return gettext(
            "An answer was received under this number, which two orders share: of which one is not said."
        )
    return gettext(
        "A change was received under this number, which two orders share: of which one is not said."
    )
