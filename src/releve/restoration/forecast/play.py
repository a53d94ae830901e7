"""One run of the dispatch policy over lengths already drawn; written for `compiled.py` to compile as it stands.

The policy: hour by hour, of the tasks whose predecessors have ended, in the order of the plan, each starts that has a
team free and at work and its units free. The team the plan names is taken when it can be, else the one that would
end first, the least flexible among equals. Nobody is given a task whose estimated end lies beyond the hour at which
the plan has them begin a task of higher rank that is still to come; and before its own planned start a task is begun
only when that is estimated to end it earlier and takes nobody and no units from anything the plan has coming. With
lengths as estimated, no date is therefore later than that of the plan.
"""

from releve.restoration.forecast.presence import ALL_SEATS, end_of, gather_stays, note_stays
from releve.restoration.forecast.shapes import Row, Scratch, Tables

__all__ = ["play", "play_runs"]

WAITING, RELEASED, READY, RUNNING, DONE = 0, 1, 2, 3, 4
NOWHERE = -1
# A power of two times this has its exponent in the five highest of 32 bits, in an order that `place_of` undoes.
# Source: Leiserson, Prokop & Randall 1998 (de Bruijn sequence).
PLACES = 0x077CB531
CARD = 8  # numbers on the card of a task, and of a set of teams


def play_runs(
    t: Tables,
    d: Row,
    s: Scratch,
    w: Row,
    drawn: Row,
    first_run: int,
    runs: int,
    back: Row,
    first: Row,
    down: Row,
) -> None:
    """Play runs as drawn; write the hours applications are back: for good, the first time, and out again between."""
    length = s.bucket
    for run in range(runs):
        for k in range(length):
            w[k] = drawn[run * length + k]
        play(t, d, s, w)
        at = (first_run + run) * t.applications
        for a in range(t.applications):
            back[at + a] = w[s.back + a]
            first[at + a] = w[s.first + a]
            down[at + a] = w[s.down + a]


def play(t: Tables, d: Row, s: Scratch, w: Row) -> None:
    """Fill `s.start`, `s.end`, `s.team` and the hours applications are back, from what was drawn.

    What finds no end within the horizon keeps `NOWHERE`.
    """
    clear(t, d, s, w)
    take_over(t, d, s, w)
    for hour in range(t.now, t.until):
        item = w[s.bucket + hour]
        moved = item != NOWHERE or hour == t.now
        w[s.bucket + hour] = NOWHERE
        while item != NOWHERE:
            following = w[s.next_item + item]
            arrived(t, d, s, w, item, hour)
            item = following
        if w[s.counts + 1] == 0:
            return
        if d[t.wake + hour * t.set_words] != 0:
            for k in range(t.set_words):
                w[s.changed + k] |= d[t.wake + hour * t.set_words + k]
            moved = True
        for k in range(d[t.due_at + hour], d[t.due_at + hour + 1]):
            is_due(t, d, s, w, d[t.due + k])
            moved = True
        if moved and w[s.counts] > 0:
            dispatch(t, d, s, w, hour)


def clear(t: Tables, d: Row, s: Scratch, w: Row) -> None:
    """Bring the scratch to the moment before the first hour."""
    for hour in range(t.horizon + 1):
        w[s.bucket + hour] = NOWHERE
    for i in range(t.tasks):
        w[s.status + i] = WAITING
        w[s.start + i] = NOWHERE
        w[s.end + i] = NOWHERE
        w[s.team + i] = NOWHERE
        w[s.chain_of + i] = NOWHERE
        w[s.waits + i] = d[t.waits + i]
    for a in range(t.applications):
        w[s.left + a] = d[t.own_count + a]
        w[s.first + a] = NOWHERE
        w[s.down + a] = NOWHERE
        w[s.back + a] = NOWHERE
    for k in range(t.words):
        w[s.idle + k] = ALL_SEATS
    for p in range(t.people):
        w[s.next_planned + p] = d[t.planned_at + p]
    for vendor in range(t.not_sure):
        gather_stays(t, d, s, w, vendor)
    for r in range(t.resources):
        w[s.free + r] = d[t.units + r]
        w[s.next_user + r] = d[t.users_at + r]
    for k in range(t.set_words):
        w[s.changed + k] = 1 if k == 0 else 0
    w[s.counts] = 0  # tasks ready
    w[s.counts + 1] = t.to_end  # tasks and reinfections still to end
    w[s.counts + 2] = 0  # moments to complete
    w[s.counts + 3] = 0  # the hour at which somebody not to be relied on comes or goes


