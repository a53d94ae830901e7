"""An island where something was done by hand: two patients, five accounts, doses charted here under PRESC."""

import sys
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "paper"))

from paper_island import MEDICINE, PSYCHIATRY, PaperIsland, admission, now, prescription

from releve.departments.prescribing.dose_facts import DoseGiven
from releve.journal.entry import Draft
from releve.record.acts import draft_of
from releve.web.accounts.draft import draft_account

PASSWORD = "lanterne-22-orage"


def dose(ipp: str, act: str, hours_ago: int, **more: object) -> Draft:
    """Return the entry of a dose given by hand of the island, under PRESC."""
    return draft_of(
        DoseGiven(
            act=act,
            person=f"VAL:{ipp}",
            visit=f"V{ipp}",
            ward=MEDICINE,
            function="administer",
            applications=("PRESC",),
            happened_at=int((now() - timedelta(hours=hours_ago)).timestamp() * 1000),
            by="nuit",
            by_name="N. KERVELLA",
            request=f"VAL:{ipp}/P1",
            label="Bisoprolol",
            dose_value="2.5",
            dose_unit="mg",
            **more,
        )
    )


def small_island(data: Path) -> PaperIsland:
    """Return an island with two patients, a crisis cell, a physician, two nurses of medicine, another ward's."""
    made = PaperIsland(data)
    accounts = [
        draft_account(
            made.data, code=code, family=code.upper(), given="A", role=role, wards=wards, password=PASSWORD, rpps=rpps
        )
        for code, role, wards, rpps in (
            ("crise", "crisis", (), ""), ("medecin", "physician", (MEDICINE,), "10000023084"),
            ("nuit", "nurse", (MEDICINE,), ""), ("jour", "nurse", (MEDICINE,), ""),
            ("ailleurs", "nurse", (PSYCHIATRY,), ""),
        )
    ]  # fmt: skip
    made.record(
        admission("100", "=MARTIN", bed="301"),
        admission("200", "PETIT", "Paul", ward=PSYCHIATRY, bed="1", sex="M"),
        prescription("100", "P1", "Bisoprolol", "2.5", "mg", "|0800~2000"),
        *accounts,
    )
    return made
