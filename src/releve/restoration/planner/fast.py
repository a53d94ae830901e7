"""The compiled decoder and search over a grid: arrays made once, then `kernel.py`."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np

from releve.restoration.planner import compiled, kernel
from releve.restoration.planner.earliest import earliest_ends
from releve.restoration.planner.grid import Grid, Patience
from releve.restoration.planner.kernel import Place
from releve.restoration.planner.orders import borne_by
from releve.restoration.planner.placing import NOWHERE, Placed
from releve.restoration.planner.pulling import Pulled

__all__ = ["Fast", "FastWalk"]

Array = Any  # arrays of numpy; their types are checked where they are compiled


class Fast:
    """A grid made ready for the compiled decoder."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self._pulls: tuple[Array, Array, Array] | None = None
        self.milestones = [borne_by(grid, m.applications) for m in grid.milestones]
        self.weight = np.array([m.weight for m in grid.milestones], np.float64)
        self.tables, table_of = _tables(grid)
        self.missing_cost = grid.missing_cost
        self.offsets = np.zeros(len(Place), np.int64)
        self.lists = self._lists(table_of)
        self.base, self.base_cost = self._base()

    def _lists(self, table_of: Sequence[int]) -> Array:
        grid, o = self.grid, self.offsets
        counts = grid.size, grid.horizon, len(grid.people_masks), len(grid.profiles)
        o[Place.TASKS], o[Place.HORIZON], o[Place.PEOPLE_COUNT], o[Place.PROFILES] = counts
        flat = [option for team in grid.teams for option in team]
        machines = sorted({profile for profile in grid.machine if profile >= 0})
        self._machines = len(machines)
        first = np.cumsum([0, *(len(team) for team in grid.teams)])
        machine_at = {profile: len(flat) + k for k, profile in enumerate(machines)}
        teams_at, teams_end = [0] * grid.size, [0] * grid.size
        for i in range(grid.size):
            if grid.options[i] >= 0:
                teams_at[i], teams_end[i] = first[grid.options[i]], first[grid.options[i] + 1]
            elif grid.machine[i] >= 0:
                teams_at[i] = machine_at[grid.machine[i]]
                teams_end[i] = teams_at[i] + 1
        app_of = [-1] * grid.size
        for a, tasks in enumerate(grid.own):
            for i in tasks:
                app_of[i] = a
        carried: list[list[int]] = [[] for _ in grid.own]
        for m, applications in enumerate(self.milestones):
            for a in applications:
                carried[a].append(m)
        before, own, people = (
            _nested(grid.before),
            _nested(grid.own),
            _nested([*(f.people for f in flat), *(() for _ in machines)]),
        )
        hours, uses, carry = _nested([f.hour_of for f in grid.profiles]), _nested(grid.uses), _nested(carried)
        parts = {
            Place.WORK: grid.work, Place.READY: grid.ready,
            Place.UNDER_WAY: [at if grid.fixed[i] < 0 else -1 for i, at in enumerate(grid.started)],
            Place.BEFORE_AT: before[0], Place.BEFORE: before[1], Place.OWN_AT: own[0], Place.OWN: own[1],
            Place.APP_OF: app_of, Place.TEAMS_AT: teams_at, Place.TEAMS_END: teams_end,
            Place.PROFILE: [*(option.profile for option in flat), *machines],
            Place.PEOPLE_AT: people[0], Place.PEOPLE: people[1],
            Place.COUNTED: _by_hour([f.before for f in grid.profiles]),
            Place.HOURS_AT: hours[0], Place.HOURS: hours[1],
            Place.PERSON_COUNTED: _counted(grid.people_masks, grid.horizon),
            Place.USES_AT: uses[0], Place.USES: [v for use in uses[1] for v in use],
            Place.CARRIED_AT: carry[0], Place.CARRIED: carry[1], Place.TABLE_OF: table_of,
            Place.STAYS_AT: _stays(grid),
        }  # fmt: skip
        for place in parts:
            o[place] = sum(len(parts[before]) for before in parts if before < place)
        sizes = {
            Place.START: grid.size, Place.END: grid.size, Place.TEAM: grid.size, Place.APP_LEFT: len(grid.own),
            Place.APP_END: len(grid.own), Place.BACK: len(grid.milestones), Place.STAYS: len(grid.people_masks),
            Place.FREE: len(grid.units) * grid.horizon, Place.BEGINS: parts[Place.STAYS_AT][-1],
            Place.FREES: parts[Place.STAYS_AT][-1],
        }  # fmt: skip
        for place in sizes:
            o[place] = sum(sizes[before] for before in sizes if before < place)
        self.state_size = sum(sizes.values())
        return np.concatenate([np.asarray(part, np.int32) for part in parts.values()])

    def _base(self) -> tuple[Array, float]:
        """Return the state before anything is planned: what has ended and what is under way, and its cost.

        Milestones start from hours no plan can beat, so that a bad candidate is seen early.
        """
        grid, o, state = self.grid, self.offsets, np.zeros(self.state_size, np.int32)
        state[o[Place.START] : o[Place.END]] = NOWHERE
        state[o[Place.END] : o[Place.TEAM]] = kernel.UNPLACED
        state[o[Place.TEAM] : o[Place.APP_LEFT]] = -1
        state[o[Place.APP_LEFT] : o[Place.APP_END]] = [len(tasks) for tasks in grid.own]
        state[o[Place.FREE] : o[Place.BEGINS]] = np.repeat(np.array(grid.units, np.int32), grid.horizon)
        cost, earliest = 0.0, earliest_ends(grid)
        for m, applications in enumerate(self.milestones):
            hour = max((earliest[i] for a in applications for i in grid.own[a]), default=0)
            state[o[Place.BACK] + m] = min(hour, grid.horizon)
            cost += self.weight[m] * grid.milestones[m].table[min(hour, grid.horizon)]
        for a, tasks in enumerate(grid.own):
            for i in (i for i in tasks if grid.fixed[i] >= 0):
                state[o[Place.START] + i], state[o[Place.END] + i] = grid.started[i], grid.fixed[i]
                state[o[Place.APP_LEFT] + a] -= 1
                state[o[Place.APP_END] + a] = max(state[o[Place.APP_END] + a], grid.fixed[i])
        cost += compiled.place_first(
            *self.given(self.patience(None)), state, np.array(grid.running, np.int32)
        )
        return state, float(cost)

    def given(self, patience: Array) -> tuple[Any, ...]:
        """Return what each compiled function is handed first."""
        return self.lists, self.offsets, patience, self.weight, self.tables, self.missing_cost

    def pulls(self) -> tuple[Array, Array, Array]:
        """Return what each application pulls with it, as two nested lists, and what stands whatever the order."""
        if self._pulls is None:
            pulled = Pulled(self.grid)
            at, flat = _nested([(a, *own) for a, own in enumerate(pulled.pulls)])
            self._pulls = np.array(at, np.int32), np.array(flat, np.int32), np.array(pulled.first, np.int32)
        return self._pulls

    def patience(self, patience: Patience | None) -> Array:
        """Return the patience with each team as an array; machine work has none."""
        own = self.grid.patience if patience is None else patience
        return np.array([*own, *([0] * self._machines)], np.int32)

    def cost(self, order: Sequence[int], patience: Patience | None = None) -> float:
        """Return the care lost in this order, with a large price for each milestone that is not back."""
        return self._decode(order, patience)[1]

    def _decode(self, order: Sequence[int], patience: Patience | None) -> tuple[Array, float]:
        state = self.base.copy()
        more = compiled.decode(
            *self.given(self.patience(patience)), state, np.array(order, np.int32),
            np.zeros(self.grid.size + 1, np.int32),
        )  # fmt: skip
        return state, self.base_cost + float(more)

    def place(self, order: Sequence[int], patience: Patience | None = None) -> Placed:
        """Return what `placing.place` returns, except that `sequence` is in the order of the starts."""
        state, o, grid = self._decode(order, patience)[0], self.offsets, self.grid
        starts, ends, teams = (
            [int(v) for v in state[o[place] : o[place] + grid.size]]
            for place in (Place.START, Place.END, Place.TEAM)
        )
        for i in range(grid.size):
            if ends[i] == kernel.UNPLACED:
                ends[i] = NOWHERE
            teams[i] = (
                teams[i] - int(self.lists[o[Place.TEAMS_AT] + i]) if grid.options[i] >= 0 <= teams[i] else -1
            )
        return Placed(starts, ends, teams, sorted(range(grid.size), key=lambda i: (starts[i], ends[i])))


