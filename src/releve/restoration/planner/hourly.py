"""A case by the hour, where each hour of each person has a price and nobody is ever in anybody's way.

A node is a task, an application or a milestone; it has a cost for each hour it may end at. Who is held by a task from
its first hour to its last is paid for; what a plan loses is then at least what the nodes cost at their cheapest, one
after the other as needs and tasks ask, less what all hours together are worth. That holds for any prices (Lagrange),
and for any way of telling costs along the edges instead of seeking the cheapest hours of all nodes at once.

Source: prices of hours over a project without limits: Christofides, Alvarez-Valdes and Tamarit 1987; Möhring, Schulz,
Stork and Uetz 2003. Costs told along the edges: sequential reweighted message passing, Kolmogorov 2015.
Arrays of numpy, compiled functions; imported only where numba is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from releve.restoration.case import SkillCount
from releve.restoration.planner import hourly_kernel
from releve.restoration.planner.grid import Grid
from releve.restoration.planner.loads import counted_hours
from releve.restoration.planner.orders import borne_by
from releve.restoration.planner.program import Builder

__all__ = ["Hourly"]

Array = Any
kernel: Any = hourly_kernel  # how many arrays each takes is not told by the rows put together here
_TEAMS_MAX = 400  # teams told apart only by whom they are like; a task with more of them pays nobody
_Team = tuple[int, tuple[tuple[int, int], ...]]  # its hours as a mask, and how many of each group


class Hourly:
    """The nodes of a case up to the last edge of a program, priced anew by `price`.

    A row of `prices` is a group of people who have the same skills and hours, or after them a resource; a column is a
    part of time between two of `edges`. `offered` has the hours there are, in the same places.
    """

    def __init__(self, grid: Grid, builder: Builder, edges: Array) -> None:
        self.grid, self.builder, self.edges = grid, builder, edges
        self.last = int(builder.edges[-1])
        self._profiles: dict[int, int] = {}
        self._hours: list[Array] = []
        self._counted: list[Array] = []
        self._group()
        self._nodes()
        self._order()
        self._spans()
        self._lay_out()
        self.price(np.zeros_like(self.offered))

    def _group(self) -> None:
        """Put people together who have the same skills and hours; count the hours of each group and resource."""
        grid, now, size = self.grid, int(self.edges[0]), len(self.edges) - 1
        groups: dict[tuple[frozenset[str], int], list[int]] = {}
        for who, (person, mask) in enumerate(zip(grid.case.people, grid.people_masks, strict=True)):
            groups.setdefault((frozenset(person.skills), mask), []).append(who)
        self.skills = [skills for skills, _ in groups]
        self.masks = [mask for _, mask in groups]
        self.people = [len(who) for who in groups.values()]
        self.part = np.clip(np.searchsorted(self.edges, np.arange(self.last), side="right") - 1, 0, size - 1)
        there = [np.diff(counted_hours(mask, grid.horizon))[: self.last] for mask in self.masks]
        there += [np.ones(self.last)] * len(grid.units)
        self.there = np.array(there, np.float64).reshape(len(there), self.last)
        number = [*self.people, *grid.units]
        coming = np.arange(self.last) >= now
        self.offered = np.zeros((len(number), size))
        for row, hours in enumerate(self.there):
            self.offered[row] = number[row] * np.bincount(self.part, hours * coming, size)

    def _nodes(self) -> None:
        """Number tasks, then applications, then milestones, and say what each of them waits for."""
        grid, builder = self.grid, self.builder
        of, links = grid.links.of, grid.links
        self.tasks = [i for i in links.order if not grid.left[i] and grid.fixed[i] < 0]
        task = {i: node for node, i in enumerate(self.tasks)}
        application = {a: len(task) + k for k, a in enumerate(builder.back)}
        self.before: list[list[int]] = []
        self.ready: list[int] = []
        for i in self.tasks:
            waits, ready = set(), grid.ready[i]
            for j in grid.before[i] if grid.started[i] < 0 else ():
                if grid.fixed[j] >= 0:
                    ready = max(ready, grid.fixed[j])
                elif j in links.through[i] and of[j] in application:
                    waits.add(application[of[j]])
                else:
                    waits.add(task[j])
            self.before.append(sorted(waits))
            self.ready.append(ready)
        for a in application:
            self.before.append([task[i] for i in builder.last_tasks[a] if i in task])
            self.ready.append(builder.head[a])
        self.constant = 0.0
        self.services: list[int] = []
        for m, milestone in enumerate(grid.milestones):
            waits_for = [application[a] for a in borne_by(grid, milestone.applications) if a in application]
            if not waits_for:
                self.constant += milestone.weight * milestone.table[builder.service_heads[m]]
                continue
            self.services.append(m)
            self.before.append(waits_for)
            self.ready.append(builder.service_heads[m])

    def _order(self) -> None:
        """Sort the nodes so that each follows what it waits for; tasks and applications wait for one another."""
        left = [len(before) for before in self.before]
        after: list[list[int]] = [[] for _ in left]
        for node, before in enumerate(self.before):
            for other in before:
                after[other].append(node)
        order = [node for node, count in enumerate(left) if not count]
        for node in order:  # grows
            for other in after[node]:
                left[other] -= 1
                if not left[other]:
                    order.append(other)
        self.order = np.array(order, np.int64)

    def _spans(self) -> None:
        """Say for each node when it ends at the soonest, when it starts at the latest, and which teams could do it."""
        grid, last = self.grid, self.last
        self.lo = np.zeros(len(self.before), np.int64)
        self.row = np.zeros(len(self.before), np.int64)
        self._starts: list[Array] = [np.arange(last + 1, dtype=np.int32)]
        rows: dict[tuple[tuple[int, ...], int], int] = {}
        teams: dict[_Team, int] = {}
        of_tasks: dict[tuple[Any, ...], list[_Team]] = {}
        self._offers: list[list[tuple[int, int, int]]] = [[] for _ in self.before]
        for node in self.order.tolist():
            ready = min(max([self.ready[node], *(int(self.lo[other]) for other in self.before[node])]), last)
            i = self.tasks[node] if node < len(self.tasks) else -1
            self.lo[node] = ready
            if i < 0 or not grid.work[i]:
                continue
            possible = self._possible(i, of_tasks)
            masks = [mask for mask, _ in possible] or [grid.masks[p] for p in self.builder.clock.profiles[i]]
            profiles = tuple(sorted({self._profile(mask) for mask in masks}))
            if not profiles:
                continue
            key = profiles, grid.work[i]
            if key not in rows:
                rows[key] = len(self._starts)
                self._starts.append(self._latest(profiles, grid.work[i]))
            self.row[node] = rows[key]
            self.lo[node] = min(int(np.searchsorted(self._starts[rows[key]], ready)), last)
            for team in possible:
                profile = self._profile(team[0])
                least = int(self._counted[profile][ready])
                self._offers[node].append((teams.setdefault(team, len(teams)), grid.work[i], least))
        self.profile = np.array([self._profile(mask) for mask, _ in teams], np.int64)
        entries = [(number, group, count) for (_, who), number in teams.items() for group, count in who]
        rows_, columns, counts = zip(*entries, strict=True) if entries else ((), (), ())
        self._who = csr_matrix(
            (np.array(counts, np.float64), (rows_, columns)), (len(teams), len(self.offered))
        )

    def _possible(self, i: int, known: dict[tuple[Any, ...], list[_Team]]) -> list[_Team]:
        """Return the teams that could do a task, told apart by groups; none: nobody is paid for it."""
        grid = self.grid
        if grid.started[i] >= 0:  # whom it holds is reported, not chosen
            return []
        task, uses = grid.case.tasks[i], tuple((len(self.people) + r, units) for r, units in grid.uses[i])
        if grid.options[i] < 0:
            return [(grid.masks[grid.machine[i]], uses)] if uses else []
        asked = tuple((line.skill, line.count) for line in task.team if line.count > 0)
        key = asked, task.calendar, uses
        if key not in known:
            found: dict[tuple[tuple[int, int], ...], int] = {(): grid.calendars[task.calendar]}
            for line in task.team:
                found = self._joined(found, line)
                if len(found) > _TEAMS_MAX:
                    found = {}
                    break
            known[key] = [(mask, (*who, *uses)) for who, mask in found.items() if mask]
        return known[key]

    def _joined(
        self, found: dict[tuple[tuple[int, int], ...], int], line: SkillCount
    ) -> dict[tuple[tuple[int, int], ...], int]:
        """Return these beginnings of teams with so many people of a skill more, in every way there is."""
        able = [group for group, skills in enumerate(self.skills) if line.skill in skills]
        for _ in range(max(line.count, 0)):
            more: dict[tuple[tuple[int, int], ...], int] = {}
            for who, mask in found.items():
                taken = dict(who)
                for group in able:
                    if taken.get(group, 0) < self.people[group]:
                        those = tuple(sorted({**taken, group: taken.get(group, 0) + 1}.items()))
                        more[those] = mask & self.masks[group]
            found = more
            if len(found) > _TEAMS_MAX:
                break
        return found

    def _profile(self, mask: int) -> int:
        if mask not in self._profiles:
            self._profiles[mask] = len(self._hours)
            counted = counted_hours(mask, self.grid.horizon)[: self.last + 1]
            self._counted.append(counted)
            self._hours.append(np.flatnonzero(np.diff(counted)).astype(np.int32))
        return self._profiles[mask]

    def _latest(self, profiles: tuple[int, ...], work: int) -> Array:
        """Return for each end the latest start of so much work by a team of one of these profiles; -1: none."""
        found = np.full(self.last + 1, -1, np.int32)
        for profile in profiles:
            hours, counted = self._hours[profile], self._counted[profile]
            enough = counted >= work
            found[enough] = np.maximum(found[enough], hours[counted[enough] - work])
        found[self.last] = self.last  # whatever ends then or later
        return found

    def _lay_out(self) -> None:
        """Put everything side by side in arrays, as the compiled functions read it."""
        last, nodes = self.last, len(self.before)
        room = last + 1 - self.lo
        self.at = np.concatenate([[0], np.cumsum(room)])[:-1] - self.lo
        self.row = self.row * (last + 1)
        self.starts = np.concatenate(self._starts)
        self.source = np.array([other for before in self.before for other in before], np.int64)
        self.target = np.repeat(np.arange(nodes), [len(before) for before in self.before])
        self.in_at, self.ins = self._by(self.target)
        self.out_at, self.outs = self._by(self.source)
        self.p_at = np.concatenate([[0], np.cumsum(room[self.source])])[:-1] - self.lo[self.source]
        self.q_at = np.concatenate([[0], np.cumsum(room[self.target])])[:-1] - self.lo[self.target]
        self.given = np.zeros(int(room[self.source].sum()))
        self.told = np.zeros(int(room[self.target].sum()))
        self.lost = np.zeros(int(room.sum()))
        for place, m in enumerate(self.services):
            node, milestone = nodes - len(self.services) + place, self.grid.milestones[m]
            table = np.frombuffer(milestone.table, np.float64)[self.lo[node] : last + 1]
            self.lost[self.at[node] + self.lo[node] :][: len(table)] = milestone.weight * table
        self.total, self.cost = self.lost.copy(), np.zeros_like(self.lost)
        flat = [offer for offers in self._offers for offer in offers]
        self.offers_at = np.concatenate([[0], np.cumsum([len(offers) for offers in self._offers])])
        self.offer, self.work, self.least = np.array(flat, np.int64).reshape(-1, 3).T.copy()
        self.hours_at = np.concatenate([[0], np.cumsum([len(hours) for hours in self._hours])])
        self.hours = np.concatenate([np.zeros(0, np.int32), *self._hours])
        self._room = np.zeros(last + 1)

    def _by(self, node: Array) -> tuple[Array, Array]:
        at = np.zeros(len(self.before) + 1, np.int64)
        np.add.at(at, node + 1, 1)
        return np.cumsum(at), np.argsort(node, kind="stable")

    def price(self, prices: Array) -> None:
        """Take these prices of an hour; rows and columns as in `offered`."""
        self.prices = prices
        worth = np.zeros((len(prices), self.last + 1))
        np.cumsum(prices[:, self.part] * self.there, axis=1, out=worth[:, 1:])
        self._paid = np.ascontiguousarray(self._who @ worth)
        kernel.reprice(
            self.last, self.lo, self.at, *self._offered(), self._paid, self.cost, self.total, self._room
        )

    def _offered(self) -> tuple[Array, ...]:
        return (self.offers_at, self.offer, self.work, self.least, self.profile, self.hours_at, self.hours)

    def _edges(self) -> tuple[Array, ...]:
        return (self.lo, self.at, self.row, self.starts, self.in_at, self.ins, self.out_at, self.outs)

    def tell(self, warmth: float) -> Array:
        """Tell costs forwards and back once; return the hours held, as in `offered`, at this warmth of choice."""
        held = np.zeros((len(self.profile), self.last + 1))
        between = self.p_at, self.q_at, self.given, self.told, self.total
        kernel.forward(
            self.last, self.order, *self._edges(), self.source, *between, *self._offered(), self._paid, self.cost,
            warmth, held, self._room,
        )  # fmt: skip
        kernel.backward(self.last, self.order, *self._edges(), self.target, *between, self._room)
        hours = np.cumsum(self._who.T @ held, axis=1)[:, :-1] * self.there
        found = np.zeros_like(self.offered)
        for row, each in enumerate(hours):
            found[row] = np.bincount(self.part, each, found.shape[1])
        return found

    def proven(self) -> float:
        """Return what every plan loses at least, by the prices and costs told so far; a little less, for rounding."""
        least, size = kernel.proven(
            self.last, *self._edges(), self.source, self.target, self.p_at, self.q_at, self.given, self.told,
            self.lost, self.cost, self._room,
        )  # fmt: skip
        worth = float((self.prices * self.offered).sum())
        return self.constant + least - worth - 1e-11 * (size + worth)
