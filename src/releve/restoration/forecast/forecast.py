"""What a forecast says: dates with their chances, the outage curve and its bands; and its form in JSON.

The quantile at share q is the smallest hour within which a share q of the runs had it back. `None`: not within the
hours that were looked at (`horizon`).
"""

from typing import Final, Literal

import msgspec

from releve.restoration.case import CaseError

__all__ = [
    "FORMAT",
    "MEASURES",
    "BackBy",
    "CurveDay",
    "Forecast",
    "Measure",
    "Returned",
    "Spread",
    "read_forecast",
]

Measure = Literal["applications", "services", "patients"]
MEASURES: Final[tuple[Measure, ...]] = ("applications", "services", "patients")
FORMAT: Final = "releve-restoration-forecast-1"


class _Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class BackBy(_Line, frozen=True, kw_only=True):
    """When an application or a service is back for good: hours of the case within which half, 80 % and 95 % had it.

    `kept` is the chance that its announced date (`Case.published`) holds, None when none was announced; `loss` the
    care a service loses until then, on average.
    """

    id: str
    p50: int | None
    p80: int | None
    p95: int | None
    planned: int | None = None  # what the plan says, for comparison; never to be announced
    kept: float | None = None
    loss: float | None = None


class CurveDay(_Line, frozen=True, kw_only=True):
    """The share (0 to 1) of a normal day's care lost on one day: no more than so in half, 80 %, 95 % of the runs."""

    day: int  # day 0 is the first 24 hours after the start
    p50: float
    p80: float
    p95: float


class Returned(_Line, frozen=True, kw_only=True):
    """What is back of the whole by the end of each day, from hour 0 on: at least so much in half, 80, 95 % of the runs.

    In the measure's own unit: applications, care functions, patients a day. After the last day it stays as it is.
    """

    measure: Measure
    p50: tuple[float, ...]
    p80: tuple[float, ...]
    p95: tuple[float, ...]


class Spread(_Line, frozen=True, kw_only=True):
    """Care lost over all services: on average, and at most in half, 80 %, 95 % of the runs."""

    mean: float
    p50: float
    p80: float
    p95: float


class Forecast(_Line, frozen=True, kw_only=True):
    """What becomes of a plan when work takes as long as it takes."""

    format: Literal["releve-restoration-forecast-1"] = FORMAT
    plan: str = ""  # id of the plan
    case: str = ""  # digest of the case, as the plan says it
    runs: int
    seed: int
    horizon: int  # hours looked at
    applications: tuple[BackBy, ...]
    services: tuple[BackBy, ...]
    curve: tuple[CurveDay, ...]
    loss: Spread
    returned: tuple[Returned, ...] = ()
    never: tuple[str, ...] = ()  # applications and services to which no plan can give a date


_decoder = msgspec.json.Decoder(Forecast)


def read_forecast(data: bytes) -> Forecast:
    """Return the forecast written in JSON.

    Raises:
        CaseError: not JSON, or a line is not what the format says; the message names the place.
    """
    try:
        return _decoder.decode(data)
    except msgspec.MsgspecError as error:
        raise CaseError(str(error)) from error
