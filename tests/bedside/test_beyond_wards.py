"""What the audit knows of pages of patients and wards; the reason asked beyond one's wards."""

import re
from collections.abc import Callable, Iterator, Sequence

import pytest
from bedside_island import HOUR, NOW_MS, BedsideIsland
from django.test import Client

from releve.bedside.reach import whereabouts
from releve.journal.entry import Draft, Receipt
from releve.journal.errors import RecorderUnreachable
from releve.record.tables import Movement
from releve.web.audit import facts as facts_of
from releve.web.audit import keeping
from releve.web.audit.facts import AuditFact, GlassBroken, PageOpened, Refused, Searched, Signed, TakenOut
from releve.web.opaque import seal

ASK = "/beyond-wards/"


class Told:
    """What the audit was told, decoded."""

    def __init__(self) -> None:
        self.facts: list[AuditFact] = []
        self.away = False

    def append(self, drafts: Sequence[Draft]) -> list[Receipt]:
        """Keep the facts in memory."""
        if self.away:
            raise RecorderUnreachable("recorder: expected it to listen; nothing was sent")
        for draft in drafts:
            fact = facts_of.read(draft.body)
            assert fact is not None
            self.facts.append(fact)
        return [Receipt("a-audit", 1, len(self.facts), NOW_MS * 1000) for _ in drafts]

    def of(self, kind: type) -> list[AuditFact]:
        """Return the facts of one kind that are durable now."""
        keeping.flush()
        return [fact for fact in self.facts if isinstance(fact, kind)]


@pytest.fixture
def told(island: BedsideIsland) -> Iterator[Told]:
    """Return what the audit is told in this test."""
    made = Told()
    keeper = keeping.Keeper(island.data, made)
    keeping.use_audit(lambda: keeper)
    yield made
    keeping.use_audit(None)


@pytest.fixture
def person(island: BedsideIsland) -> str:
    """Return a patient who lies in 2140."""
    found = island.patient("8000412301", "203", name="DELORME")
    island.stay(found)
    return found


def page(person: str, of: str = "") -> str:
    """Return the address of a patient's page."""
    return f"/patient/{seal(person)}/{of}"


def test_opening_a_patient_is_one_fact_a_quarter_of_an_hour_and_a_poll_is_none(
    nurse: Client, person: str, told: Told
) -> None:
    """A log of every click is a log nobody reads."""
    for of in ("", "results/", "timeline/", ""):
        assert nurse.get(page(person, of)).status_code == 200
    nurse.get(page(person, "identity/"), headers={"X-Poll": "1"})

    (fact,) = told.of(PageOpened)
    assert isinstance(fact, PageOpened)
    assert (fact.who, fact.role, fact.page, fact.patients) == ("nurse2140", "nurse", "patient", (person,))
    assert (fact.address, fact.glass, fact.ward) == ("127.0.0.1", "", "")


def test_a_board_is_one_fact_that_names_the_ward_and_its_patients(
    island: BedsideIsland, nurse: Client, person: str, told: Told
) -> None:
    """Who saw the names on a board saw them all; who came in since was not seen yet."""
    nurse.get("/ward/2140/")
    nurse.get("/ward/2140/")
    nurse.get("/ward/2140/live/", headers={"X-Poll": "1"})
    other = island.patient("2", "202", name="AUBRY")
    island.stay(other)
    nurse.get("/ward/2140/")

    boards = [(fact.ward, set(fact.patients)) for fact in told.of(PageOpened) if isinstance(fact, PageOpened)]
    assert boards == [("2140", {person}), ("2140", {person, other})]


def test_a_search_names_whom_it_showed(nurse: Client, person: str, told: Told) -> None:
    """A name typed to see who is in the hospital is a reading too."""
    nurse.post("/find/", {"name": "delorme"})

    (fact,) = told.of(Searched)
    assert isinstance(fact, Searched)
    assert fact.patients == (person,)


