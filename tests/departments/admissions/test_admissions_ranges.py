"""Numbers given here are given once: whatever is pressed twice, dies in between, or happens at the same second."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from admissions_island import AdmissionsIsland
from django.test import RequestFactory

from releve.departments.admissions import ranges
from releve.departments.admissions.facts import NumbersTaken
from releve.departments.admissions.names import WORDS, name_for
from releve.departments.admissions.ranges import numbers_of, take
from releve.record.phonetic import sounds
from releve.web.acting import NotRecorded, use_recorder


def screen() -> Any:
    """Return the request of somebody at a screen."""
    request = RequestFactory().post("/admit/")
    request.person = SimpleNamespace(code="nkervella")  # type: ignore[attr-defined]
    return request


def test_forty_screens_at_once_take_forty_numbers(island: AdmissionsIsland) -> None:
    """A number given twice files one patient's results under another."""
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda n: take(screen(), f"act-{n}", person=True, visit=True), range(40)))

    assert len({one.ipp for one in taken}) == len({one.visit for one in taken}) == 40
    assert len(island.entries("admissions.numbers.1")) == 40


def test_a_form_pressed_again_keeps_its_numbers_even_after_the_worker_died(island: AdmissionsIsland) -> None:
    """What is recorded is what was taken: nothing depends on the memory of a process."""
    first = take(screen(), "act-1", person=True, visit=True)
    ranges._known.clear()

    again = take(screen(), "act-1", person=True, visit=True)
    other = take(screen(), "act-2")

    assert again == first
    assert (other.ipp, other.visit, other.movement) == ("", "", "AM000002")


def test_a_number_is_not_given_while_nobody_confirms_that_it_is_taken(island: AdmissionsIsland) -> None:
    """Durable before it is used: else a power cut gives it to the next one."""
    from releve.journal.errors import RecorderUnreachable

    class Gone:
        def append(self, drafts: Any) -> Any:
            raise RecorderUnreachable("recorder: expected it to listen; nothing was sent")

    use_recorder(Gone)
    with pytest.raises(NotRecorded):
        take(screen(), "act-1", person=True)
    use_recorder(lambda: island)

    assert take(screen(), "act-1", person=True).ipp == "AP000001"


def test_numbers_of_another_epoch_or_island_never_read_alike() -> None:
    """A log begun anew starts at one again: its name must be in the number."""
    same = {
        numbers_of(NumbersTaken(act="k", prefix=prefix, person=1, visit=1, movement=1), origin)
        for prefix, origin in (("A", "a"), ("A.2", "a"), ("AP", "ap"), ("A2", "a2"), ("B", "b"))
    }

    every = [number for one in same for number in (one.ipp, one.visit, one.movement)]
    assert len(set(every)) == len(every) == 15


def test_somebody_unidentified_always_gets_a_name_that_is_free() -> None:
    """The hundred and third of a night too."""
    taken: set[str] = set()
    for number in range(3 * len(WORDS)):
        name = name_for(f"act-{number}", taken)
        assert name not in taken
        taken.add(name)


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("lefevre", "LEFEBVRE"), ("tibo", "Thibault"), ("renau", "Renaud"), ("gotier", "Gauthier"),
        ("filip", "Philippe"), ("dupon", "Dupond"), ("meunié", "Meunier"), ("chmit", "Schmidt"),
    ],
)  # fmt: skip
def test_a_name_is_found_as_it_is_heard(heard: str, written: str) -> None:
    """The fireman spells nothing: he says a name over the noise of the engine."""
    assert sounds(written).startswith(sounds(heard)) or sounds(heard).startswith(sounds(written))


def test_names_that_are_not_heard_alike_stay_apart() -> None:
    """A search that answers with everybody answers nothing."""
    assert sounds("Bernard") != sounds("Bertrand")
    assert sounds("Marchand") != sounds("Martin")
