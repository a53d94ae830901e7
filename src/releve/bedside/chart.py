"""What departments' pages stand in: banner, tabs, the island at this moment. See `releve.record.chart`."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.http import HttpRequest

from releve.bedside.now import island_now
from releve.bedside.patient import known_of, patient_from
from releve.record.chart import Chart, Here
from releve.web.opaque import open_handle

__all__ = ["chart", "here"]

TEMPLATE = "bedside/patient_base.html"


def here(request: HttpRequest) -> Here | None:
    """Return the island at this moment, None before any map was folded."""
    now = island_now(request)
    if now is None:
        return None
    return Here(directory=now.directory, statuses=now.statuses, said=now.said, now_ms=now.now_ms)


def chart(request: HttpRequest, handle: str) -> Chart | None:
    """Return the person of an address as a department's page needs her, None when nobody is known by it."""
    person = open_handle(handle)
    found = known_of(person, request) if person is not None else None
    island = here(request)
    if found is None or island is None:
        return None
    stay = found.present.encounter

    def banner() -> dict[str, Any]:
        patient = patient_from(found)
        return {"patient": patient, "traits": patient.traits, "stay": stay, "handle": handle, "tab": ""}

    return Chart(
        handle=handle,
        person=found.present.head,
        persons=found.present.persons,
        visit=stay.visit or "",
        ward=stay.ward or "",
        bed=found.bed,
        present=found.here,
        covered=found.covered,
        here=island,
        template=TEMPLATE,
        context=Late(banner),
    )


class Late(Mapping[str, Any]):
    """A page's context, read when the page is drawn: a form that is sent and leads elsewhere never needs it."""

    def __init__(self, make: Callable[[], dict[str, Any]]) -> None:
        self._make = make
        self._made: dict[str, Any] | None = None

    def _all(self) -> dict[str, Any]:
        if self._made is None:
            self._made = self._make()
        return self._made

    def __getitem__(self, name: str) -> Any:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())