def take_over(t: Tables, d: Row, s: Scratch, w: Row) -> None:
    """Take what was reported: what has ended, what is under way; then what waits for nothing."""
    for i in range(t.tasks):
        if d[t.fixed + i] >= 0:
            w[s.status + i] = DONE
            w[s.start + i] = d[t.started + i]
            w[s.end + i] = d[t.fixed + i]
            a = d[t.application + i]
            if a >= 0:
                w[s.left + a] -= 1
                if w[s.first + a] < d[t.fixed + i]:
                    w[s.first + a] = d[t.fixed + i]
    for a in range(t.applications):
        if d[t.own_count + a] > 0 and w[s.left + a] == 0:
            w[s.back + a] = w[s.first + a]
        elif d[t.own_count + a] > 0:
            w[s.first + a] = NOWHERE
    for i in range(t.tasks):
        if d[t.fixed + i] < 0 and d[t.started + i] >= 0 and d[t.out + i] == 0:
            w[s.start + i] = d[t.started + i]
            if w[s.work + i] == 0:
                w[s.status + i] = RELEASED
                put(s, w, i, max(t.now, d[t.ready + i]))
            else:
                begin(t, d, s, w, i, d[t.planned_option + i], max(t.now, d[t.ready + i]))
    for i in range(t.tasks):
        if w[s.waits + i] == 0 and w[s.status + i] == WAITING and d[t.out + i] == 0:
            becomes_ready(t, d, s, w, i, t.now)
    complete_moments(t, d, s, w, t.now)


def put(s: Scratch, w: Row, item: int, hour: int) -> None:
    """Have something looked at when an hour comes."""
    w[s.next_item + item] = w[s.bucket + hour]
    w[s.bucket + hour] = item


def arrived(t: Tables, d: Row, s: Scratch, w: Row, item: int, hour: int) -> None:
    """Deal with what was put into an hour: a task that ends, one that may start from now on, a reinfection."""
    if item >= t.tasks:
        reinfected(t, d, s, w, item - t.tasks, hour)
    elif w[s.status + item] == RELEASED:
        if d[t.teams_at + item] == d[t.teams_end + item] or w[s.work + item] == 0:
            complete(t, d, s, w, item, hour)
        else:
            w[s.status + item] = READY
            enter(t, d, s, w, item)
    else:
        free_team(t, d, s, w, item)
        if w[s.rest + item] > 0:
            w[s.work + item] = w[s.rest + item]
            w[s.status + item] = READY
            enter(t, d, s, w, item)
        else:
            complete(t, d, s, w, item, hour)
    if w[s.counts + 2] > 0:
        complete_moments(t, d, s, w, hour)


def complete_moments(t: Tables, d: Row, s: Scratch, w: Row, hour: int) -> None:
    """Complete the moments that became ready, and those that become so by that."""
    while w[s.counts + 2] > 0:
        w[s.counts + 2] -= 1
        complete(t, d, s, w, w[s.moments + w[s.counts + 2]], hour)


def becomes_ready(t: Tables, d: Row, s: Scratch, w: Row, i: int, hour: int) -> None:
    """Take note that nothing a task follows is still to end."""
    if d[t.ready + i] > hour:
        w[s.status + i] = RELEASED
        put(s, w, i, min(d[t.ready + i], t.horizon))
    elif d[t.teams_at + i] == d[t.teams_end + i] or w[s.work + i] == 0:
        w[s.moments + w[s.counts + 2]] = i
        w[s.counts + 2] += 1
    else:
        w[s.status + i] = READY
        enter(t, d, s, w, i)


