"""What a day without each care function costs, and how far the degraded mode covers it. Pure.

Points a day: 100 is the whole care of an ordinary day of the hospital. The figures are estimates by the project, to be
corrected by the hospital with its physicians, nurses and managers: nothing published gives them by function. What was
published and served as a landmark: imaging at 40 of 350 patients a day (Corbeil-Essonnes, 2022: coverage 0.114), 60 %
of activity after two weeks and after three months (Versailles, 2022), blood draws at 20 % on the eighth day
(Barcelona, 2023), one third of operations postponed (Cannes, 2024).
"""

import msgspec

from releve.restoration.case import Coverage, Impact

__all__ = ["IMPACTS", "CareImpact"]


class CareImpact(msgspec.Struct, frozen=True, kw_only=True):
    """One care function: steps of impact and of coverage, and patients a day at normal activity for 100 beds."""

    impact: tuple[Impact, ...]
    coverage: tuple[Coverage, ...]
    patients_per_100_beds: float = 0.0


def _cost(impact: str, coverage: str, patients: float = 0.0) -> CareImpact:
    return CareImpact(
        impact=tuple(Impact(from_day=day, per_day=value) for day, value in _steps(impact)),
        coverage=tuple(Coverage(from_day=day, share=value) for day, value in _steps(coverage)),
        patients_per_100_beds=patients,
    )


def _steps(text: str) -> list[tuple[float, float]]:
    """`0:4 7:8`: from the day before the colon on, the value behind it."""
    pairs = (step.split(":") for step in text.split())
    return [(float(day), float(value)) for day, value in pairs]


# The order is that of `releve.hospital.care`. Functions of the ground (network, servers, signing in…) cost nothing by
# themselves: they cost what needs them.
IMPACTS: dict[str, CareImpact] = {
    "identity": _cost("0:3 7:5", "0:0.5 3:0.7", 60),
    "admit": _cost("0:3 7:5", "0:0.4 3:0.6", 12),
    "prescribe": _cost("0:8 3:10 14:12", "0:0.5 2:0.6"),
    "administer": _cost("0:6 3:8", "0:0.5 2:0.6"),
    "observe": _cost("0:3 7:4", "0:0.7"),
    "order-laboratory": _cost("0:3", "0:0.5 3:0.6"),
    "results-laboratory": _cost("0:9 2:11", "0:0.2 2:0.3 7:0.4", 90),
    "order-imaging": _cost("0:2", "0:0.5"),
    "results-imaging": _cost("0:4 3:6", "0:0.2 3:0.3", 35),
    "images": _cost("0:8 3:10", "0:0.114 7:0.2", 35),
    "document": _cost("0:4 3:6 14:9", "0:0.4 3:0.5", 60),
    "appoint": _cost("0:2 3:5 14:8", "0:0.2 3:0.4", 70),
    "transfuse": _cost("0:5", "0:0.6", 2),
    "theatre": _cost("0:5 2:8", "0:0.4 3:0.6", 5),
    "anaesthesia": _cost("0:3", "0:0.7", 5),
    "emergency": _cost("0:7", "0:0.5 2:0.6", 20),
    "regulate": _cost("0:9", "0:0.6", 25),
    "dispense": _cost("0:5 3:7", "0:0.4 3:0.5", 60),
    "stock": _cost("0:1 3:3 10:5", "0:0.5"),
    "chemotherapy": _cost("0:3 2:6 7:8", "0:0.2 3:0.4", 4),
    "dialysis": _cost("0:4", "0:0.6", 4),
    "maternity": _cost("0:3", "0:0.6", 2),
    "intensive-care": _cost("0:6", "0:0.5", 4),
    "pathology": _cost("0:2 5:4 14:6", "0:0.3", 5),
    "functional-tests": _cost("0:2 5:3", "0:0.4", 10),
    "radiotherapy": _cost("0:3 2:7 7:10", "0:0.1", 5),
    "monitor": _cost("0:5", "0:0.6", 8),
    "sterilise": _cost("0:2 2:4", "0:0.5"),
    "rehabilitate": _cost("0:1", "0:0.7", 8),
    "cater": _cost("0:1.5", "0:0.6"),
    "transport": _cost("0:1.5", "0:0.6"),
    "hygiene": _cost("0:0.5 7:1.5", "0:0.5"),
    "vigilance": _cost("0:0.5 7:1", "0:0.6"),
    "dictate": _cost("0:1 7:3", "0:0.3"),
    "archive": _cost("0:1 3:1.5", "0:0.5"),
    "share": _cost("0:1 7:2", "0:0.3"),
    "onward": _cost("0:1 3:2", "0:0.5"),
    "message": _cost("0:2 3:3", "0:0.3 3:0.5"),
    "telephone": _cost("0:9", "0:0.4 2:0.6"),
    "workplace": _cost("0:6 7:9", "0:0.2 3:0.3"),
    "building": _cost("0:3", "0:0.7"),
    "code": _cost("0:0 14:1 30:3", "0:0"),
    "bill": _cost("0:0 14:1.5 30:4", "0:0"),
    "buy": _cost("0:0.5 5:2 14:4", "0:0.4"),
    "account": _cost("0:0 10:1 30:3", "0:0.2"),
    "pay": _cost("0:0 15:3 35:6", "0:0.3"),
    "roster": _cost("0:1 7:2", "0:0.5"),
    "inform": _cost("0:0.2 14:0.5", "0:0.3"),
}
