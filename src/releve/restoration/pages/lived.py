"""What other hospitals lived, as it was published: what was back on which day, with its date and where it was told."""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from releve.restoration.drawing.curve import Lived
from releve.restoration.forecast.forecast import Measure
from releve.restoration.pages.sentences import percent
from releve.web import words

__all__ = ["LivedLine", "lived_lines", "lived_points", "lived_words"]


class _Told(NamedTuple):
    who: str
    cut: datetime
    day: int
    share: float
    what: Any
    source: str
    of: Literal["care", "systems"]


# docs: field.md, part C, with the sources that it names. When they were printed was not kept; the dates are those of
# the cut and of what is told.
_TOLD: tuple[_Told, ...] = (
    _Told("CHSF", datetime(2022, 8, 21, tzinfo=UTC), 71, 0.8, _("of the information system, as was then expected"),
          "Banque des Territoires, L’Informaticien", "systems"),
    _Told("UVM", datetime(2020, 10, 28, tzinfo=UTC), 55, 0.8, _("of applications"), "VTDigger", "systems"),
    _Told("HSE", datetime(2021, 5, 14, tzinfo=UTC), 40, 0.75, _("of servers decrypted"),
          "Irish Times, Irish Examiner", "systems"),
    _Told("Barcelona Clínic", datetime(2023, 3, 5, tzinfo=UTC), 8, 0.3, _("of servers"),
          "Canarias7, Diari de Girona", "systems"),
    _Told("CHSF", datetime(2022, 8, 21, tzinfo=UTC), 58, 0.86, _("of beds open"),
          "Banque des Territoires, L’Informaticien", "care"),
    _Told("Versailles", datetime(2022, 12, 3, tzinfo=UTC), 14, 0.6, _("of activity"), "Franceinfo, Capital", "care"),
    _Told("Barcelona Clínic", datetime(2023, 3, 5, tzinfo=UTC), 8, 0.7, _("of outpatient visits"),
          "Canarias7, Diari de Girona", "care"),
)  # fmt: skip


class LivedLine(NamedTuple):
    """One line in words; `number` is its mark in the drawing."""

    number: int
    who: str
    cut: str
    at: str
    day: int
    share: float
    what: str
    source: str


def lived_lines(measure: Measure | None = None) -> list[LivedLine]:
    """Return what is told beside a curve that counts this: care beside patients, else systems; None: all of it."""
    of = {"care", "systems"} if measure is None else {"care" if measure == "patients" else "systems"}
    return [
        LivedLine(
            number, one.who, _date(one.cut), _date(one.cut + timedelta(days=one.day)), one.day, one.share,
            f"{percent(one.share)} {one.what}", one.source,
        )
        for number, one in enumerate((one for one in _TOLD if one.of in of), start=1)
    ]  # fmt: skip


def lived_words(one: LivedLine) -> str:
    """Return one line as a sentence: hospital, cut, day and date, what was back, source."""
    told = {
        "who": one.who,
        "cut": one.cut,
        "day": one.day,
        "at": one.at,
        "what": one.what,
        "source": one.source,
    }
    return gettext("%(who)s, cut on %(cut)s, day %(day)s (%(at)s): %(what)s. Source: %(source)s") % told


def lived_points(measure: Measure) -> list[Lived]:
    """Return the marks of a curve that counts this."""
    return [Lived(one.number, one.day, one.share, lived_words(one)) for one in lived_lines(measure)]


def _date(moment: datetime) -> str:
    return words.day(round(moment.timestamp() * 1000), ZoneInfo("UTC"), get_language() or "fr")