def enter(t: Tables, d: Row, s: Scratch, w: Row, i: int) -> None:
    """Put a task among the ready ones, by its rank."""
    at = w[s.counts]
    rank = d[t.rank + i]
    while at > 0 and w[s.ready + at - 1] > rank:
        w[s.ready + at] = w[s.ready + at - 1]
        w[s.look + at] = w[s.look + at - 1]
        at -= 1
    w[s.ready + at] = rank
    w[s.look + at] = 0
    w[s.counts] += 1


def is_due(t: Tables, d: Row, s: Scratch, w: Row, i: int) -> None:
    """Have a task looked at whose planned hour has come."""
    if w[s.status + i] == READY:
        at = 0
        while w[s.ready + at] != d[t.rank + i]:
            at += 1
        w[s.look + at] = 0


def free_team(t: Tables, d: Row, s: Scratch, w: Row, i: int) -> None:
    """Give back the people and units of a task."""
    option = w[s.team + i]
    for k in range(d[t.people_at + option], d[t.people_at + option + 1]):
        person = d[t.people_of + k]
        seat = d[t.seat_of + k]
        w[s.idle + (seat >> 5)] |= 1 << (seat & 31)
        for one in range(t.set_words):
            w[s.changed + one] |= d[t.sets_of + person * t.set_words + one]
    for k in range(d[t.uses_at + i], d[t.uses_at + i + 1]):
        w[s.free + d[t.use_resource + k]] += d[t.use_units + k]


def complete(t: Tables, d: Row, s: Scratch, w: Row, i: int, hour: int) -> None:
    """End a task, or find that it failed and what is done again."""
    w[s.status + i] = DONE
    w[s.end + i] = hour
    if d[t.teams_at + i] == d[t.teams_end + i] or w[s.work + i] == 0:
        w[s.began + i] = hour
    if w[s.start + i] == NOWHERE:
        w[s.start + i] = hour
    chain = w[s.chain_of + i]
    w[s.chain_of + i] = NOWHERE
    if chain >= 0 and chain != i:
        go_on(t, d, s, w, chain, hour)
        return
    if w[s.fails + i] > 0:
        w[s.fails + i] -= 1
        w[s.chain_place + i] = d[t.chain_at + i]
        go_on(t, d, s, w, i, hour)
        return
    w[s.counts + 1] -= 1
    for k in range(d[t.after_at + i], d[t.after_at + i + 1]):
        j = d[t.after + k]
        w[s.waits + j] -= 1
        if w[s.waits + j] == 0 and w[s.status + j] == WAITING:
            becomes_ready(t, d, s, w, j, hour)
    a = d[t.application + i]
    if a >= 0:
        w[s.left + a] -= 1
        if w[s.left + a] == 0:
            w[s.first + a] = hour
            w[s.back + a] = hour
            if w[s.reinfects + a] == 1:
                w[s.counts + 1] += 1
                put(s, w, t.tasks + a, min(hour + max(t.reinfection_hours, 1), t.horizon))


def go_on(t: Tables, d: Row, s: Scratch, w: Row, chain: int, hour: int) -> None:
    """Have the next task of a chain done again: one by one, those that had ended; a gate's ends with itself."""
    while w[s.chain_place + chain] < d[t.chain_at + chain + 1]:
        i = d[t.chain + w[s.chain_place + chain]]
        w[s.chain_place + chain] += 1
        if i == chain or (w[s.status + i] == DONE and w[s.chain_of + i] == NOWHERE):
            w[s.chain_of + i] = chain
            w[s.work + i] = w[s.again + i]
            becomes_ready(t, d, s, w, i, hour)
            return
    a = chain - t.tasks
    if a >= 0:
        w[s.back + a] = hour
        w[s.counts + 1] -= 1


