"""What is compared before a line is signed: it warns, it never decides, and says what it did not compare. Pure.

Nothing here knows interactions: without a dated base that somebody answers for, none is claimed.
Source: WHO ATC index (groups of the table `FAMILIES`); departments.md §4; docs/safety/intended-use.md.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from releve.departments.prescribing.formulary import Drug, Limit
from releve.departments.prescribing.hours import per_day
from releve.departments.prescribing.line_facts import Posology
from releve.record.identity import search_letters

__all__ = [
    "CHECKS", "DEFAULT_ON", "Caution", "Known", "Outcome", "Running", "Switched", "Unchecked", "check_line",
    "given_by_two", "needs_second", "second_places", "weight_days_max",
]  # fmt: skip

CHECKS = ("allergy", "high-alert", "duplicate", "tenfold", "limits")
# Words that stand on the patient's page anyway, put before the eyes of who prescribes: no figure is computed.
DEFAULT_ON = ("allergy", "high-alert")
TENFOLD = 5.0  # a slip of the point multiplies by ten; usual doses differ less than fivefold
ADULT_YEARS = 15.0  # paediatric formularies count by weight below it
# Below this age in years -> the age in days from which a weight no longer says what the person weighs. Ours: a newborn
# changes by a tenth in a week, an infant by half a kilogram in a month.
WEIGHT_DAYS = ((28 / 365.2425, 1.0), (2.0, 7.0), (ADULT_YEARS, 10.0), (1e3, 90.0))
MASS = {"ng": 1e-6, "ug": 1e-3, "mg": 1.0, "g": 1e3, "kg": 1e6}

# What people call an allergy -> the groups of ATC it speaks of.
FAMILIES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("PENICILLIN", "AMOXICILLIN", "BETALACTAM", "AMPICILLIN", "PIPERACILLIN"), ("J01C",)),
    (("CEPHALOSPORIN", "BETALACTAM", "CEFTRIAXON"), ("J01DB", "J01DC", "J01DD", "J01DE", "J01DI")),
    (("CARBAPENEM", "BETALACTAM"), ("J01DH",)),
    (("AINS", "NSAID", "ANTIINFLAMMATOIRE", "IBUPROFEN", "KETOPROFEN"), ("M01A", "N02BA", "B01AC06")),
    (("ASPIRIN", "ACETYLSALICYL", "SALICYL"), ("N02BA", "B01AC06", "M01A")),
    (("SULFAMID", "SULFONAMID", "SULFAMETHOXAZOL", "COTRIMOXAZOL"), ("J01E",)),
    (("MACROLID", "ERYTHROMYCIN", "CLARITHROMYCIN"), ("J01FA",)),
    (("QUINOLON", "FLOXACIN"), ("J01M",)),
    (("AMINOSID", "AMINOGLYCOSID", "GENTAMICIN"), ("J01G",)),
    (("MORPHIN", "OPIO", "OPIACE", "CODEIN"), ("N02A", "R05DA")),
    (("HEPARIN",), ("B01AB",)),
    (("IODE", "CONTRASTE", "CONTRAST"), ("V08A",)),
    (("ANESTHESIQUELOCAL", "LIDOCAIN"), ("N01B",)),
    (("CURARE", "CURARISANT"), ("M03A",)),
)


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """Another line of the same person that runs."""

    line: str
    label: str
    code: str = ""
    substance: str = ""
    drug_class: str = ""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a person when a line is signed. None and "not-said" are not "none"."""

    allergy_state: Literal["stated", "none-known", "not-said"] = "not-said"
    allergies: tuple[str, ...] = ()
    weight_kg: float | None = None
    weight_days: float | None = None  # since it was measured; None: nobody said when
    age_years: float | None = None
    running: tuple[Running, ...] = ()


class Caution(msgspec.Struct, frozen=True, kw_only=True):
    """Something to look at. `about` are values to show beside the sentence of `check` and `kind`."""

    check: str
    kind: str
    about: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What names this warning in a form: another warning asks for another reason."""
        return f"{self.check}.{self.kind}"


class Unchecked(msgspec.Struct, frozen=True, kw_only=True):
    """A check that was not made, or not wholly, and why."""

    check: str
    why: str
    about: str = ""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Warnings, what was not checked, and which checks were made."""

    warnings: tuple[Caution, ...]
    unchecked: tuple[Unchecked, ...]
    made: tuple[str, ...]


class Switched(msgspec.Struct, frozen=True, kw_only=True):
    """What the hospital switched on, who answers for it and since when. Nobody switched anything: the default."""

    checks: tuple[str, ...] = DEFAULT_ON
    second_at: Literal["administration", "prescription", "both"] = "administration"
    by_name: str = ""
    by: str = ""
    note: str = ""
    at: int | None = None


def second_places(switched: Switched, drug: Drug | None) -> str:
    """Return where two people are needed for a high-alert product: its own row in the formulary goes before all."""
    return drug.second_at if drug is not None and drug.second_at else switched.second_at


def needs_second(switched: Switched, what: Posology, drug: Drug | None = None) -> bool:
    """Tell whether a second person confirms this line when it is prescribed."""
    return what.high_alert and second_places(switched, drug) in ("prescription", "both")


