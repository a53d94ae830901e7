"""Where each visit is: derived from its movements, after the rows are written.

`place_of` is pure; `derive_whereabouts` reads the movements of the visits that changed and writes the answer.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from releve.views.parts import in_parts
from releve.views.reading import Touched

__all__ = ["Step", "Whereabouts", "derive_whereabouts", "place_of"]

PLACE = ("ward", "room", "bed", "building", "medical_ward", "care_ward")
# Event -> what the visit is after it (HL7 v2.5 §3.3; A06/A07 change the class, the person stays).
AFTER = {
    "A01": "present", "A04": "present", "A02": "present", "A06": "present", "A07": "present", "A22": "present",
    "A08": "present", "A05": "planned", "A14": "planned", "A21": "leave", "A03": "left", "Z99": "present",
}  # fmt: skip
UNDONE_BY = {
    "A11": ("A01", "A04"),
    "A12": ("A02",),
    "A13": ("A03",),
    "A27": ("A14",),
    "A38": ("A05",),
    "A52": ("A21",),
    "A53": ("A22",),
}
ADMISSIONS = ("A01", "A04")
PLANNED = ("A05", "A14")
# What is only announced (a transfer, a discharge) moves nobody, whatever the moment for which it is announced.
PENDING = ("A15", "A16", "A25", "A26")
# A movement dated further ahead than clocks differ has not happened yet (milliseconds).
AHEAD_MS = 10 * 60_000
# Cancelling these means that there is no visit; cancelling anything else, that somebody is still there.
FOUNDING = (*ADMISSIONS, *PLANNED, "")


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One movement, as the derivation reads it."""

    number: str
    event: str
    status: str
    happened_at: int | None
    stamp: int
    first_stamp: int | None = (
        None  # when it was first said: a correction does not make a movement a later one
    )
    ward: str | None = None
    room: str | None = None
    bed: str | None = None
    building: str | None = None
    medical_ward: str | None = None
    care_ward: str | None = None


class Whereabouts(msgspec.Struct, frozen=True, kw_only=True):
    """What a visit is, and where."""

    status: str  # planned, present, leave, left, cancelled, unknown
    since_at: int | None = None
    left_at: int | None = None
    ward: str | None = None
    room: str | None = None
    bed: str | None = None
    building: str | None = None
    medical_ward: str | None = None
    care_ward: str | None = None


def place_of(steps: Iterable[Step], heard_until: int | None = None) -> Whereabouts:
    """Return where a visit is after `steps`, whatever the order in which they are given.

    A place told without movement ("seen") only counts while no movement is known. What is dated after `heard_until`
    (milliseconds) is announced: a discharge of tomorrow at ten leaves her in her bed until a message of that hour.
    """
    every = sorted(steps, key=_order)
    standing: list[Step] = []
    told: list[Step] = []
    cancels: list[Step] = []
    annulled = undone = False
    for step in every:
        if step.number == "seen" or step.event in PENDING:
            if step.status == "active":
                told.append(step)
        elif step.status == "cancelled":
            undone = True
            annulled = annulled or step.event in FOUNDING
        elif step.event in UNDONE_BY:
            cancels.append(step)
        elif step.number != "account":
            standing.append(step)
    for cancel in sorted(cancels, key=lambda step: step.stamp):
        undone = True
        annulled = annulled or cancel.event in ("A11", "A27", "A38")
        standing = _without(standing, cancel)
    if heard_until is not None and (ahead := [step for step in standing if _is_ahead(step, heard_until)]):
        standing = [step for step in standing if step not in ahead]
        if not standing and not told:
            first = ahead[0]  # expected, as a pre-admission is
            return Whereabouts(status="planned", **{name: getattr(first, name) for name in PLACE})
    if not standing:
        if told and not annulled:
            standing = [max(told, key=lambda step: step.stamp)]
        elif undone:
            return Whereabouts(status="cancelled" if annulled else "present")
        else:
            return Whereabouts(status="unknown")
    last = standing[-1]
    place: dict[str, str | None] = {}
    since: int | None = None
    for step in standing:
        # Leaving does not empty the place: one still reads from where somebody left.
        if step.ward is not None and AFTER.get(step.event, "present") != "left":
            here = {name: getattr(step, name) for name in PLACE}
            if any(here[name] != place.get(name) for name in ("ward", "room", "bed")):
                since = step.happened_at or step.stamp
            place = {
                name: here[name] or place.get(name) if name.endswith("_ward") else here[name]
                for name in PLACE
            }
    if not place and last.ward is not None:
        place = {name: getattr(last, name) for name in PLACE}
    status = AFTER.get(last.event, "present")
    left_at = (last.happened_at or last.stamp) if status == "left" else None
    return Whereabouts(status=status, since_at=since, left_at=left_at, **place)