def reinfected(t: Tables, d: Row, s: Scratch, w: Row, a: int, hour: int) -> None:
    """Take an application out again; it is back when its chain has been done again."""
    w[s.down + a] = hour
    w[s.back + a] = NOWHERE
    chain = t.tasks + a
    w[s.chain_place + chain] = d[t.chain_at + chain]
    go_on(t, d, s, w, chain, hour)


def dispatch(t: Tables, d: Row, s: Scratch, w: Row, hour: int) -> None:
    """Start what can start in this hour, the highest rank first.

    Looked at some ten thousand times a run, so the inner questions (when would it end, is anybody awaited elsewhere)
    are asked in place. Who is there is a bit each, `seat & 31` of the word `seat >> 5`; so are the
    calendars of tasks.
    """
    status, there, ready, look, could, words = s.status, s.there, s.ready, s.look, s.could, t.words
    beyond = t.horizon + 1
    people_at, people_of, planned = t.people_at, t.people_of, t.planned
    planned_start, hours, hours_at, counted = (
        t.planned_start,
        t.hours,
        t.hours_at,
        t.counted + hour * t.profiles,
    )
    if hour >= w[s.counts + 3]:
        note_stays(t, d, s, w, hour)
    for k in range(words):
        w[there + k] = w[s.idle + k] & w[s.here + k] & d[t.at_work + hour * words + k]
    kept = 0
    for at_ready in range(w[s.counts]):
        rank = w[ready + at_ready]
        bit = w[look + at_ready]
        if (w[s.changed + (bit >> 5)] >> (bit & 31)) & 1 == 0:
            # Nothing that decides on it has changed since it was last looked at: nobody of its teams was freed or
            # began to work, and its own hour had not come.
            if kept != at_ready:
                w[ready + kept] = rank
                w[look + kept] = bit
            kept += 1
            continue
        card = t.cards + rank * CARD
        i = d[card]
        one = d[card + 1]
        pool = t.pools + one * CARD
        best = NOWHERE
        units = True
        for k in range(d[card + 2], d[card + 3]):
            if w[s.free + d[t.use_resource + k]] < d[t.use_units + k]:
                units = False
        first = 0
        last = 0
        if units:
            seat = d[pool + 2]
            if (w[there + (seat >> 5)] >> (seat & 31)) & 1 == 1:
                for k in range(words):
                    first |= w[there + k] & d[t.first_of + one * words + k]
                    last |= w[there + k] & d[t.last_of + one * words + k]
            if first == 0 or last == 0:
                # People are only taken from here on: nobody can for the others of this set either.
                bit = d[pool + 4]
                w[s.changed + (bit >> 5)] &= ~(1 << (bit & 31))
        if first != 0 and last != 0:
            early = hour < d[card + 5]
            best_end = beyond
            asked = d[card + 4]
            # The team the plan names, when it may begin; only else the others: the one that would end first, the
            # first among equals.
            found = 0
            if asked >= 0 and all_there(t, d, s, w, asked):
                w[could] = asked
                found = 1
            others = False
            while True:
                for at_found in range(found):
                    option = w[could + at_found]
                    if d[t.vendors_at + option] != d[t.vendors_at + option + 1]:
                        end = end_of(t, d, s, w, option, hour, d[t.work + i])
                    else:
                        profile = d[t.profile_of + option]
                        at = d[counted + profile] + d[t.work + i] - 1
                        end = d[hours + at] + 1 if at < d[hours_at + profile + 1] else beyond
                    # Beyond: they leave for good before it could be done.
                    if end >= beyond or (early and end >= d[card + 6]):
                        continue
                    if end > best_end or (end == best_end and option > best):
                        continue
                    free = True
                    for k in range(d[people_at + option], d[people_at + option + 1]):
                        person = d[people_of + k]
                        at = w[s.next_planned + person]
                        until = d[t.planned_at + person + 1]
                        while at < until and d[planned_start + d[planned + at]] < hour:
                            at += 1  # what is due and did not start waits for something else, not for them
                        w[s.next_planned + person] = at
                        while at < until:
                            j = d[planned + at]
                            if d[planned_start + j] >= end:
                                break
                            ahead = early or (d[t.rank + j] < rank and d[planned_start + j] > hour)
                            if ahead and w[status + j] < RUNNING and j != i:
                                free = False
                                break
                            at += 1
                        if not free:
                            break
                    if not free or (early and not units_spared(t, d, s, w, i, hour, end)):
                        continue
                    best = option
                    best_end = end
                if best != NOWHERE or others:
                    break
                others = True
                found = 0
                if d[pool + 3] == 1:  # teams of one: those who are there, bit by bit
                    for k in range(words):
                        rest = w[there + k] & d[t.first_of + one * words + k]
                        while rest != 0:
                            low = rest & -rest
                            rest ^= low
                            place = d[t.place_of + (((low * PLACES) & 0xFFFFFFFF) >> 27)]
                            option = d[t.option_of + (one * words + k) * 32 + place]
                            if option != asked:
                                w[could + found] = option
                                found += 1
                else:
                    for option in range(d[pool], d[pool + 1]):
                        if option != asked and all_there(t, d, s, w, option):
                            w[could + found] = option
                            found += 1
        if best == NOWHERE:
            w[ready + kept] = rank
            w[look + kept] = d[card + 7]
            kept += 1
        else:
            if w[s.start + i] == NOWHERE:
                w[s.start + i] = hour
            begin(t, d, s, w, i, best, hour)
    w[s.counts] = kept
    for k in range(t.set_words):
        w[s.changed + k] = 1 if k == 0 else 0