def given_by_two(switched: Switched, drug: Drug | None, *, high_alert: bool) -> bool:
    """Tell whether a second person confirms each dose of a product when it is given."""
    return high_alert and second_places(switched, drug) in ("administration", "both")


def check_line(
    what: Posology,
    known: Known,
    *,
    drug: Drug | None,
    limits: Sequence[Limit] = (),
    switched: Switched,
    itself: str = "",
) -> Outcome:
    """Return what is to be looked at before this line is signed; `itself` is the row that it changes."""
    warnings: list[Caution] = []
    unchecked: list[Unchecked] = []
    made: list[str] = []
    for name in CHECKS:
        if name not in switched.checks:
            unchecked.append(Unchecked(check=name, why="off"))
            continue
        before = len(unchecked)
        match name:
            case "allergy":
                _allergy(what, known, warnings, unchecked)
            case "high-alert":
                if what.high_alert:
                    warnings.append(Caution(check=name, kind="listed"))
            case "duplicate":
                _duplicate(what, known.running, itself, warnings, unchecked)
            case "tenfold":
                _tenfold(what, drug, warnings, unchecked)
            case "limits":
                _limits(what, known, limits, warnings, unchecked)
        if len(unchecked) == before:
            made.append(name)
    unchecked.append(Unchecked(check="interactions", why="no-base"))
    return Outcome(
        warnings=tuple(dict.fromkeys(warnings)), unchecked=tuple(dict.fromkeys(unchecked)), made=tuple(made)
    )


def _same_root(left: str, right: str) -> bool:
    # "Amoxicilline" and "AMOXICILLIN": endings differ between languages and salts.
    if len(left) < 5 or len(right) < 5:
        return left == right
    return left in right or right in left or left[:-1] in right or right[:-1] in left


def _allergy(what: Posology, known: Known, warnings: list[Caution], unchecked: list[Unchecked]) -> None:
    if known.allergy_state == "not-said":
        unchecked.append(Unchecked(check="allergy", why="not-said"))
        return
    if not known.allergies:
        return
    names = [search_letters(word) for word in f"{what.substance} {what.label}".split()]
    names = [name for name in names if len(name) > 3 and not name[0].isdigit()]
    for allergy in known.allergies:
        words = [word for part in allergy.replace("-", " ").split() if len(word := search_letters(part)) > 3]
        if any(_same_root(word, name) for word in words for name in names):
            warnings.append(Caution(check="allergy", kind="substance", about=(allergy,)))
            continue
        letters = search_letters(allergy).replace(" ", "")
        groups = {group for roots, of in FAMILIES if any(root in letters for root in roots) for group in of}
        if what.drug_class and any(what.drug_class.startswith(group) for group in groups):
            warnings.append(Caution(check="allergy", kind="class", about=(allergy, what.drug_class)))
        elif not groups:
            unchecked.append(Unchecked(check="allergy", why="name-only", about=allergy))
    if not what.drug_class:
        unchecked.append(Unchecked(check="allergy", why="no-class"))


def _duplicate(
    what: Posology,
    running: Iterable[Running],
    itself: str,
    warnings: list[Caution],
    unchecked: list[Unchecked],
) -> None:
    substance = search_letters(what.substance).replace(" ", "")
    label = search_letters(what.label).replace(" ", "")
    unknown = 0
    for other in running:
        if other.line == itself:
            continue
        theirs = search_letters(other.substance).replace(" ", "")
        told = search_letters(other.label).replace(" ", "")
        same = (
            (bool(what.code) and what.code == other.code)
            or (len(what.drug_class) == 7 and what.drug_class == other.drug_class)
            or (bool(substance) and bool(theirs) and substance == theirs)
            or (bool(substance) and not theirs and substance in told)
            or (bool(theirs) and not substance and theirs in label)
            or label == told
        )
        if same:
            warnings.append(Caution(check="duplicate", kind="substance", about=(other.label,)))
        elif not theirs:
            unknown += 1
    if not substance:
        unchecked.append(Unchecked(check="duplicate", why="no-substance"))
    elif unknown:
        unchecked.append(Unchecked(check="duplicate", why="lines", about=str(unknown)))


def _amount(value: str) -> tuple[float, float] | None:
    try:
        parts = [float(part.replace(",", ".")) for part in value.split("-")]
    except ValueError:
        return None
    return (min(parts), max(parts)) if parts and min(parts) > 0 else None


def _factor(unit: str, to: str) -> float | None:
    if unit == to:
        return 1.0
    return MASS[unit] / MASS[to] if unit in MASS and to in MASS else None


