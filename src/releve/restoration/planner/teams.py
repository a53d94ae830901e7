"""Who could do a task: the teams of people that have its skills, the least flexible first.

All teams when there are few; when there are many, a fixed sample of them in which everybody takes part. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import comb
from random import Random

from releve.restoration.case import Person, SkillCount

__all__ = ["TEAMS_MAX", "flexibility", "possible_teams", "together_at_best"]

# A task looks at every team it could have at each of its places: more would slow every decoding.
TEAMS_MAX = 48


def flexibility(people: Sequence[Person]) -> list[int]:
    """Return the rank of each person: 0 is who has the fewest skills, in the order of the case."""
    order = sorted(range(len(people)), key=lambda index: (len(set(people[index].skills)), index))
    rank = [0] * len(people)
    for place, index in enumerate(order):
        rank[index] = place
    return rank


def possible_teams(
    team: Sequence[SkillCount], people: Sequence[Person], rank: Sequence[int]
) -> tuple[list[tuple[int, ...]], bool]:
    """Return teams as indices of people, the least flexible team first, and whether these are all there are."""
    asked: dict[str, int] = {}
    for line in team:
        if line.count > 0:
            asked[line.skill] = asked.get(line.skill, 0) + line.count
    slots = []
    for skill, count in asked.items():
        able = sorted((i for i, person in enumerate(people) if skill in person.skills), key=rank.__getitem__)
        if len(able) < count:
            return [], True
        slots.append((able, count))
    slots.sort(key=lambda slot: (len(slot[0]), slot[1]))
    number = 1
    for able, count in slots:
        number *= comb(len(able), count)
    found: dict[tuple[int, ...], None] = {}
    complete = number <= 4 * TEAMS_MAX
    if complete:
        for chosen in _all(slots, ()):
            found.setdefault(tuple(sorted(chosen)))
    else:
        found = _sample(slots)
    teams = sorted(found, key=lambda chosen: (sum(rank[i] for i in chosen), chosen))
    if len(teams) > TEAMS_MAX:
        teams, complete = _spread(teams), False
    return teams, complete


def together_at_best(
    team: Sequence[SkillCount], people: Sequence[Person], masks: Sequence[int], calendar: int
) -> int:
    """Return the hours of the calendar in which enough people of each skill are there, whoever they are."""
    hours = calendar
    for line in team:
        enough = [-1] + [0] * max(line.count, 0)  # enough[k]: hours with at least k of those seen so far
        for person, mask in zip(people, masks, strict=True):
            if line.skill in person.skills:
                for k in range(len(enough) - 1, 0, -1):
                    enough[k] |= enough[k - 1] & mask
        hours &= enough[-1]
    return hours


def _all(slots: Sequence[tuple[list[int], int]], taken: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    if not slots:
        yield taken
        return
    able, count = slots[0]
    for chosen in combinations([i for i in able if i not in taken], count):
        yield from _all(slots[1:], taken + chosen)


def _sample(slots: Sequence[tuple[list[int], int]]) -> dict[tuple[int, ...], None]:
    """Return some of very many teams, the same at each call; everybody able stands in one when they can."""
    random = Random(1)
    found: dict[tuple[int, ...], None] = {}
    uses: dict[int, int] = {}
    for _ in range(4 * TEAMS_MAX):
        taken: list[int] = []
        for able, count in slots:
            free = [i for i in able if i not in taken]
            if len(free) < count:
                break
            free.sort(key=lambda i: (uses.get(i, 0), random.random()))
            taken += free[:count]
        else:
            for i in taken:
                uses[i] = uses.get(i, 0) + 1
            found.setdefault(tuple(sorted(taken)))
        if len(found) >= TEAMS_MAX:
            break
    return found


def _spread(teams: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Return `TEAMS_MAX` of the teams, such that who is in none of the first ones is in a later one."""
    chosen: dict[tuple[int, ...], None] = {}
    uses: dict[int, int] = {}
    left = list(teams)
    while len(chosen) < TEAMS_MAX and left:
        best = min(
            left, key=lambda team: (sum(uses.get(i, 0) for i in team), max(uses.get(i, 0) for i in team))
        )
        left.remove(best)
        chosen.setdefault(best)
        for i in best:
            uses[i] = uses.get(i, 0) + 1
    return [team for team in teams if team in chosen]
