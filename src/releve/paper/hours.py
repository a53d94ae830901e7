"""Local times as paper shows them, and the columns of the administration grid (pure)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from releve.paper.pack import GridHour, LocalTime

GRID = timedelta(hours=24)


def local_text(at_ms: int, zone: ZoneInfo) -> LocalTime:
    """Return the local time of a UTC instant in milliseconds, minutes kept, the doubled hour as A then B.

    >>> local_text(1792888200000, ZoneInfo("Europe/Paris"))
    '2026-10-25T02:30A'
    """
    local = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone)
    return f"{local:%Y-%m-%dT%H:%M}{_letter(local, zone)}"


def grid_hours(
    start_ms: int, zone: ZoneInfo, *, shift_hours: tuple[int, ...] = (7, 14, 21)
) -> tuple[GridHour, ...]:
    """Return the columns from the local hour of `start_ms` to the same hour of the next day.

    24 columns; 23 the night the clocks go forward, 25 the night they go back.
    """
    first = (
        datetime.fromtimestamp(start_ms / 1000, UTC)
        .astimezone(zone)
        .replace(minute=0, second=0, microsecond=0)
    )
    # Adding a day to an aware local time keeps the hour on the wall: that is the end of the grid.
    end = (first + GRID).replace(fold=0).astimezone(UTC)
    columns = []
    hour = first.astimezone(UTC)
    while hour < end:
        local = hour.astimezone(zone)
        text = f"{local:%Y-%m-%dT%H}{_letter(local, zone)}"
        columns.append(GridHour(at=text, shift=local.hour in shift_hours and not local.fold))
        hour += timedelta(hours=1)
    return tuple(columns)


def column_of(at: LocalTime, grid: tuple[GridHour, ...]) -> int | None:
    """Return the column in which a time falls, None when it lies outside the grid."""
    key = at[:13] + at[16:]
    for index, column in enumerate(grid):
        if column.at == key:
            return index
    return None


def _letter(local: datetime, zone: ZoneInfo) -> str:
    """Return A or B when the clocks show this local time twice."""
    naive = local.replace(tzinfo=None)
    first = naive.replace(tzinfo=zone, fold=0).utcoffset()
    second = naive.replace(tzinfo=zone, fold=1).utcoffset()
    # A time skipped in spring differs too, but no UTC instant ever shows it.
    return "" if first == second else "BA"[local.fold == 0]