class FastWalk:
    """What `annealing.Walk` is, compiled."""

    def __init__(
        self,
        fast: Fast,
        order: Sequence[int],
        patience: Patience,
        seed: int,
        groups: Sequence[Sequence[int]] = (),
    ) -> None:
        self._fast = fast
        at, flat = _nested(groups)
        self._groups = np.array(at, np.int32), np.array(flat, np.int32)
        room = kernel.SNAPSHOTS + 1
        self._states = np.zeros((2 + 2 * room, fast.state_size), np.int32)
        self._costs = np.zeros(2 + 2 * room)
        self._states[0], self._costs[0] = fast.base, fast.base_cost
        self._which, self._spare = np.arange(2, 2 + room), np.arange(2 + room, 2 + 2 * room)
        self._order = np.array(order, np.int32)
        self._best, self._found = self._order.copy(), self._order.copy()
        self._pulls_at, self._pulls, first = fast.pulls()
        self._pulled = first.copy()
        self._stack = np.zeros(fast.grid.size + 1, np.int32)
        self._numbers = np.array([np.inf, np.inf, 0.0])
        self._random = np.uint64((seed * 0x9E3779B97F4A7C15 + 0x1234567) & ((1 << 64) - 1) or 1)
        self.best_patience = patience
        self.be(patience)

    def be(self, patience: Patience) -> None:
        """Go on from the same order with this patience."""
        self.patience, self._patience = patience, self._fast.patience(patience)
        self._trial = self._patience.copy()
        self._decode_again()

    def _decode_again(self) -> None:
        fast, patience = self._fast, self.patience
        cost = compiled.snapshots(
            *fast.given(self._patience), self._states, self._costs, self._which, self._order, self._stack
        )
        self._numbers[0] = cost
        if cost < self._numbers[1] * (1.0 - 1e-11):
            self._numbers[1], self.best_patience = cost, patience
            self._best[:] = self._order

    def take(self, order: Sequence[int], patience: Patience) -> None:
        """Go on from another order, with its patience."""
        self._order[:] = order
        self.be(patience)

    def wait(self, number: int, person: int, hours: int, threshold: float) -> None:
        """Wait otherwise for one person in one list of teams, if that costs no more than `threshold`."""
        fast, grid = self._fast, self._fast.grid
        at, end = grid.team_at[number], grid.team_at[number + 1]
        own = {**self.patience.waits[number], person: hours}
        self._trial[at:end] = Patience.of_team(grid.teams[number], own)
        if np.array_equal(self._trial[at:end], self._patience[at:end]):
            return
        cost = compiled.cost_until(
            *fast.given(self._trial), self._states, self._costs, self._order, self._stack, threshold
        )
        if cost <= threshold:
            self.patience = self.patience.changed(number, person, hours)
            self._patience[at:end] = self._trial[at:end]
            self._decode_again()
        else:
            self._trial[at:end] = self._patience[at:end]

    def step(self, moves: int, hot: float, cold: float) -> None:
        """Go on for so many moves, from one temperature to another."""
        if len(self._order) < 2:
            return
        fast, was = self._fast, self._numbers[1]
        self._random = np.uint64(
            compiled.anneal(
                *fast.given(self._patience), self._states, self._costs, self._which, self._spare, self._order,
                self._found, self._best, self._numbers, self._random, moves, hot, cold, self._stack,
                self._pulls_at, self._pulls, self._pulled, *self._groups,
            )
        )  # fmt: skip

        if self._numbers[1] < was:
            self.best_patience = self.patience

    @property
    def order(self) -> list[int]:
        """The order it stands at."""
        return [int(a) for a in self._order]

    @property
    def cost(self) -> float:
        """The cost of the order it stands at."""
        return float(self._numbers[0])

    @property
    def best_cost(self) -> float:
        """The cost of the best order seen."""
        return float(self._numbers[1])

    @property
    def best(self) -> list[int]:
        """The best order seen."""
        return [int(a) for a in self._best]


