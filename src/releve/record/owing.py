"""What was recorded here and not yet given back: counted by application, for whoever lifts one."""

from collections import Counter

import msgspec
from django.db.models import Count

from releve.record.tables import Act

__all__ = ["acts_owed"]


def acts_owed() -> Counter[str]:
    """Return how many acts each application is owed, by its code; applications owed nothing are not there."""
    found: Counter[str] = Counter()
    for applications, number in (
        Act.objects.exclude(applications=None).values_list("applications").annotate(n=Count("id")).order_by()
    ):
        for code in msgspec.json.decode(applications or "[]"):
            found[code] += number
    return found
