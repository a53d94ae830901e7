"""What every sheet of one gathering shares: the moment, the map, the declarations, the feeds, the language."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import msgspec

from releve.bedside.census import Present
from releve.bedside.horizon import Freshness
from releve.hospital.map import Bed, Directory
from releve.hospital.status import Statuses
from releve.paper.gather_words import Words
from releve.paper.hours import local_text
from releve.paper.pack import GridHour, LocalDate, LocalTime

__all__ = ["Frame", "Neighbour"]

SHIFT_HOURS = (7, 14, 21)
SHIFT_KEYS = {7: "M", 14: "S", 21: "N"}


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody present, as others' sheets may speak of her."""

    present: Present
    ward: str
    bed: str


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """The frame of one gathering. Instants are UTC milliseconds.

    `grid_ms` is when the administration grid starts: the shift under way. `everyone` holds all persons present by
    each of their keys, as read at the same moment as the wards.
    """

    directory: Directory
    statuses: Statuses
    feeds: tuple[Freshness, ...]
    zone: ZoneInfo
    language: str
    words: Words
    now_ms: int
    grid_ms: int
    grid_end_ms: int
    grid: tuple[GridHour, ...]
    everyone: dict[str, Neighbour] = {}
    attack_ms: int | None = None

    def local(self, at_ms: int) -> LocalTime:
        """Return a local time as paper keeps it."""
        return local_text(at_ms, self.zone)

    def local_or_none(self, at_ms: int | None) -> LocalTime | None:
        """Return a local time, None when it was not received."""
        return None if at_ms is None else local_text(at_ms, self.zone)

    def day(self, at_ms: int | None) -> LocalDate | None:
        """Return a local date, None when it was not received."""
        return None if at_ms is None else local_text(at_ms, self.zone)[:10]

    def today(self) -> date:
        """Return the hospital's date."""
        return datetime.fromtimestamp(self.now_ms / 1000, UTC).astimezone(self.zone).date()

    def said(self, at_ms: int) -> str:
        """Return a moment in words, for notes: the hour, with the day when it is another one."""
        at = self.local(at_ms)
        hour = self.words("hour", h=at[11:13], m=at[14:16]) + (f" {at[16:]}" if at[16:] else "")
        return hour if at[:10] == self.local(self.now_ms)[:10] else f"{self.date_said(at[:10])} {hour}"

    def date_said(self, text: str) -> str:
        """Return a date of any precision in figures: `14/07/1945` in French, `1945-07-14` in English."""
        return "/".join(reversed(text.split("-"))) if self.language == "fr" else text

    def figure(self, text: str) -> str:
        """Return a number with the decimal sign of the language, its digits untouched."""
        whole, point, part = text.partition(".")
        if self.language == "fr" and point and part.isdigit() and whole.lstrip("<>=≤≥~ -").isdigit():
            return f"{whole},{part}"
        return text

    def ward_name(self, code: str) -> str:
        """Return what people call a ward."""
        ward = self.directory.ward(code)
        if ward is not None:
            return ward.name
        return self.words("ward_unknown", code=code) if code else self.words("ward_unsaid")

    def bed_of(self, present: Present) -> Bed | None:
        """Return the bed of the map in which somebody lies."""
        stay = present.encounter
        if not stay.bed and not stay.room:
            return None
        return self.directory.bed_at(stay.ward or "", stay.room or "", stay.bed or "")

    def bed_words(self, present: Present) -> str:
        """Return what stands on the bed; the words received when the map does not know it."""
        bed = self.bed_of(present)
        if bed is not None:
            return self.bed_name(bed)
        stay = present.encounter
        room, place = stay.room or "", stay.bed or ""
        return place if room in place else " ".join(part for part in (room, place) if part)

    def bed_name(self, bed: Bed) -> str:
        """Return what people call a bed: its own name when it says the room, else room and bed."""
        room = self.directory.rooms.get(bed.room)
        if room is None or not bed.name or room.name in bed.name:
            return bed.name or bed.code
        return f"{room.name} {bed.name}"


def neighbours(frame_words: Iterable[Neighbour]) -> dict[str, Neighbour]:
    """Return persons present by each of their keys."""
    return {key: one for one in frame_words for key in one.present.persons}
