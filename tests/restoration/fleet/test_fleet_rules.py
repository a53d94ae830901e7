"""What may be said of a machine, and what holds of it when islands said different things."""

from typing import Any

import pytest

from releve.restoration.fleet.facts import STATES, MachinesMoved
from releve.restoration.fleet.rules import Asked, Command, Moving, Subject, move, withdraw
from releve.restoration.fleet.state import Evidence, MachineNow, Step, machine_now

NOW = 1_795_227_000_000
IMAGE = "ab" * 32
REPORT = Asked(act="R1", sha256="cd" * 32)


def command(to: str, **more: Any) -> Command:
    """Return what a technician wants to say."""
    given: dict[str, Any] = {
        "act": "A",
        "role": "it",
        "by": "tech1",
        "happened_at": NOW,
        "now_ms": NOW,
    } | more
    return Command(to=to, **given)


def machine(state: str, kind: Any = "workstation", **more: Any) -> Subject:
    """Return a machine as it stands."""
    now = MachineNow(state=state, standing=("B",) if state else (), **more)
    return Subject(tag="PC-1", kind=kind, now=now)


def code(moving: Moving) -> str:
    """Return why not, "" when it may."""
    return moving.refused[0].code if moving.refused else moving.refusals[0].code if moving.refusals else ""


@pytest.mark.parametrize("state", ["", *STATES[:-1]])
@pytest.mark.parametrize(
    ("more", "why"),
    [({}, "no-evidence"), ({"image_sha256": IMAGE}, "no-report"), ({"report": REPORT}, "no-image")],
)
def test_no_path_leads_to_returned_without_evidence(state: str, more: dict[str, Any], why: str) -> None:
    """One machine given back unproved, and the attacker is in the ward again."""
    every = tuple(STATES)

    moving = move(command("returned", done=every, reason="done by hand", **more), [machine(state)])

    assert moving.fact is None
    assert code(moving) == why


def test_a_machine_with_image_hash_and_report_is_returned() -> None:
    """The proof may have been given at earlier steps of the same round."""
    ready = machine("checked", evidence=Evidence(image_sha256=IMAGE, report="R1"))

    fact = move(command("returned"), [ready]).fact

    assert isinstance(fact, MachinesMoved)
    assert (fact.tags, fact.to, fact.seen) == (("PC-1",), "returned", ("B",))


def test_a_printer_has_no_image_and_needs_its_report() -> None:
    """Asking a printer for a disk image would only teach people to type something."""
    printer = machine("checked", kind="printer")

    assert code(move(command("returned"), [printer])) == "no-report"
    assert move(command("returned", report=REPORT), [printer]).fact is not None


def test_steps_are_not_skipped_in_silence() -> None:
    """A machine re-imaged over a disk that nobody wiped looks clean and is not."""
    moving = move(command("reimaged"), [machine("suspect")])

    assert (moving.refused[0].code, moving.refused[0].steps) == (
        "steps-between",
        ("isolated", "collected", "wiped"),
    )
    assert code(
        move(command("reimaged", skipped=("isolated", "collected", "wiped")), [machine("suspect")])
    ) == ("skip-reason")
    told = move(
        command("reimaged", done=("isolated",), skipped=("collected", "wiped"), reason="cloned on the spot"),
        [machine("suspect")],
    )
    assert told.fact is not None
    assert (told.fact.done, told.fact.skipped) == (("isolated",), ("collected", "wiped"))


def test_a_server_is_cleaned_where_it_stands() -> None:
    """Nobody carries a rack to the workshop: asking about it would be noise."""
    assert move(command("wiped"), [machine("isolated", kind="server")]).fact is not None
    assert code(move(command("wiped"), [machine("isolated")])) == "steps-between"


def test_a_machine_found_suspect_again_goes_back_with_a_reason() -> None:
    """A machine that came back infected must be seen by all, and why."""
    assert code(move(command("suspect"), [machine("returned")])) == "back-reason"
    assert move(command("suspect", reason="beacon seen at 02:10"), [machine("returned")]).fact is not None


def test_what_stands_side_by_side_is_settled_before_anything_else() -> None:
    """The next step on a machine of two states would bury one of them."""
    two = machine("isolated", two=("isolated", "wiped"))

    assert code(move(command("reimaged", done=STATES, reason="x"), [two])) == "two-reports"
    assert code(move(command("wiped", settles=True), [two])) == "settle-reason"
    assert move(command("wiped", settles=True, reason="looked at it"), [two]).fact is not None
    # Which round an earlier proof belongs to is what is in doubt.
    proved = machine(
        "checked", two=("checked", "returned"), evidence=Evidence(image_sha256=IMAGE, report="R1")
    )
    assert code(move(command("returned", settles=True, reason="x"), [proved])) == "no-evidence"


def test_of_a_batch_those_move_that_may_and_the_others_are_named() -> None:
    """Forty-nine machines must not wait for the one that stands elsewhere."""
    batch = [
        Subject(tag=f"PC-{number}", kind="workstation", now=MachineNow(state="collected", standing=("B",)))
        for number in range(49)
    ]
    odd = Subject(tag="PC-ODD", kind="workstation", now=MachineNow(state="suspect"))

    moving = move(command("wiped"), [*batch, odd])

    assert moving.fact is not None
    assert len(moving.fact.tags) == 49
    assert [(one.tag, one.code) for one in moving.refused] == [("PC-ODD", "steps-between")]
    assert moving.fact.seen == ("B",)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"role": "nurse"}, "not-your-role"),
        ({"to": "cleaned"}, "no-step"),
        ({"image_sha256": "abc"}, "image-unreadable"),
        ({"happened_at": NOW + 3_600_000}, "in-the-future"),
        ({"happened_at": NOW - 200 * 86_400_000}, "too-old"),
        ({"done": ("wiped",), "skipped": ("wiped",)}, "done-and-skipped"),
        ({"reason": "x" * 301}, "reason-long"),
    ],
)
def test_what_cannot_be_recorded_is_refused_with_its_field(more: dict[str, Any], why: str) -> None:
    """A refusal that does not say what to mend is a refusal for the whole night."""
    given = {"to": "isolated"} | more

    assert code(move(command(given.pop("to"), **given), [machine("suspect")])) == why


