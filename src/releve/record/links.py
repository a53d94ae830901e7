"""Which persons stand together: derived from reversible links, after the rows are written."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from releve.views.parts import in_parts
from releve.views.reading import Touched

__all__ = ["Told", "cluster_heads", "derive_clusters"]


class Told(NamedTuple):
    """One active link: `other` leads to `kept` since `at` (milliseconds)."""

    kept: str
    other: str
    at: int = 0
    kind: str = "merge"


def cluster_heads(links: Sequence[Told]) -> dict[str, str]:
    """Return for each person the one who stands for all linked ones.

    A number leads to one other: told twice, the later telling holds, because joining the two that were told would
    make one patient of two living ones. Where numbers lead to one another in a circle, the one told last to stay stays.
    An alias that leads to two persons leads to nobody.

    >>> sorted(cluster_heads([Told("A", "B"), Told("B", "C")]).items())
    [('A', 'A'), ('B', 'A'), ('C', 'A')]
    """
    parent: dict[str, str] = {}

    def root_of(person: str) -> str:
        while person in parent:
            person = parent[person]
        return person

    aliases: dict[str, set[str]] = defaultdict(set)
    for link in sorted(links, key=lambda link: (link.at, link.kept, link.other, link.kind)):
        if link.kind == "alias":
            aliases[link.other].add(link.kept)
            continue
        if link.kept == link.other:
            continue
        # Who was led to `other` until now, directly or not, stays from now on: no circle.
        if root_of(link.kept) == link.other or _leads_through(parent, link.kept, link.other):
            parent.pop(link.kept, None)
        parent[link.other] = link.kept
    for alias in sorted(aliases):
        roots = {root_of(kept) for kept in aliases[alias]} - {alias}
        if len(roots) == 1 and alias not in parent:
            (root,) = roots
            if root_of(root) != alias:
                parent[alias] = root
    everyone = {person for link in links for person in (link.kept, link.other)}
    return {person: root_of(person) for person in everyone}


def _leads_through(parent: dict[str, str], person: str, through: str) -> bool:
    while person in parent:
        person = parent[person]
        if person == through:
            return True
    return False


def derive_clusters(cursor: Any, touched: Touched) -> None:
    """Write the cluster of every person reached by a link that was touched, or that waited for a new person."""
    queue = [values["person"] for _, values in touched.rows["record_link"] if values.get("person")]
    queue += [values["other"] for _, values in touched.rows["record_link"] if values.get("other")]
    fresh = sorted(touched.fresh)
    for part in in_parts(fresh):
        marks = ", ".join(["%s"] * len(part))
        cursor.execute(f"SELECT other FROM record_link WHERE other IN ({marks})", part)  # noqa: S608
        queue += [other for (other,) in cursor.fetchall()]
    known: set[str] = set()
    links: set[Told] = set()
    while queue:
        person = queue.pop()
        if person in known:
            continue
        known.add(person)
        # A withdrawn link still tells whom to look at again: they were together until now.
        cursor.execute(
            "SELECT person, other, COALESCE(happened_at, stamp, 0), kind, status FROM record_link "
            "WHERE (person = %s OR other = %s) AND kind IN ('merge', 'renumber', 'link', 'alias') "
            "AND status IN ('active', 'withdrawn')",
            [person, person],
        )
        for kept, other, at, kind, status in cursor.fetchall():
            if status == "active":
                links.add(Told(kept, other, at, kind))
            queue += [kept, other]
    if not known:
        return
    heads = cluster_heads(sorted(links))
    cursor.executemany(
        "UPDATE record_person SET cluster = %s WHERE id = %s",
        [(heads.get(person, person), person) for person in known],
    )
