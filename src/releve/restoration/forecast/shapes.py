"""What the loops of the forecast read and write.

All whole numbers a run reads lie in one row `d`, all it writes in one row `w`; `Tables` and `Scratch` say where each
part begins (`d[t.rank + i]` is the rank of task `i`). Compiled code passes two arrays from function to function for
next to nothing, and eighty for more than the functions do. Rows are lists in Python, arrays when compiled.
A list of lists is one part of all its members (`people_of`) and a part of where each begins (`people_at`, one longer).
"""

from typing import NamedTuple

__all__ = ["Reals", "Row", "Scratch", "Sums", "Tables"]

Row = list[int]
Reals = list[float]


class Tables(NamedTuple):
    """A case and the plan whose policy is played: counts, then where parts begin. Parts are by task unless said."""

    tasks: int
    applications: int
    people: int
    words: int  # of bits: a seat each of people, then of calendars of tasks
    set_words: int  # of bits: the first is always set, then one of each set of teams
    resources: int
    profiles: int
    options: int
    sets: int  # of teams that could do a task
    not_sure: int  # vendors and experts who may not come
    windows: int  # of theirs
    kinds: int
    horizon: int
    now: int
    until: int  # the hour at which a run is left; the horizon unless one looks at what stands at an hour
    to_end: int  # tasks that have not ended and can
    makeup_hours: int
    reinfection_hours: int
    # tasks, in `d`
    work: int  # hours of work estimated; of a task under way, those that remain
    fixed: int  # hour at which it ended, as reported; -1
    started: int
    out: int  # 1: no date can be given
    ready: int
    waits: int  # how many tasks it follows that have not ended
    after_at: int
    after: int
    application: int  # -1: none
    own_count: int  # by application: its tasks; 0: it has none, or one without a date
    # who and what
    teams_at: int  # its options; those of machine work hold nobody; of a moment there are none
    teams_end: int
    profile_of: int  # by option
    people_at: int
    people_of: int
    seat_of: int  # of the people of options
    first_of: int  # by set: bits of the first of the people of its teams; of machine work, of its calendar
    last_of: int  # and of the last
    option_of: int  # by set and seat: the team of one
    place_of: int  # of a power of two, by its highest five bits once multiplied (`play.PLACES`): its exponent
    at_work: int  # by hour: bits of who is at work, those not to be relied on whatever their windows
    sets_of: int  # by person: bits of the sets of teams they stand in
    uses_at: int
    use_resource: int
    use_units: int
    units: int
    counted: int  # by hour and profile: where in `hours` the next worked hour stands
    hours_at: int  # by profile
    hours: int
    wake: int  # by hour: bits of the sets of which somebody or something begins to work
    due_at: int  # by hour: tasks planned to start
    due: int
    vendors_at: int  # by option: who may not come
    vendors: int
    vendor_seat: int
    windows_at: int  # by vendor
    window_from: int
    window_to: int
    # the plan
    # by rank: task, set of teams, where its uses of resources begin and end, team, hours planned, and the bit that says
    # whether to look at it: that of its set, the first if it uses any
    cards: int
    pools: (
        int  # by set: where its teams begin and end, seat of its calendar, 1 if its teams are of one, its bit
    )
    rank: int
    planned_start: int
    planned_option: int
    planned_at: int  # by person: tasks planned for them, by start
    planned: int
    users_at: int  # by resource: tasks that use it, by planned start
    users: int
    user_units: int
    # what is done again
    chain_at: int  # by gate, then by application (after a reinfection)
    chain: int
    # chance
    done: int  # worked so far of a task under way whose remaining hours nobody reported; -1
    kind: int
    # and in the row of reals `f`
    estimate: int  # hours of work of the whole task
    sigma: int
    fail: int
    application_sigma: int
    no_show: int  # by window
    shared: int  # sigma common to all tasks, sigma of a kind, probability of a reinfection


class Scratch(NamedTuple):
    """Where the parts of what one run writes begin. The first five are drawn before it."""

    work: int
    again: int
    fails: int
    absent: int
    reinfects: int
    bucket: int
    next_item: int
    status: int
    start: int
    began: int  # of the last time it was done
    end: int
    team: int
    rest: int  # hours of work to be handed over when the team leaves for good; 0: none
    waits: int
    chain_of: int
    chain_place: int
    idle: int  # bits of people who do nothing
    here: int  # bits of people, but those not to be relied on who are away
    there: int  # bits of people who could begin in this hour
    could: int  # teams that could
    next_planned: int
    stay: int  # by who may not come: the stay that is or comes next
    stays_end: int
    stay_from: int  # their stays in order, where their windows are
    stay_to: int
    free: int
    next_user: int  # by resource: the next of those the plan has coming
    changed: int  # bits of sets: somebody was freed or began to work since tasks were last looked at
    ready: int  # ranks
    look: int  # the bits that say whether to look at them; the first: in any case
    moments: int
    counts: int
    left: int
    first: int
    down: int
    back: int


class Sums(NamedTuple):
    """What is lost until applications are back: counts, then where parts by milestone begin.

    A milestone is a service, or a share of one. `service`, `table`, `parts_at`, `parts` lie in a row of whole numbers,
    `weight` and `losses` in one of reals.
    """

    applications: int
    milestones: int
    services: int
    days: int
    horizon: int
    service: int
    table: int  # where its table of loss by hour begins
    parts_at: int
    parts: int  # applications
    weight: int
    losses: int