def test_refusals_and_entries_are_facts_and_what_was_typed_is_not(
    enter: Callable[..., Client], person: str, told: Told
) -> None:
    """Somebody who tries doors is seen; a password typed in the wrong field is not kept."""
    enter(role="it", wards=()).get(page(person))
    Client().post("/sign-in/", {"badge": "secret-of-mine", "pin": "wrong"})

    (refused,) = told.of(Refused)
    signed = told.of(Signed)
    assert isinstance(refused, Refused)
    assert (refused.who, refused.page, refused.method) == ("it", "patient", "GET")
    assert [(fact.who, fact.act) for fact in signed if isinstance(fact, Signed)] == [
        ("it", "in"),
        ("", "failed"),
    ]
    assert "secret" not in repr(told.facts)


def test_beyond_her_wards_a_nurse_says_why_with_one_press_and_the_page_opens(
    enter: Callable[..., Client], person: str, told: Told
) -> None:
    """The patient who fell in the corridor of the next ward: two seconds."""
    stranger = enter(wards=("4140",))

    asked = stranger.get(page(person))
    question = stranger.get(asked.headers["Location"]).content.decode()
    answer = stranger.post(ASK, {"next": page(person), "reason": "emergency"})
    shown = stranger.get(answer.headers["Location"])

    assert asked.status_code == 302
    assert asked.headers["Location"].startswith(ASK)
    assert "DELORME" not in question
    assert 'name="reason" value="emergency"' in question
    (broken,) = told.of(GlassBroken)
    assert isinstance(broken, GlassBroken)
    assert (broken.who, broken.scope, broken.patient, broken.reason) == (
        "nurse4140",
        "patient",
        person,
        "emergency",
    )
    assert broken.until_us - broken.at_us == 12 * HOUR * 1000
    assert shown.status_code == 200
    assert re.search(r"Ouvert hors de vos services.*Urgence", shown.content.decode(), re.DOTALL)
    (fact,) = [one for one in told.of(PageOpened) if isinstance(one, PageOpened)]
    assert fact.glass == "emergency"


def test_another_reason_wants_words_and_keeps_them(
    enter: Callable[..., Client], person: str, told: Told
) -> None:
    """ "Other" alone tells whoever reviews nothing."""
    stranger = enter(wards=("4140",))

    refused = stranger.post(ASK, {"next": page(person), "reason": "other", "words": " "})
    none = stranger.post(ASK, {"next": page(person), "words": "Sa sœur est ici"})

    assert (refused.status_code, none.status_code) == (422, 422)
    assert "Sa sœur est ici" in none.content.decode()
    assert stranger.get(page(person)).status_code == 302
    assert not told.of(GlassBroken)


def test_one_patient_opens_one_patient_and_a_ward_opens_its_board_and_patients(
    island: BedsideIsland, enter: Callable[..., Client], person: str, told: Told
) -> None:
    """Who replaces in a ward tonight says it once, not at each bed."""
    other = island.patient("2", "202", name="AUBRY")
    island.stay(other)
    stranger = enter(wards=("4140",))

    stranger.post(ASK, {"next": page(person), "reason": "advice"})
    assert stranger.get(page(person)).status_code == 200
    assert stranger.get(page(other)).status_code == 302
    assert stranger.get("/ward/2140/").status_code == 302
    stranger.post(ASK, {"next": "/ward/2140/", "reason": "replacing"})

    assert stranger.get("/ward/2140/").status_code == 200
    assert stranger.get(page(other)).status_code == 200


