"""The list of patients that the hospital itself sends each day: which file counts for which ward.

The feeds page and the cover of a pack both hold it against the view: who stands on one side only.
"""

import msgspec

from releve.hospital.tables import Census

__all__ = ["CensusNow", "census_now"]


class CensusNow(msgspec.Struct, frozen=True, kw_only=True):
    """The censuses that count: lines by ward, when each ward's was taken (UTC ms), and everyone in them by number."""

    lines: dict[str, tuple[Census, ...]]
    taken: dict[str, int]
    wide_ms: int | None
    by_ipp: dict[str, Census]

    def speaks_of(self, ward: str) -> bool:
        """Tell whether a census says who is in this ward."""
        return ward in self.taken or self.wide_ms is not None


def census_now() -> CensusNow:
    """Return the newest census of each ward; one file may be of the whole hospital, or of one ward alone.

    A file of several wards speaks for all of them, those it does not name too: they are empty in it.
    """
    files: dict[int, list[Census]] = {}
    for line in Census.objects.all():
        files.setdefault(line.taken_at or 0, []).append(line)
    wide = max(
        (taken for taken, lines in files.items() if len({one.ward for one in lines}) > 1), default=None
    )
    lines_of: dict[str, list[Census]] = {}
    taken_of: dict[str, int] = {}
    for taken in sorted(files, reverse=True):
        if wide is not None and taken < wide:
            break
        fresh = {line.ward or "" for line in files[taken]} - set(taken_of)
        for line in files[taken]:
            if (line.ward or "") in fresh:
                lines_of.setdefault(line.ward or "", []).append(line)
        taken_of |= dict.fromkeys(fresh, taken)
    by_ipp = {line.ipp: line for lines in lines_of.values() for line in lines}
    lines = {ward: tuple(found) for ward, found in lines_of.items()}
    return CensusNow(lines=lines, taken=taken_of, wide_ms=wide, by_ipp=by_ipp)
