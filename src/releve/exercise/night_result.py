"""What was found in the morning after a staged night."""

from dataclasses import dataclass, field
from typing import Any

from releve.exercise.feed import Counts
from releve.exercise.night_work import WorkFound
from releve.web.words import counted

__all__ = ["NightResult"]


@dataclass
class NightResult:
    """The figures; `problems` are sentences without patients' names."""

    counts: Counts
    identical: int = 0
    lost: int = 0
    stored: int = 0
    persons: int = 0
    encounters: int = 0
    present: int = 0
    pages: int = 0
    packs: int = 0  # wards whose pack came out
    files: int = 0
    work: WorkFound = field(default_factory=WorkFound)
    problems: list[str] = field(default_factory=list)

    @property
    def succeeded(self) -> bool:
        """Whether nothing acknowledged is lost or altered, packs came out, and nothing contradicts the truth."""
        return (
            self.lost == 0
            and self.identical == self.counts.acknowledged > 0
            and self.packs > 0
            and self.pages > 0
            and self.work.accounted == self.work.shift.acts
            and not self.problems
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for a JSON line."""
        return {
            "sent": self.counts.sent, "acknowledged": self.counts.acknowledged, "identical": self.identical,
            "lost": self.lost, "persons": self.persons, "encounters": self.encounters, "pages": self.pages,
            "refused": self.counts.refused, "repeated": self.counts.repeated, "stored": self.stored,
            "present": self.present, "packs": self.packs, "files": self.files,
            "acts": self.work.shift.acts, "accounted": self.work.accounted, "owed": self.work.owed,
            "acts_refused": sum(self.work.shift.refused.values()), "sent_twice": self.work.shift.sent_twice,
            "kinds": dict(sorted(self.work.shift.recorded.items())), "problems": len(self.problems),
            "ok": self.succeeded,
        }  # fmt: skip

    def text(self) -> str:
        """Return the figures in words."""
        return (
            f"{self.counts.acknowledged:,} acknowledged of {self.counts.sent:,} sent; {self.identical:,} found byte "
            f"for byte, {self.lost:,} lost; {counted(self.persons, 'person')}, "
            f"{counted(self.encounters, 'encounter')} ({self.present:,} present), {counted(self.pages, 'page')} in "
            f"{counted(self.packs, 'pack')} read back; {counted(self.work.shift.acts, 'act')} of staff in "
            f"six hours of cut, {self.work.accounted:,} of them in the account; "
            f"{counted(len(self.problems), 'problem')}"
        )
