"""Numbers made here are given once, ever: also after the process, or the end of the journal, was lost."""

from types import SimpleNamespace

import pytest
from admissions_island import AdmissionsIsland
from django.test import Client
from test_admissions_admit import admit

from releve.departments.admissions import ranges
from releve.journal.folder import own_log


def numbers(island: AdmissionsIsland) -> list[str]:
    """Return the numbers of the persons admitted."""
    return [entry["ipp"] for entry in island.entries("person.admitted.1")]


def test_a_process_that_starts_again_goes_on_after_the_last_number(
    island: AdmissionsIsland, nurse: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number given to two people gives one of them the other's blood group."""
    admit(nurse)
    monkeypatch.setattr(ranges, "_known", {})  # what the process that died had counted

    admit(nurse, act_key="k2", birth_name="Vidal", bed="bed:2140-207")

    assert numbers(island) == ["AP000001", "AP000002"]


def test_after_the_end_of_a_journal_was_lost_numbers_have_another_prefix(
    island: AdmissionsIsland, nurse: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wristbands with the numbers that were lost are on wrists: what comes after must not read like them."""
    admit(nurse)
    log = own_log(island.data)
    monkeypatch.setattr(
        ranges, "own_log", lambda data: SimpleNamespace(path=log.path, origin=log.origin, epoch=2)
    )

    admit(nurse, act_key="k2", birth_name="Vidal", bed="bed:2140-207")

    assert numbers(island) == ["AP000001", "A.2P000001"]