def _is_ahead(step: Step, heard_until: int) -> bool:
    # A pre-admission is dated ahead by its nature and places nobody.
    return (
        step.event not in PLANNED
        and step.happened_at is not None
        and step.happened_at > heard_until + AHEAD_MS
    )


def _without(standing: list[Step], cancel: Step) -> list[Step]:
    """Return what stands once a message without movement number cancelled the last event of its kind."""
    said = [step for step in standing if (step.first_stamp or step.stamp) <= cancel.stamp]
    kind = [step for step in said if step.event in UNDONE_BY[cancel.event]]
    # The moment that is cancelled may be named (EVN-6); else it is the latest.
    named = [step for step in kind if step.happened_at is not None and step.happened_at == cancel.happened_at]
    chosen = (named or kind)[-1:]
    if cancel.event != "A11":
        return [step for step in standing if step not in chosen]
    # No admission, no visit: what followed it goes with it.
    first = standing.index(chosen[0]) if chosen else 0
    return [
        step
        for place, step in enumerate(standing)
        if place < first or step.event in PLANNED or (step.first_stamp or step.stamp) > cancel.stamp
    ]


def _order(step: Step) -> tuple[Any, ...]:
    """Return when a movement counts: as it happened, then as admissions, stays and discharges follow one another."""
    # A pre-admission tells the day that was planned: whoever came before is here all the same.
    planned = step.event in PLANNED or step.event in ("A27", "A38")
    rank = 0 if step.event in ADMISSIONS else 2 if step.event == "A03" else 1
    said = step.first_stamp if step.first_stamp is not None else step.stamp
    when = step.happened_at if step.happened_at is not None else step.stamp
    return (not planned, when, rank, said, len(step.number), step.number)


def derive_whereabouts(cursor: Any, touched: Touched) -> None:
    """Write status and place of every visit whose movements were touched, or whose persons were linked.

    Two persons' visits of the same number are two visits, unless A44 moved one to the other or both are one person.
    """
    visits = {values["visit"] for _, values in touched.rows["record_movement"] if values.get("visit")}
    visits |= {values["visit"] for _, values in touched.rows["record_encounter"] if values.get("visit")}
    visits |= _visits_of_linked(cursor, touched)
    heard_until, due = _heard_until(cursor, touched)
    visits |= due
    visits |= _visits_of_moved_accounts(cursor, visits)
    found: dict[str, Found] = {}
    steps: dict[tuple[str, str], list[Step]] = defaultdict(list)
    for part in in_parts(sorted(visits)):
        marks = ", ".join(["%s"] * len(part))
        cursor.execute(
            "SELECT id, visit, person, account, moved_to, moved_from FROM record_encounter "  # noqa: S608
            f"WHERE visit IN ({marks})",
            part,
        )
        found.update({row[0]: Found(*row) for row in cursor.fetchall()})
        cursor.execute(
            "SELECT visit, person, number, event, status, happened_at, stamp, first_stamp, "  # noqa: S608
            f"ward, room, bed, building, medical_ward, care_ward FROM record_movement WHERE visit IN ({marks})",
            part,
        )
        for (
            visit,
            person,
            number,
            event,
            status,
            happened_at,
            stamp,
            first_stamp,
            *place,
        ) in cursor.fetchall():
            steps[visit, person].append(
                Step(
                    number=number, event=event or "", status=status or "active", happened_at=happened_at, stamp=stamp,
                    first_stamp=first_stamp, **dict(zip(PLACE, place, strict=True)),
                )
            )  # fmt: skip
    stays = _stays(found.values())
    shared = {one.person for stay in stays if len(stay) > 1 for one in stay}
    heads = _heads(cursor, sorted(shared))
    updates = [
        (status, where.since_at, where.left_at, *(getattr(where, name) for name in PLACE), encounter)
        for stay in stays
        for group in _together(stay, heads)
        for encounter, status, where in _placed(group, steps, heard_until)
    ]
    cursor.executemany(
        "UPDATE record_encounter SET status = %s, since_at = %s, discharged_at = %s, "
        "ward = %s, room = %s, bed = %s, building = %s, medical_ward = %s, care_ward = %s WHERE id = %s",
        updates,
    )


