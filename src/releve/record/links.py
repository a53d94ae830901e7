"""Which persons stand together: derived from reversible links, after the rows are written."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from releve.views.reading import Touched

__all__ = ["cluster_heads", "derive_clusters"]


def cluster_heads(links: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return for each person the one who stands for all linked ones; `links` are (kept, other).

    The head is the one that no link leads away from; a circle is cut at the smallest key, so that any
    order of arrival gives the same head.

    >>> sorted(cluster_heads([("A", "B"), ("B", "C")]).items())
    [('A', 'A'), ('B', 'A'), ('C', 'A')]
    """
    neighbours: dict[str, set[str]] = defaultdict(set)
    led_away: set[str] = set()
    for kept, other in links:
        neighbours[kept].add(other)
        neighbours[other].add(kept)
        led_away.add(other)
    heads: dict[str, str] = {}
    for start in sorted(neighbours):
        if start in heads:
            continue
        together, queue = {start}, [start]
        while queue:
            for person in neighbours[queue.pop()] - together:
                together.add(person)
                queue.append(person)
        head = min(together - led_away or together)
        heads.update(dict.fromkeys(together, head))
    return heads


def derive_clusters(cursor: Any, touched: Touched) -> None:
    """Write the cluster of every person reached by a link that was touched, or that waited for a new person."""
    queue = [key.split("/")[0] for key, _ in touched.rows["record_link"]]
    fresh = sorted(touched.fresh)
    for start in range(0, len(fresh), 400):
        part = fresh[start : start + 400]
        marks = ", ".join(["%s"] * len(part))
        cursor.execute(f"SELECT other FROM record_link WHERE other IN ({marks})", part)  # noqa: S608
        queue += [other for (other,) in cursor.fetchall()]
    known: set[str] = set()
    links: set[tuple[str, str]] = set()
    while queue:
        person = queue.pop()
        if person in known:
            continue
        known.add(person)
        cursor.execute(
            "SELECT person, other FROM record_link WHERE (person = %s OR other = %s) AND status = 'active' "
            "AND kind IN ('merge', 'renumber')",
            [person, person],
        )
        for kept, other in cursor.fetchall():
            links.add((kept, other))
            queue += [kept, other]
    if not known:
        return
    heads = cluster_heads(sorted(links))
    cursor.executemany(
        "UPDATE record_person SET cluster = %s WHERE id = %s",
        [(heads.get(person, person), person) for person in known],
    )