def test_a_locked_screen_and_the_end_of_the_shift_close_it(
    enter: Callable[..., Client], person: str, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The screen is shared; what one opened with a reason is not the next one's."""
    stranger = enter(wards=("4140",))
    stranger.post(ASK, {"next": page(person), "reason": "advice"})
    stranger.post("/lock/")
    session = stranger.session
    session["locked"] = False
    session.save()
    assert stranger.get(page(person)).status_code == 302

    stranger.post(ASK, {"next": page(person), "reason": "advice"})
    monkeypatch.setattr("releve.web.audit.glass.now_ms", lambda: NOW_MS + 12 * HOUR + 1)
    assert stranger.get(page(person)).status_code == 302


def test_when_the_audit_does_not_answer_care_goes_on_and_every_page_says_so(
    enter: Callable[..., Client], person: str, told: Told
) -> None:
    """A dead process must not stand between a nurse and a patient; nor may it go unnoticed."""
    told.away = True
    stranger = enter(wards=("4140",))

    opened = stranger.post(ASK, {"next": page(person), "reason": "emergency"})
    shown = stranger.get(page(person))
    keeping.flush()
    said = stranger.get(page(person)).content.decode()

    assert (opened.status_code, shown.status_code) == (302, 200)
    assert "ne peut pas être écrit" in said
    told.away = False
    assert told.of(GlassBroken)
    assert told.of(PageOpened)


def test_a_fault_of_the_audit_itself_opens_the_page_all_the_same(
    nurse: Client, person: str, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading is care."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(keeping, "keep", fail)

    assert nurse.get(page(person)).status_code == 200


def test_a_ward_that_she_left_today_stays_in_charge_for_a_day(island: BedsideIsland, person: str) -> None:
    """The hand-over is written after the move."""
    for number, (ward, hours) in enumerate((("1111", 60), ("4140", 30), ("5550", 20), ("2140", 2))):
        island.row(
            Movement, id=f"{person}/m{number}", person=person, visit=f"V{person}", ward=ward, status="active",
            happened_at=NOW_MS - hours * HOUR,
        )  # fmt: skip
    from releve.record.tables import Encounter

    visit = Encounter.objects.get(person=person).visit
    Movement.objects.using("fold").filter(person=person).update(visit=visit)

    assert set(whereabouts(person).wards) == {"2140", "5550", "4140"}
    assert whereabouts("CHV:nobody").patient == ""


def test_who_reviews_is_somebody_else_and_says_why_it_was_not_right(
    enter: Callable[..., Client], person: str, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A review of oneself is none."""
    from releve.web.audit import pages
    from releve.web.audit.reading import Glass

    def glass(who: str) -> Glass:
        fact = GlassBroken(
            who=who, role="nurse", scope="patient", patient=person, ward="2140", reason="emergency", words="",
            address="10.0.0.1", at_us=NOW_MS * 1000, until_us=NOW_MS * 1000 + 1,
        )  # fmt: skip
        return Glass("a-audit/1#5", "a-audit/1", fact, None)

    auditor = enter(role="auditor", wards=())
    address = "/audit/glass/a-audit/1/5/"
    monkeypatch.setattr(pages, "glasses_in", lambda data: [glass("auditor")])
    own = auditor.post(address, {"verdict": "justified"})
    monkeypatch.setattr(pages, "glasses_in", lambda data: [glass("nurse4140")])
    listed = auditor.get("/audit/glass/").content.decode()
    silent = auditor.post(address, {"verdict": "not-justified"})
    done = auditor.post(address, {"verdict": "not-justified", "words": "Voisine"})

    assert (own.status_code, silent.status_code, done.status_code) == (403, 422, 302)
    assert "DELORME" not in listed
    assert "8000412301" in listed
    (review,) = told.of(facts_of.GlassReviewed)
    assert isinstance(review, facts_of.GlassReviewed)
    assert (review.glass, review.verdict, review.by) == ("a-audit/1#5", "not-justified", "auditor")


def test_who_audits_reads_no_patient_and_her_searches_are_audited(
    enter: Callable[..., Client], person: str, told: Told
) -> None:
    """Who looks at everybody's reading is looked at too."""
    auditor = enter(role="auditor", wards=())

    assert {auditor.get(where).status_code for where in (page(person), "/ward/2140/", "/hospital/")} == {403}
    assert auditor.get("/audit/").status_code == 200
    day = {"since": "2026-11-20", "until": "2026-11-21"}
    assert auditor.post("/audit/", {**day, "patient": "8000412301"}).status_code == 200
    assert auditor.post("/audit/", {"since": "2026-11-21", "until": "2026-11-20"}).status_code == 422
    saved = auditor.post("/audit/export/", day)

    assert saved.headers["Content-Type"] == "application/fhir+json"
    taken = [(fact.how, fact.patients) for fact in told.of(TakenOut) if isinstance(fact, TakenOut)]
    assert taken[0] == ("search", ("8000412301",))
    assert ("file", ()) in taken


def test_wards_are_named_on_the_shells_own_pages(nurse: Client, island: BedsideIsland, told: Told) -> None:
    """Nobody on a ward knows its UF code, least of all at three in the morning in somebody else's."""
    asked = nurse.get("/ward/4140/", follow=True).content.decode()
    mine = nurse.get("/post/").content.decode()

    assert "Le service SSR n’est pas l’un des vôtres" in asked
    assert "Chirurgie polyvalente" in mine