class Found(NamedTuple):
    """One encounter, as the derivation reads it."""

    encounter: str
    visit: str
    person: str
    account: str | None
    moved_to: str | None
    moved_from: str | None


def _heard_until(cursor: Any, touched: Touched) -> tuple[int, set[str]]:
    """Return the latest moment told so far, and the visits with a movement whose hour has come with it."""
    cursor.execute("SELECT stamp FROM record_heard_until WHERE one = 1")
    row = cursor.fetchone()
    before = row[0] if row is not None else None
    told = [
        values["stamp"]
        for table in ("record_movement", "record_encounter")
        for _, values in touched.rows[table]
        if values.get("stamp") is not None
    ]
    if touched.acted_at:
        # A feed that fell silent tells no hour any more. What is done here does: an act carries the clock of the
        # island that recorded it (the wards' packs are one each hour), and all islands fold the same acts.
        told.append(touched.acted_at)
    now = max([*told, *([] if before is None else [before])], default=0)
    if now == before or not told:
        return now, set()
    cursor.execute(
        "INSERT INTO record_heard_until (one, stamp) VALUES (1, %s) "
        "ON CONFLICT (one) DO UPDATE SET stamp = excluded.stamp",
        [now],
    )
    if before is None:
        return now, set()
    cursor.execute(
        "SELECT DISTINCT visit FROM record_movement WHERE happened_at > %s AND happened_at <= %s",
        [before + AHEAD_MS, now + AHEAD_MS],
    )
    due = {visit for (visit,) in cursor.fetchall()}
    for part in in_parts(sorted(due)):
        # Their persons are in none of these entries: the boards are told here.
        marks = ", ".join(["%s"] * len(part))
        cursor.execute(
            "UPDATE record_ward_change SET version = version + 1 WHERE ward IN "  # noqa: S608
            f"(SELECT ward FROM record_movement WHERE visit IN ({marks}))",
            part,
        )
    return now, due


def _visits_of_moved_accounts(cursor: Any, visits: set[str]) -> set[str]:
    """Return every visit of the accounts that A44 moved under their own number, as far as `visits` touch them."""
    accounts = set(visits)
    for part in in_parts(sorted(visits)):
        marks = ", ".join(["%s"] * len(part))
        cursor.execute(
            f"SELECT DISTINCT account FROM record_encounter WHERE visit IN ({marks}) AND account <> visit",  # noqa: S608
            part,
        )
        accounts.update(account for (account,) in cursor.fetchall())
    further: set[str] = set()
    for part in in_parts(sorted(accounts)):
        marks = ", ".join(["%s"] * len(part))
        cursor.execute(
            f"SELECT DISTINCT visit FROM record_encounter WHERE visit IN ({marks}) "  # noqa: S608
            "AND (moved_to IS NOT NULL OR moved_from IS NOT NULL)",
            part,
        )
        moved = [visit for (visit,) in cursor.fetchall()]
        if moved:
            further.update(moved)
            marks = ", ".join(["%s"] * len(moved))
            cursor.execute(f"SELECT visit FROM record_encounter WHERE account IN ({marks})", moved)  # noqa: S608
            further.update(visit for (visit,) in cursor.fetchall())
    return further


