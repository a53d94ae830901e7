"""What departments' pages stand in: banner, tabs, the island at this moment. See `releve.record.chart`."""

from django.http import HttpRequest

from releve.bedside.now import island_now
from releve.bedside.patient import patient_of
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
    found = patient_of(person, request) if person is not None else None
    island = here(request)
    if found is None or island is None:
        return None
    stay = found.present.encounter
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
        context={"patient": found, "traits": found.traits, "stay": stay, "handle": handle, "tab": ""},
    )
