"""A ward's board: one line for each bed, free ones too, and for each person whose bed nobody said.

`assemble` is pure: rows of the views come in (`read_ward` reads them), lines go out; the template writes the words.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from releve.bedside.board_facts import BoardFacts, NewResult, Planned, board_facts
from releve.bedside.census import Present, homonyms_of, present_in
from releve.bedside.cover import Traits, confidential_of, traits_of, wards_in_charge
from releve.bedside.horizon import Source, empty_is_known, nothing_yet
from releve.bedside.next_dose import NextDose, next_dose
from releve.hospital.map import Bed, Directory, Ward
from releve.hospital.standing import persons_beyond

__all__ = ["Board", "BoardLine", "assemble", "for_reader", "read_ward"]

HOUR_MS = 3_600_000
PAST_PLAN_MS = 2 * HOUR_MS  # what should have begun this long ago is still shown first
LEAVING_MS = 36 * HOUR_MS  # "leaving" reads from now to the end of tomorrow
CRITICAL = ("critical-high", "critical-low")
ABNORMAL = ("high", "low", "abnormal")
NAMESAKES_MAX = 4  # told one by one in a line; of more, three and how many others


class BoardLine(msgspec.Struct, kw_only=True):
    """One bed, or one person without a known bed. `present` is None in a free bed."""

    anchor: str  # of the page, such as "b201"
    bed: str  # what stands on the bed; "" when nobody said
    cot: bool = False
    kind: str = "bed"
    present: Present | None = None
    facts: BoardFacts = msgspec.field(default_factory=BoardFacts)
    traits: Traits | None = None
    confidential: bool = False
    homonyms: tuple[tuple[str, str], ...] = ()  # (anchor, bed) of those whose name reads the same
    mother_bed: tuple[str, str] | None = None
    child_beds: tuple[tuple[str, str], ...] = ()
    mother_elsewhere: bool = False
    shared: bool = False  # another person is said to be in the same bed
    beyond: str = ""  # the island from which something shown of her came after it ceased to be trusted
    also: tuple[str, ...] = ()  # wards by name where another stay of this person is open
    dose: NextDose = msgspec.field(default_factory=lambda: NextDose(state="nothing"))
    critical: tuple[NewResult, ...] = ()
    result: NewResult | None = None  # the one to show
    more_results: int = 0
    plan: Planned | None = None
    leaves_at: int | None = None

    @property
    def namesakes(self) -> tuple[tuple[str, str], ...]:
        """Those of the same name whose beds the line says."""
        return self.homonyms[: NAMESAKES_MAX if len(self.homonyms) <= NAMESAKES_MAX else NAMESAKES_MAX - 1]

    @property
    def namesakes_more(self) -> int:
        """How many more there are."""
        return len(self.homonyms) - len(self.namesakes)

    @property
    def on_leave(self) -> bool:
        """Away for some hours, expected back."""
        return self.present is not None and self.present.encounter.status == "leave"

    @property
    def grave(self) -> bool:
        """Her vital signs call for somebody now."""
        return self.facts.watch is not None and self.facts.watch.urgent

    @property
    def coach(self) -> Literal["act", "ask", "off", ""]:
        """How the bed stands in the train: somebody must act, must ask, nobody is here, or nothing."""
        if self.present is None:
            return "off"
        if self.critical or self.grave or self.dose.state == "late":
            return "act"
        if self.facts.allergy_state == "not-said" or self.shared or self.dose.twice:
            return "ask"
        return ""

    @property
    def to_do(self) -> bool:
        """Something is to be done or asked here now."""
        return self.coach in ("act", "ask") or self.dose.state in ("now", "unknown")


class Board(msgspec.Struct, kw_only=True):
    """All lines of a ward and what stands above them."""

    ward: Ward
    lines: list[BoardLine]
    sources: dict[str, Source]
    now_ms: int
    charged: frozenset[str] = frozenset()  # wards in charge of the confidential stays shown here

    @property
    def patients(self) -> list[BoardLine]:
        """The lines with a person, newborns too."""
        return [line for line in self.lines if line.present is not None]

    @property
    def newborns(self) -> int:
        """How many lie in a cot."""
        return sum(1 for line in self.patients if line.cot)

    @property
    def free(self) -> int:
        """How many beds of the map nobody is known to be in, cots apart."""
        return sum(1 for line in self.lines if line.present is None and not line.cot)

    @property
    def unknown(self) -> bool:
        """Nobody is known here because nothing of movements was ever received: the beds are not free, but unknown."""
        return not self.patients and not empty_is_known(self.sources)

    @property
    def beds(self) -> int:
        """How many beds the map has here, cots apart."""
        return sum(1 for line in self.lines if line.bed and not line.cot and not line.shared) + len(
            {line.bed for line in self.lines if line.shared and not line.cot}
        )

    @property
    def frozen(self) -> list[Source]:
        """What may have changed unheard, longest silent first."""
        return sorted(
            (source for source in self.sources.values() if source.frozen), key=lambda one: one.heard_ms or 0
        )

    @property
    def is_frozen(self) -> bool:
        """Whether something known may have changed unheard; what is still awaited was never known."""
        return any(not source.awaited for source in self.frozen)

    @property
    def nothing_yet(self) -> bool:
        """Whether nothing of this ward was received yet."""
        return nothing_yet(self.sources.values())

    @property
    def given_elsewhere(self) -> list[Source]:
        """Whose application is back while what was written on paper meanwhile is not here."""
        return [source for source in self.sources.values() if source.restored and not source.frozen]

    @property
    def frozen_ms(self) -> int | None:
        """Until when the frozen part is known: the latest message of the feeds that are down or silent."""
        return max((source.heard_ms for source in self.frozen if source.heard_ms), default=None)


def read_ward(code: str, directory: Directory, sources: Mapping[str, Source], *, now_ms: int) -> Board | None:
    """Return the board of a ward read from the views, or None for a ward that neither map nor anyone knows."""
    present = present_in(code)
    ward = directory.ward(code)
    if ward is None:
        if not present:
            return None
        ward = Ward(code=code, name=code, building="")  # somebody is there: a board all the same
    board = assemble(ward, directory, present, board_facts(present, now_ms=now_ms), sources, now_ms=now_ms)
    beyond = persons_beyond({one.head for one in present})
    for line in board.lines if beyond else ():
        line.beyond = beyond.get(line.present.head, "") if line.present is not None else ""
    return board


def assemble(
    ward: Ward,
    directory: Directory,
    present: Sequence[Present],
    facts: Mapping[str, BoardFacts],
    sources: Mapping[str, Source],
    *,
    now_ms: int,
) -> Board:
    """Return the board: persons whose bed is not of the map or not said, then beds in the order of the map."""
    zone = ZoneInfo(directory.map.zone)
    in_bed: dict[str, list[Present]] = {}
    elsewhere: list[Present] = []
    beds = directory.beds_of(ward.code)
    # A room told otherwise than on the map does not move somebody out of the only bed of that name here.
    names = [bed.name for bed in beds]
    alone = {bed.name: bed for bed in beds if bed.name and names.count(bed.name) == 1}
    for person in present:
        stay = person.encounter
        bed = directory.bed_at(ward.code, stay.room or "", stay.bed or "") if stay.bed else None
        bed = bed or alone.get(stay.bed or "")
        if bed is None:
            elsewhere.append(person)
        else:
            in_bed.setdefault(bed.code, []).append(person)
    lines: list[BoardLine] = []
    # Whoever has no bed stands first: below two dozen free beds nobody would see her.
    for number, lost in enumerate(elsewhere):
        line = BoardLine(anchor=f"other-{number + 1}", bed=lost.encounter.bed or "", kind="unknown")
        lines.append(_fill(line, lost, facts, sources, now_ms, zone))
    for bed in beds:
        name = _bed_name(bed, directory)
        here = in_bed.get(bed.code, [])
        persons: list[Present | None] = [*here] or [None]
        for number, here_now in enumerate(persons):
            anchor = f"b{_plain(bed.code)}" + (f"-{number + 1}" if number else "")
            line = BoardLine(
                anchor=anchor,
                bed=name,
                cot=bed.kind in ("cot", "incubator") and any(other.kind == "bed" for other in beds),
                kind=bed.kind,
                shared=len(here) > 1,
            )
            lines.append(line if here_now is None else _fill(line, here_now, facts, sources, now_ms, zone))
    _relate(lines, present)
    charged: set[str] = set()
    for line in lines:
        if line.present is not None:
            line.also = tuple(
                other.name if (other := directory.ward(code)) is not None else code
                for code in line.present.also
            )
        if line.present is not None and confidential_of(line.present, directory):
            line.confidential = True
            charged |= {code for code in wards_in_charge(line.present) if code}
    return Board(ward=ward, lines=lines, sources=dict(sources), now_ms=now_ms, charged=frozenset(charged))


def for_reader(board: Board, wards: Iterable[str], cover_name: str) -> Board:
    """Return the board with the identities that somebody who works in `wards` may read."""
    own = frozenset(wards)
    lines = []
    for line in board.lines:
        if line.present is not None:
            hidden = line.confidential and not own & {code for code in wards_in_charge(line.present) if code}
            line = msgspec.structs.replace(
                line, traits=traits_of(line.present.person, cover=cover_name if hidden else "")
            )
            if hidden:
                line = _hide(line)
        lines.append(line)
    covered = {line.anchor for line in lines if line.traits is not None and line.traits.covered}
    for line in lines:
        # Whose name reads like a covered one must not be told so: it would say the name.
        line.homonyms = tuple(pair for pair in line.homonyms if pair[0] not in covered)
        # Nor may a newborn's own name tell whose mother lies under a cover name.
        line.child_beds = tuple(pair for pair in line.child_beds if pair[0] not in covered)
        if line.mother_bed is not None and line.mother_bed[0] in covered:
            line.mother_bed = None
    return msgspec.structs.replace(board, lines=lines)


def _hide(line: BoardLine) -> BoardLine:
    """Return a covered line without what says why she is here; that a result is critical is still told."""
    facts = msgspec.structs.replace(line.facts, results=[], planned=[], mothers=[], children=[])
    alarm = tuple(msgspec.structs.replace(one, label="", value="", unit="") for one in line.critical)
    return msgspec.structs.replace(
        line, facts=facts, critical=alarm, result=None, more_results=0, plan=None, homonyms=(), mother_bed=None,
        child_beds=(), mother_elsewhere=False, also=(),
    )  # fmt: skip


def _fill(
    line: BoardLine,
    person: Present,
    facts: Mapping[str, BoardFacts],
    sources: Mapping[str, Source],
    now_ms: int,
    zone: ZoneInfo,
) -> BoardLine:
    said = facts.get(person.head) or BoardFacts()
    administer, prescribe = sources.get("administer"), sources.get("prescribe")
    line.present = person
    line.facts = said
    line.dose = next_dose(
        said.drugs,
        now_ms=now_ms,
        listening_ms=administer.feed.first_at
        if administer is not None and administer.feed is not None
        else None,
        heard_ms=administer.heard_ms if administer is not None else None,
        frozen=administer is not None and administer.frozen,
        back_ms=administer.back_ms if administer is not None else None,
        here_ms=administer.here_ms if administer is not None else None,
        received=prescribe is not None and prescribe.feed is not None,
        zone=zone,
    )
    newest = sorted(said.results, key=lambda result: -result.at)
    line.critical = tuple(result for result in newest if result.flag in CRITICAL)
    abnormal = [result for result in newest if result.flag in ABNORMAL]
    line.result = next(iter((*line.critical, *abnormal, *newest)), None)
    line.more_results = max(0, len(newest) - 1)
    coming = [plan for plan in said.planned if plan.at is not None and plan.at >= now_ms - PAST_PLAN_MS]
    open_ended = [plan for plan in said.planned if plan.at is None]
    line.plan = min(coming, key=lambda plan: plan.at or 0, default=None) or next(iter(open_ended), None)
    line.leaves_at = person.encounter.expected_discharge_at
    return line


def _relate(lines: Sequence[BoardLine], present: Sequence[Present]) -> None:
    """Tell homonyms, mothers and children where the other is."""
    place: dict[str, BoardLine] = {}
    for line in lines:
        if line.present is not None:
            for key in line.present.persons:
                place.setdefault(key, line)
    namesakes = homonyms_of(present)
    for line in lines:
        if line.present is None:
            continue
        for mother in line.facts.mothers:
            if mother in place:
                line.mother_bed = (place[mother].anchor, place[mother].bed)
            else:
                line.mother_elsewhere = True
        line.child_beds = tuple(
            (place[child].anchor, place[child].bed) for child in line.facts.children if child in place
        )
        family = {*line.facts.mothers, *line.facts.children}
        line.homonyms = tuple(
            (place[other.head].anchor, place[other.head].bed)
            for other in namesakes.get(line.present.head, ())
            if not family & set(other.persons) and other.head in place
        )


def _bed_name(bed: Bed, directory: Directory) -> str:
    """Return what people call the bed: its own name when it says the room, else room and bed."""
    room = directory.rooms.get(bed.room)
    if room is None or not bed.name or room.name in bed.name:
        return bed.name or bed.code
    return f"{room.name} {bed.name}"


def _plain(code: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in code)