def _tenfold(what: Posology, drug: Drug | None, warnings: list[Caution], unchecked: list[Unchecked]) -> None:
    if drug is None or not drug.usual:
        unchecked.append(Unchecked(check="tenfold", why="no-usual"))
        return
    dose = _amount(what.dose_value)
    usual = [
        (low * factor, high * factor)
        for one in drug.usual
        if (amount := _amount(one.dose_value)) is not None
        and (factor := _factor(one.dose_unit, what.dose_unit)) is not None
        for low, high in (amount,)
    ]
    if dose is None or not usual:
        unchecked.append(Unchecked(check="tenfold", why="unit"))
        return
    low, high = min(one for one, _ in usual), max(one for _, one in usual)
    told = " | ".join(f"{one.dose_value} {one.dose_unit}" for one in drug.usual)
    if dose[1] >= high * TENFOLD:
        warnings.append(Caution(check="tenfold", kind="above", about=(_round(dose[1] / high), told)))
    elif dose[0] * TENFOLD <= low:
        warnings.append(Caution(check="tenfold", kind="below", about=(_round(low / dose[0]), told)))


def _round(number: float) -> str:
    return f"{number:.4g}" if number < 1e4 else f"{number:.0f}"


def _limits(
    what: Posology,
    known: Known,
    limits: Sequence[Limit],
    warnings: list[Caution],
    unchecked: list[Unchecked],
) -> None:
    substance = search_letters(what.substance).replace(" ", "")
    of = [
        one
        for one in limits
        if substance
        and search_letters(one.substance).replace(" ", "") == substance
        and one.route in ("", what.route_code)
    ]
    if not of:
        unchecked.append(
            Unchecked(check="limits", why="no-limit" if substance else "no-substance", about=what.substance)
        )
        return
    aged = [one for one in of if one.age_from_years is not None or one.age_below_years is not None]
    if known.age_years is None and aged:
        unchecked.append(Unchecked(check="limits", why="age"))
        of = [one for one in of if one not in aged]
    age = known.age_years
    of = [
        one
        for one in of
        if age is None
        or (
            (one.age_from_years or 0)
            <= age
            < (one.age_below_years if one.age_below_years is not None else 1e3)
        )
    ]
    if not of and known.age_years is not None:
        unchecked.append(Unchecked(check="limits", why="no-limit-age", about=what.substance))
    dose, doses = _amount(what.dose_value), per_day(what)
    weighs = any(one.dose_max_per_kg is not None or one.day_max_per_kg is not None for one in of)
    if weighs and known.weight_kg and known.weight_days is None:
        unchecked.append(Unchecked(check="limits", why="weight-undated"))
    for limit in of:
        factor = _factor(what.dose_unit, limit.unit)
        if dose is None or factor is None:
            unchecked.append(Unchecked(check="limits", why="unit"))
            continue
        _compare(limit, dose[1] * factor, doses, known, what, warnings, unchecked)


def weight_days_max(limit: Limit, age_years: float | None) -> float:
    """Return how old a weight may be to be compared with, in days: as the hospital's row says, else by age.

    Somebody whose age is not known is taken for a child. The defaults are ours; see docs/reference/hospital-folder.md.
    """
    if limit.weight_days is not None:
        return limit.weight_days
    return next(days for below, days in WEIGHT_DAYS if age_years is None or age_years < below)


def _weight(limit: Limit, known: Known, unchecked: list[Unchecked]) -> float | None:
    """Return the weight to compare with, None when there is none or a child's is too old; its age is said."""
    if not known.weight_kg:
        unchecked.append(Unchecked(check="limits", why="weight"))
        return None
    days = known.weight_days
    if days is not None and days <= weight_days_max(limit, known.age_years):
        return known.weight_kg
    child = known.age_years is None or known.age_years < ADULT_YEARS
    if days is None:
        return None if child else known.weight_kg
    why = "weight-old" if child else "weight-old-adult"
    unchecked.append(Unchecked(check="limits", why=why, about=f"{days:.0f}"))
    return None if child else known.weight_kg


def _compare(
    limit: Limit,
    amount: float,
    doses: float | None,
    known: Known,
    what: Posology,
    warnings: list[Caution],
    unchecked: list[Unchecked],
) -> None:
    per_kg = limit.dose_max_per_kg is not None or limit.day_max_per_kg is not None
    weight = _weight(limit, known, unchecked) if per_kg else None

    def over(kind: str, given: float, most: float, unit: str) -> None:
        if given > most * 1.000001:
            about: tuple[str, ...] = (f"{_round(given)} {unit}", f"{_round(most)} {unit}", limit.source)
            if kind.endswith("-kg") and weight is not None:
                days = "?" if known.weight_days is None else f"{known.weight_days:.0f}"
                about = (*about, _round(weight), days)
            warnings.append(Caution(check="limits", kind=kind, about=about))

    if limit.dose_max is not None:
        over("dose", amount, limit.dose_max, limit.unit)
    if limit.dose_max_per_kg is not None and weight:
        over("dose-kg", amount / weight, limit.dose_max_per_kg, f"{limit.unit}/kg")
    if limit.day_max is None and limit.day_max_per_kg is None:
        return
    if doses is None:
        unchecked.append(Unchecked(check="limits", why="rate" if what.continuous else "per-day"))
        return
    if limit.day_max is not None:
        over("day", amount * doses, limit.day_max, f"{limit.unit}/24 h")
    if limit.day_max_per_kg is not None and weight:
        over("day-kg", amount * doses / weight, limit.day_max_per_kg, f"{limit.unit}/kg/24 h")
