"""Several ids in one text, and back: a custom field or a cell of a spreadsheet holds no list. Pure."""

from collections.abc import Iterable

from releve.restoration.case import SkillCount, Use

__all__ = ["read_ids", "read_team", "read_uses", "write_ids", "write_team", "write_uses"]


def write_ids(ids: Iterable[str]) -> str:
    """Return ids as one text, with a comma between them; a comma in one is written %2C."""
    return ", ".join(id.replace("%", "%25").replace(",", "%2C") for id in ids)


def read_ids(text: str) -> tuple[str, ...]:
    """Return the ids written by `write_ids`."""
    parts = (part.strip().replace("%2C", ",").replace("%25", "%") for part in text.split(","))
    return tuple(part for part in parts if part)


def write_team(team: tuple[SkillCount, ...]) -> str:
    """Return a team as one text.

    >>> write_team((SkillCount(skill="systems", count=2), SkillCount(skill="security")))
    '2 systems, 1 security'
    """
    return write_ids(f"{each.count} {each.skill}" for each in team)


def read_team(text: str) -> tuple[SkillCount, ...]:
    """Return the team written by `write_team`; what is no number and skill counts as one of that skill."""
    team = []
    for part in read_ids(text):
        count, _, skill = part.partition(" ")
        if count.isdecimal() and len(count) < 7 and skill:
            team.append(SkillCount(skill=skill, count=int(count)))
        else:
            team.append(SkillCount(skill=part))
    return tuple(team)


def write_uses(uses: tuple[Use, ...]) -> str:
    """Return what is held of resources as one text, `2 bench`."""
    return write_ids(f"{each.units} {each.resource}" for each in uses)


def read_uses(text: str) -> tuple[Use, ...]:
    """Return the uses written by `write_uses`."""
    return tuple(Use(resource=each.skill, units=each.count) for each in read_team(text))