def test_a_machine_nobody_listed_is_not_moved() -> None:
    """A tag misread by a scanner would become a machine of its own."""
    stranger = Subject(tag="PC-9", kind="workstation", now=MachineNow(), listed=False)

    assert code(move(command("suspect"), [stranger])) == "not-listed"


def test_a_correction_needs_a_reason_and_a_step_that_still_counts() -> None:
    """What disappears without a word cannot be told from what was hidden."""
    given: dict[str, Any] = {
        "act": "C", "role": "it", "by": "t", "by_name": "", "now_ms": NOW, "step": "A", "tags": ("PC-1",),
    }  # fmt: skip

    assert withdraw(**given, told={"PC-1": False}, reason=" ").code == "withdraw-reason"  # type: ignore[union-attr]
    assert withdraw(**given, told={"PC-1": True}, reason="x").code == "nothing-to-withdraw"  # type: ignore[union-attr]
    assert withdraw(**given, told={"PC-1": False}, reason="wrong label").tags == ("PC-1",)  # type: ignore[union-attr]


# ---- what holds when all is put together ---------------------------------------------------------------------------


def step(act: str, to: Any, *seen: str, log: str = "a/1", index: int = 0, **more: Any) -> Step:
    """Return a step of this log; its hour follows its place unless another is given."""
    return Step(
        **({"act": act, "to": to, "at": NOW + index, "log": log, "index": index, "seen": seen} | more)
    )


def test_two_islands_that_report_differently_stand_side_by_side() -> None:
    """The last to arrive must not win: one of them is wrong, and only a person can look."""
    both = [
        step("1", "suspect"),
        step("2", "isolated", "1", index=2),
        step("3", "wiped", "1", log="b/1", index=3),
    ]

    now = machine_now(both, reports={})

    assert now.two == ("isolated", "wiped")
    assert now.state == "isolated"  # counted as the more careful of the two
    settled = machine_now([*both, step("4", "wiped", "2", "3", index=4)], reports={})
    assert (settled.state, settled.two) == ("wiped", ())


def test_islands_that_agree_are_no_dispute() -> None:
    """Two people who scan the same machine into the same state have nothing to settle."""
    both = [step("1", "isolated", index=1), step("2", "isolated", log="b/1", index=2)]

    now = machine_now(both, reports={})

    assert (now.state, now.two, now.standing) == ("isolated", (), ("1", "2"))


def test_a_return_without_evidence_is_a_claim_and_does_not_count() -> None:
    """An island that was taken over says of every machine that it is clean."""
    told = [step("1", "checked", index=1), step("2", "returned", "1", log="b/1", index=2)]

    now = machine_now(told, reports={})

    assert (now.state, now.claimed) == ("checked", True)
    proved = step("3", "returned", "2", index=3, image_sha256=IMAGE, report="R1", report_sha256=REPORT.sha256)
    assert machine_now([*told, proved], reports={"R1": REPORT.sha256}).state == "returned"


def test_a_report_that_is_not_here_or_is_another_proves_nothing() -> None:
    """To name a report is not to have one."""
    told = [step("1", "returned", image_sha256=IMAGE, report="R1", report_sha256=REPORT.sha256)]

    assert machine_now(told, reports={}).claimed
    assert machine_now(told, reports={"R1": "00" * 32}).claimed
    assert not machine_now(told, reports={"R1": REPORT.sha256}).claimed


def test_the_proof_of_a_round_does_not_serve_the_next() -> None:
    """A machine infected again keeps the report that says it is clean: it must not count."""
    proof = {"image_sha256": IMAGE, "report": "R1", "report_sha256": REPORT.sha256}
    told = [
        step("1", "returned", index=1, **proof),
        step("2", "suspect", "1", index=2),
        step("3", "returned", "2", index=3),
    ]

    now = machine_now(told, reports={"R1": REPORT.sha256})

    assert (now.state, now.claimed, now.evidence) == ("suspect", True, Evidence())


def test_an_hour_typed_wrong_does_not_undo_a_proof() -> None:
    """What was seen decides what came before, not what somebody typed as the hour."""
    told = [
        step("1", "reimaged", index=1, at=NOW + 50, image_sha256=IMAGE),
        step("2", "checked", "1", index=2, at=NOW + 10, report="R1", report_sha256=REPORT.sha256),
        step("3", "returned", "2", index=3, at=NOW + 60),
    ]

    assert machine_now(told, reports={"R1": REPORT.sha256}).state == "returned"


def test_a_step_taken_back_counts_no_more() -> None:
    """The wrong label was scanned: the machine stands where it stood."""
    told = [step("1", "isolated", index=1), step("2", "wiped", "1", index=2, withdrawn=True)]

    assert machine_now(told, reports={}).state == "isolated"


def test_acts_that_name_each_other_in_a_circle_end() -> None:
    """Another island’s key signs anything; the fold must come to an end."""
    told = [step("1", "isolated", "2", index=1), step("2", "wiped", "1", log="b/1", index=1)]

    assert machine_now(told, reports={}).state in ("isolated", "wiped")
