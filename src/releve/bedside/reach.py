"""Which wards are in charge of a patient, and who a board names: what access and audit ask of the record.

A ward that she has just left still writes its hand-over, one that expects her prepares: both stay in charge for a day.
"""

from itertools import pairwise

from releve.record.tables import Encounter, Movement, Person
from releve.web.audit.about import Whereabouts
from releve.web.shell import now_ms

__all__ = ["patients_in", "whereabouts"]

_HERE = ("present", "leave")
_AFTER_MS = 24 * 3600 * 1000


def whereabouts(key: str) -> Whereabouts:
    """Return the key that stands for all linked ones, and the wards of accommodation, care and medical charge."""
    row = Person.objects.filter(id=key).values_list("cluster").first()
    if row is None and not Encounter.objects.filter(person=key).exists():
        return Whereabouts(patient="", wards=())  # nobody: the page itself says that it is not found
    head = (row[0] if row is not None else None) or key
    persons = [*Person.objects.filter(cluster=head).values_list("id", flat=True), head, key]
    since = now_ms() - _AFTER_MS
    wards: dict[str, None] = {}
    visits: set[str] = set()
    for stay in Encounter.objects.filter(person__in=set(persons)):
        gone = stay.status == "left" and (stay.discharged_at is None or stay.discharged_at < since)
        if gone or stay.status not in (*_HERE, "planned", "left"):
            continue
        visits.add(stay.visit)
        for ward in (stay.ward, stay.care_ward, stay.medical_ward, stay.attributed_to):
            if ward:
                wards[ward] = None
    if visits:
        moves = Movement.objects.filter(person__in=set(persons), visit__in=visits, status="active")
        rows = list(
            moves.exclude(happened_at=None).order_by("happened_at").values_list("happened_at", "ward")
        )
        for (_, ward), (until, _) in pairwise(rows):
            if ward and until >= since:
                wards[ward] = None
    return Whereabouts(patient=head, wards=tuple(wards))


def patients_in(ward: str) -> tuple[str, ...]:
    """Return the keys of the patients present in a ward, as its board names them."""
    found = Encounter.objects.filter(status__in=_HERE, ward=ward).order_by("person")
    return tuple(dict.fromkeys(found.values_list("person", flat=True)))