def _tables(grid: Grid) -> tuple[Array, list[int]]:
    rows: dict[int, int] = {}
    tables: list[Array] = []
    for milestone in grid.milestones:
        if milestone.service not in rows:
            rows[milestone.service] = len(tables)
            tables.append(np.frombuffer(milestone.table, np.float64))
    table = np.array(tables) if tables else np.zeros((1, grid.horizon + 1))
    return table, [rows[milestone.service] for milestone in grid.milestones]


def _nested(lists: Sequence[Sequence[Any]]) -> tuple[list[int], list[Any]]:
    """Return where each list begins (and the last ends), and all of them one after the other."""
    at: list[int] = [0]
    flat: list[Any] = []
    for one in lists:
        flat += one
        at.append(len(flat))
    return at, flat


def _by_hour(counted: Sequence[array[int]]) -> Array:
    """Return the worked hours before each hour, all profiles side by side: teams are looked at for the same hour."""
    if not counted:
        return np.zeros(0, np.int32)
    return np.stack([np.frombuffer(one, np.int32) for one in counted], 1).ravel()


def _counted(masks: Sequence[int], horizon: int) -> Array:
    found = np.zeros((len(masks), horizon + 1), np.int32)
    for k, mask in enumerate(masks):
        packed = np.frombuffer(mask.to_bytes(horizon // 8 + 1, "little"), np.uint8)
        np.cumsum(np.unpackbits(packed, bitorder="little")[:horizon], out=found[k, 1:])
    return found.ravel()


def _stays(grid: Grid) -> list[int]:
    """Return where the stays of each person begin: room for one with each task the person could take part in."""
    room = [1] * len(grid.people_masks)
    for i in range(grid.size):
        if grid.options[i] >= 0 and not grid.left[i] and grid.fixed[i] < 0:
            for person in {p for option in grid.teams[grid.options[i]] for p in option.people}:
                room[person] += 1
    return [int(v) for v in np.cumsum([0, *room])]
