"""A list of machines becomes entries: only what is new or differs, a hundred machines an entry. Pure."""

from collections.abc import Callable, Collection, Mapping, Sequence

from releve.restoration.fleet.facts import Machine, MachinesListed

__all__ = ["MACHINES_AN_ENTRY", "listed"]

# About 15 KiB: an entry stays in the log and never becomes a blob.
MACHINES_AN_ENTRY = 100


def listed(
    machines: Sequence[Machine],
    *,
    known: Mapping[str, Machine],
    standing: Mapping[str, Collection[str]],
    twice: Collection[str] = (),
    key: Callable[[], str],
    now_ms: int,
    by: str,
    by_name: str = "",
    file_sha256: str = "",
) -> tuple[MachinesListed, ...]:
    """Return the facts that bring a list up to date.

    `known` is how each machine is described now, `standing` the acts that say so, `twice` those that two islands
    describe differently: the list settles them. `key` gives a new act's key.
    """
    changed = [one for one in machines if known.get(one.tag) != one or one.tag in twice]
    facts = []
    for start in range(0, len(changed), MACHINES_AN_ENTRY):
        part = tuple(changed[start : start + MACHINES_AN_ENTRY])
        seen = sorted({act for one in part for act in standing.get(one.tag, ())})
        facts.append(
            MachinesListed(
                act=key(), happened_at=now_ms, by=by, by_name=by_name, machines=part, seen=tuple(seen),
                file_sha256=file_sha256,
            )
        )  # fmt: skip
    return tuple(facts)
