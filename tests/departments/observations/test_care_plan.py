"""The care plan: planned by a nurse, said shift by shift, ended; handed on to the next shift and to the application."""

import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.test import Client
from ward_island import HOUR_MS, NOW_MS, WardIsland

from releve.codecs.fhir.checker import check
from releve.departments.observations import account
from releve.departments.observations.care_rules import refuse_done, refuse_plan, refuse_stop
from releve.departments.observations.tables import Care, CareDone
from releve.record.tables import Act

IDS = {"patient": "Patient/1", "encounter": "Encounter/2", "performer": "Practitioner/3"}
PLAN = {
    "what": "plan", "problem": "Risque d’escarre", "goal": "peau intacte", "action": "Changer de position",
    "every": "shift", "act_key": "plan-1",
}  # fmt: skip


@pytest.fixture
def handle(island: WardIsland) -> str:
    """Return somebody in bed 201, while her record is cut."""
    handle = island.admit("8001", "DELORME^Élise", "201")
    island.cut("DPI")
    return handle


def text_of(answer: Any) -> str:
    """Return the words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def say(client: Client, handle: str, what: str, **more: str) -> Any:
    """Say what became of the planned action."""
    page = client.get(f"/patient/{handle}/care/?late=1").content.decode()
    sealed = re.search(r'name="care" value="([^"]+)"', page)
    assert sealed is not None
    return client.post(
        f"/patient/{handle}/care/", {"what": what, "care": sealed[1], "act_key": f"{what}-1", **more}
    )


def test_an_action_is_planned_said_and_handed_on_until_it_ends(
    island: WardIsland, nurse: Client, handle: str, enter: Callable[..., Client]
) -> None:
    """What one nurse planned is what the next one does: on the patient's page, on the sheet of the shift."""
    assert nurse.post(f"/patient/{handle}/care/", PLAN).status_code == 302
    before = text_of(nurse.get("/ward/2140/handover/"))
    not_done = say(nurse, handle, "not-done", reason="au bloc")
    after = text_of(nurse.get("/ward/2140/handover/"))
    done = say(nurse, handle, "done")
    island.now_ms = NOW_MS + 6 * HOUR_MS
    nurse = enter()
    next_shift = text_of(nurse.get("/ward/2140/handover/"))
    ended = say(nurse, handle, "stop", reached="on")

    assert "Changer de position, à chaque poste : à faire" in before
    assert "non fait, au bloc" in after
    assert (not_done.status_code, done.status_code, ended.status_code) == (302, 302, 302)
    assert [one.done for one in CareDone.objects.order_by("index")] == [False, True], "both words are kept"
    assert "à faire" in next_shift
    assert "Changer de position" not in text_of(nurse.get("/ward/2140/handover/"))
    assert "objectif atteint" in text_of(nurse.get(f"/patient/{handle}/care/"))
    assert {act.kind for act in Act.objects.all()} == {"care.planned.1", "care.done.1", "care.stopped.1"}


def test_what_is_not_said_is_refused_at_its_field(nurse: Client, handle: str) -> None:
    """An action nobody can read is not done by anybody; what was not done without a reason is asked again."""
    bare = nurse.post(f"/patient/{handle}/care/", PLAN | {"action": " ", "every": "often"})
    nurse.post(f"/patient/{handle}/care/", PLAN)
    silent = say(nurse, handle, "not-done")

    assert bare.status_code == 422
    assert "Écrire ce qui est à faire." in text_of(bare)
    assert silent.status_code == 422
    assert "Dire pourquoi ce n’est pas fait." in text_of(silent)
    assert CareDone.objects.count() == 0


def test_who_plans_who_does_and_what_must_be_said() -> None:
    """A care assistant does what a nurse planned; she plans nothing."""
    whole = {"problem": "p", "action": "a", "every": "day"}
    assert refuse_plan(role="nurse", **whole) == ()
    assert [one.code for one in refuse_plan(role="assistant", **whole)] == ["not-planner"]
    assert refuse_done(role="assistant", stopped=False, done=True, reason="") is None
    for refused, code in (
        (refuse_done(role="clerk", stopped=False, done=True, reason=""), "not-doer"),
        (refuse_done(role="nurse", stopped=True, done=True, reason=""), "care-stopped"),
        (refuse_stop(role="nurse", stopped=False, reached=False, reason=""), "why-stop"),
        (refuse_stop(role="assistant", stopped=False, reached=True, reason=""), "not-planner"),
    ):
        assert refused is not None
        assert refused.code == code


def test_care_done_during_the_cut_is_taken_afterwards_and_marked(
    island: WardIsland, nurse: Client, handle: str, enter: Callable[..., Client]
) -> None:
    """The paper of the night is found at nine, when the application is back."""
    nurse.post(f"/patient/{handle}/care/", PLAN)
    island.now_ms = NOW_MS + 5 * HOUR_MS
    island.cut("DPI", status="live", at_ms=NOW_MS + HOUR_MS)
    nurse = enter()

    closed = nurse.get(f"/patient/{handle}/care/")
    now = say(nurse, handle, "done")
    then = say(nurse, handle, "done", happened_at="03:30", paper="F-12", act_key="later")

    assert 'value="done"' not in closed.content.decode()
    assert (now.status_code, then.status_code) == (422, 302)
    (row,) = CareDone.objects.all()
    assert (row.late, row.paper) == (True, "F-12")


def test_an_action_comes_back_as_a_care_plan_and_what_was_done_as_a_procedure(
    island: WardIsland, nurse: Client, handle: str
) -> None:
    """The application gets what was planned, how often, for what, and what became of it."""
    nurse.post(f"/patient/{handle}/care/", PLAN | {"every": "hours-4"})
    say(nurse, handle, "not-done", reason="au bloc")
    say(nurse, handle, "stop", reason="sortie")

    found = {}
    for kind in ("care.planned.1", "care.done.1", "care.stopped.1"):
        body = island.last(kind)
        found[kind] = account.RESOURCES[kind](body, IDS)
        assert check(msgspec.json.encode(found[kind])) == []
        assert dict(account.WORDS[kind](body))["Planned care"] == "Changer de position"

    plan, done, stopped = found.values()
    assert plan["activity"][0]["detail"]["scheduledTiming"]["repeat"]["period"] == 4.0
    assert plan["contained"][0]["description"]["text"] == "peau intacte"
    assert (done["status"], done["statusReason"]["text"]) == ("not-done", "au bloc")
    assert stopped["status"] == "revoked"
    assert stopped["identifier"] == plan["identifier"]
    assert Care.objects.get().stopped_at is not None
