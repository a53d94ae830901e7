"""What each run lost; written for `compiled.py` to compile as it stands."""

from releve.restoration.forecast.shapes import Reals, Row, Sums

__all__ = ["sum_up"]


def sum_up(
    m: Sums,
    d: Row,
    f: Reals,
    first_run: int,
    last_run: int,
    back: Row,
    first: Row,
    down: Row,
    served: Row,
    lost: Reals,
    curve: Reals,
) -> None:
    """Write run after run: the hour each service is back for good, the care each lost, the care lost a day."""
    for run in range(first_run, last_run):
        at = run * m.applications
        for k in range(m.milestones):
            hour = 0
            good = 0
            for p in range(d[m.parts_at + k], d[m.parts_at + k + 1]):
                a = at + d[m.parts + p]
                hour = max(hour, first[a] if first[a] >= 0 else m.horizon)
                good = max(good, back[a] if back[a] >= 0 else m.horizon + 1)
            hour = min(hour, m.horizon)
            add(m, d, f, k, run, 0, hour, lost, curve)
            until = hour
            while good > until:  # out again: each time after the one before, so that no hour is lost twice
                begins = m.horizon
                ends = until
                for p in range(d[m.parts_at + k], d[m.parts_at + k + 1]):
                    a = at + d[m.parts + p]
                    ended = back[a] if back[a] >= 0 else m.horizon
                    if down[a] >= 0 and ended > until and max(down[a], until) < begins:
                        begins = max(down[a], until)
                        ends = ended
                if ends <= until:
                    break
                add(m, d, f, k, run, begins, min(ends, m.horizon), lost, curve)
                until = ends
            service = run * m.services + d[m.service + k]
            served[service] = max(served[service], good)


def add(
    m: Sums, d: Row, f: Reals, k: int, run: int, begins: int, ends: int, lost: Reals, curve: Reals
) -> None:
    """Add what a milestone loses between two hours."""
    table = m.losses + d[m.table + k]
    weight = f[m.weight + k]
    lost[run * m.services + d[m.service + k]] += weight * (f[table + ends] - f[table + begins])
    day = begins // 24
    since = begins
    while since < ends and day < m.days:
        until = min(ends, day * 24 + 24)
        curve[run * m.days + day] += weight * (f[table + until] - f[table + since])
        since = until
        day += 1