def all_there(t: Tables, d: Row, s: Scratch, w: Row, option: int) -> bool:
    """Return whether everybody of a team could begin in this hour."""
    for k in range(d[t.people_at + option], d[t.people_at + option + 1]):
        seat = d[t.seat_of + k]
        if (w[s.there + (seat >> 5)] >> (seat & 31)) & 1 == 0:
            return False
    return True


def begin(t: Tables, d: Row, s: Scratch, w: Row, i: int, option: int, hour: int) -> None:
    """Hold a team and units until the work has been done."""
    w[s.status + i] = RUNNING
    w[s.team + i] = option
    w[s.began + i] = hour
    for k in range(d[t.people_at + option], d[t.people_at + option + 1]):
        seat = d[t.seat_of + k]
        w[s.idle + (seat >> 5)] &= ~(1 << (seat & 31))
        w[s.there + (seat >> 5)] &= ~(1 << (seat & 31))
    for k in range(d[t.uses_at + i], d[t.uses_at + i + 1]):
        w[s.free + d[t.use_resource + k]] -= d[t.use_units + k]
    end = end_of(t, d, s, w, option, hour, w[s.work + i])
    w[s.rest + i] = 0
    if end > t.horizon:
        # They leave for good before it is done: what remains is handed over to whoever can then.
        w[s.rest + i] = end - t.horizon
        done = w[s.work + i] - w[s.rest + i]
        end = end_of(t, d, s, w, option, hour, done) if done > 0 else hour
    if hour < end < t.horizon:
        put(s, w, i, end)


def units_spared(t: Tables, d: Row, s: Scratch, w: Row, i: int, hour: int, end: int) -> bool:
    """Return whether the units a task takes before its time are not those of tasks the plan has coming."""
    for k in range(d[t.uses_at + i], d[t.uses_at + i + 1]):
        resource = d[t.use_resource + k]
        free = w[s.free + resource] - d[t.use_units + k]
        last = d[t.users_at + resource + 1]
        at = w[s.next_user + resource]
        while at < last and d[t.planned_start + d[t.users + at]] < hour:
            at += 1
        w[s.next_user + resource] = at
        for at in range(w[s.next_user + resource], last):
            j = d[t.users + at]
            if d[t.planned_start + j] >= end:
                break
            if w[s.status + j] < RUNNING and j != i:
                free -= d[t.user_units + at]
                if free < 0:
                    return False
    return True