def _stays(found: Iterable[Found]) -> list[list[Found]]:
    """Return the encounters by visit number; those of an account that A44 moved stand together under its number."""
    every = sorted(found)
    told = {(one.visit, one.person): one for one in every if one.moved_to or one.moved_from}
    accounts = {visit for visit, _ in told}
    stays: dict[str, list[Found]] = defaultdict(list)
    for one in every:
        number = one.account if one.account in accounts and one.account else one.visit
        mark = told.get((number, one.person))
        if mark is not None and number != one.visit:
            one = one._replace(moved_to=mark.moved_to, moved_from=mark.moved_from)
        stays[number].append(one)
    return list(stays.values())


def _placed(
    group: list[Found], steps: dict[tuple[str, str], list[Step]], heard_until: int
) -> Iterator[tuple[str, str, Whereabouts]]:
    """Return encounter, status and place of each of a group: what is said of one visit is one story."""
    stories: dict[str, list[Step]] = {}
    for visit in sorted({one.visit for one in group}):
        # Of equal moments the same one must come first wherever this is folded.
        stories[visit] = _one_story(
            [step for one in group if one.visit == visit for step in steps[visit, one.person]]
        )
    for one in group:
        status, story = "", stories[one.visit]
        if all(step.number == "account" for step in story) and len(stories) > 1:
            # Only the number under which A44 moved an account: it stands for the visits in it until they are named.
            story = [step for visit in sorted(stories) for step in stories[visit]]
            if any(other.person == one.person and other.visit != one.visit for other in group):
                status = "moved"
        where = place_of(story, heard_until)
        if one.moved_to and one.moved_to != one.person:
            status = "moved"
        yield one.encounter, status or where.status, where


def _together(found: list[Found], heads: dict[str, str]) -> Iterable[list[Found]]:
    """Return the encounters of one visit number, those of one visit together."""
    if len(found) == 1:
        return [found]
    group_of = {one.person: heads.get(one.person, one.person) for one in found}
    for one in sorted(found):
        for other in (one.moved_to, one.moved_from):
            if other in group_of and group_of[other] != group_of[one.person]:
                old, new = group_of[other], group_of[one.person]
                group_of = {person: new if group == old else group for person, group in group_of.items()}
    groups: dict[str, list[Found]] = defaultdict(list)
    for one in sorted(found):
        groups[group_of[one.person]].append(one)
    return groups.values()


def _one_story(steps: list[Step]) -> list[Step]:
    """Return each movement once: what is said of it under a person's new number corrects what was said before."""
    by_number: dict[str, Step] = {}
    for step in sorted(steps, key=lambda step: (step.stamp, step.number)):
        known = by_number.get(step.number)
        if known is None:
            by_number[step.number] = step
            continue
        merged = {
            name: value if value not in (None, "") else getattr(known, name)
            for name, value in ((name, getattr(step, name)) for name in step.__struct_fields__)
        }
        merged["first_stamp"] = known.first_stamp
        by_number[step.number] = Step(**merged)
    return list(by_number.values())


def _heads(cursor: Any, persons: list[str]) -> dict[str, str]:
    """Return who stands for each person; nobody else when no link says so."""
    heads: dict[str, str] = {}
    for part in in_parts(persons):
        marks = ", ".join(["%s"] * len(part))
        cursor.execute(f"SELECT id, cluster FROM record_person WHERE id IN ({marks})", part)  # noqa: S608
        heads.update({person: cluster or person for person, cluster in cursor.fetchall()})
    return heads


def _visits_of_linked(cursor: Any, touched: Touched) -> set[str]:
    """Return the visits of everyone who stands together with a person whose links were touched."""
    persons = {
        values["person"]
        for _, values in touched.rows["record_link"]
        if values.get("person") and values.get("kind") != "mother"
    }
    visits: set[str] = set()
    for part in in_parts(sorted(persons)):
        marks = ", ".join(["%s"] * len(part))
        cursor.execute(
            "SELECT visit FROM record_encounter WHERE person IN (SELECT p.id FROM record_person p "  # noqa: S608
            f"JOIN record_person k ON p.cluster = k.cluster WHERE k.id IN ({marks})) "
            f"OR person IN (SELECT other FROM record_link WHERE person IN ({marks}))",
            part * 2,
        )
        visits.update(visit for (visit,) in cursor.fetchall())
    return visits
