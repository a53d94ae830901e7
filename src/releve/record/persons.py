"""Who stands behind a number: the persons linked with it, their stays, as every room that shows people needs them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import Q

from releve.record.tables import Encounter, Person
from releve.views.parts import in_parts

__all__ = ["HERE", "persons_behind", "stay_of", "stays_here"]

HERE = ("present", "leave")
# The stay to show when several are known: who is here, then who is expected, then who left last.
RANK = {"present": 0, "leave": 0, "planned": 1, "left": 2}


def persons_behind(keys: Iterable[str]) -> dict[str, tuple[str, list[Person]]]:
    """Return for each key the head of its cluster and every person linked with it."""
    wanted = sorted(set(keys))
    heads: dict[str, str] = {}
    for part in in_parts(wanted):
        for key, cluster in Person.objects.filter(id__in=part).values_list("id", "cluster"):
            heads[key] = cluster or key
    members: dict[str, list[Person]] = defaultdict(list)
    for part in in_parts(sorted(set(heads.values()))):
        for person in Person.objects.filter(Q(cluster__in=part) | Q(id__in=part, cluster=None)):
            members[person.cluster or person.id].append(person)
    return {key: (head, members[head]) for key, head in heads.items() if members.get(head)}


def stay_of(persons: Iterable[str]) -> Encounter | None:
    """Return the stay to show of one person's numbers: present first, then planned, then the last one that ended."""
    stays = list(
        Encounter.objects.filter(person__in=list(persons)).exclude(status__in=("cancelled", "moved"))
    )
    stays.sort(key=lambda stay: (-(stay.admitted_at or 0), stay.id))
    return min(stays, key=lambda stay: RANK.get(stay.status or "", 3), default=None)


def stays_here(wards: Sequence[str] | None = None) -> list[Encounter]:
    """Return the stays of everyone present in these wards (None: in the hospital), by key."""
    found = Encounter.objects.filter(status__in=HERE)
    if wards is not None:
        found = found.filter(ward__in=list(wards))
    return list(found.order_by("id"))
