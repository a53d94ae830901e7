"""Taking one's post, leaving it, being shut out and let in again."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from web_island import PASSWORD, Island

from releve.web import shell
from releve.web.accounts import signin
from releve.web.accounts.draft import draft_disabled, issue_first_code
from releve.web.runtime.tables import FailedEntry


def test_nothing_opens_without_signing_in_and_the_way_back_is_kept(client: Client) -> None:
    """A page of patients found open is a page read by anybody in the corridor."""
    answer = client.get("/post/")

    assert answer.status_code == 302
    assert answer["Location"] == "/sign-in/?next=%2Fpost%2F"


def test_a_form_that_nobody_at_work_sent_is_said_not_to_be_recorded(nurse: Client) -> None:
    """Without scripts she would see the door, take her post and believe that her note was signed."""
    client = Client()
    asked, known = client.post("/post/pin/", {"pin": "x"}), client.get("/sign-in/?next=%2Fpost%2F")
    nurse.post("/lock/", {})
    locked = nurse.post("/post/pin/", {"pin": "x"})

    assert (asked["Location"], locked["Location"]) == ("/sign-in/?unsaved=1", "/lock/?unsaved=1")
    for somebody, answer in ((client, asked), (nurse, locked)):
        assert "Rien n’a été enregistré." in somebody.get(answer["Location"]).content.decode()
    assert "Rien n’a été enregistré." not in known.content.decode()


def test_a_nurse_enters_with_her_badge_and_her_code(client: Client, island: Island) -> None:
    """The reader types the whole label; nobody should have to correct it."""
    island.account("nkervella")

    answer = client.post("/sign-in/", {"badge": "RLV1|A|NKERVELLA", "pin": PASSWORD, "next": "/post/"})

    assert answer.status_code == 302
    assert answer["Location"] == "/post/"
    page = client.get("/post/").content.decode()
    assert "Nadia KERVELLA" in page
    assert "2140" in page


def test_the_answer_is_the_same_whatever_was_wrong(client: Client, island: Island) -> None:
    """Knowing which identifiers exist is half of an entry."""
    island.account("nkervella")
    island.account("gone", given="Ancien")
    island.append([draft_disabled(code="gone")])

    pages = []
    for badge, pin in (("nkervella", "wrong-code"), ("nobody", "wrong-code"), ("gone", PASSWORD)):
        answer = client.post("/sign-in/", {"badge": badge, "pin": pin})
        assert answer.status_code == 422
        pages.append(
            re.sub(r"(csrfmiddlewaretoken|data-clock|data-now|value)=\S+ ?\S*", "", answer.content.decode())
        )

    assert "ne vont pas ensemble" in pages[0]
    assert pages[0] == pages[1] == pages[2]


def test_five_wrong_codes_shut_the_account_from_there_and_a_person_lets_it_in_again(
    client: Client, island: Island, at_three: int
) -> None:
    """Six figures are guessed by a machine in an afternoon; a tired nurse must not wait for the morning."""
    island.account("nkervella")
    island.account("mollivier", role="it", wards=())
    for _ in range(5):
        client.post("/sign-in/", {"badge": "nkervella", "pin": "wrong-code"})

    shut = client.post("/sign-in/", {"badge": "nkervella", "pin": PASSWORD})
    assert shut.status_code == 422
    assert "Trop d’essais" in shut.content.decode()
    elsewhere = Client(REMOTE_ADDR="10.0.0.9").post("/sign-in/", {"badge": "nkervella", "pin": PASSWORD})
    assert elsewhere.status_code == 302

    for _ in range(5):
        client.post("/sign-in/", {"badge": "nkervella", "pin": "wrong-code"})
    manager = Client(REMOTE_ADDR="10.0.0.10")
    manager.post("/sign-in/", {"badge": "mollivier", "pin": PASSWORD})
    assert "bloqué par des essais" in manager.get("/accounts/").content.decode()
    manager.post("/accounts/nkervella/", {"act": "release"})

    assert client.post("/sign-in/", {"badge": "nkervella", "pin": PASSWORD}).status_code == 302


def test_a_quarter_of_an_hour_later_one_may_try_again(
    client: Client, island: Island, monkeypatch: pytest.MonkeyPatch, at_three: int
) -> None:
    """At night there may be no manager; the limit must end by itself."""
    island.account("nkervella")
    for _ in range(5):
        client.post("/sign-in/", {"badge": "nkervella", "pin": "wrong-code"})

    monkeypatch.setattr(signin, "now_ms", lambda: at_three + 15 * 60_000 + 1)

    assert client.post("/sign-in/", {"badge": "nkervella", "pin": PASSWORD}).status_code == 302


def test_one_address_cannot_try_the_whole_staff(client: Client, island: Island) -> None:
    """One common password against three thousand identifiers finds somebody."""
    for number in range(signin.ADDRESS_MAX):
        FailedEntry.objects.create(account=str(number), address="127.0.0.1", at_ms=shell.now_ms())
    island.account("nkervella")

    answer = client.post("/sign-in/", {"badge": "nkervella", "pin": PASSWORD})

    assert answer.status_code == 422


def test_what_was_typed_in_the_wrong_field_is_not_kept(client: Client, island: Island) -> None:
    """People type their code where the identifier goes."""
    client.post("/sign-in/", {"badge": "mon-code-secret", "pin": "x"})

    assert not FailedEntry.objects.filter(account__contains="secret").exists()
    assert FailedEntry.objects.count() == 1


def test_the_session_changes_at_the_door_and_ends_when_one_leaves(nurse: Client) -> None:
    """A session prepared by somebody else, or kept after leaving, is somebody else's key."""
    before = nurse.session.session_key
    nurse.post("/sign-in/", {"badge": "nkervella", "pin": PASSWORD})
    within = nurse.session.session_key
    assert before != within

    cookie = nurse.cookies["releve"].value
    assert nurse.post("/sign-out/").status_code == 302

    nurse.cookies["releve"] = cookie
    assert nurse.get("/post/").status_code == 302


def test_a_disabled_account_is_out_at_once(nurse: Client, island: Island) -> None:
    """Somebody sent away must not read until her session ends by itself."""
    assert nurse.get("/post/").status_code == 200

    island.append([draft_disabled(code="nkervella")])

    assert nurse.get("/post/").status_code == 302


def test_a_locked_screen_opens_only_to_its_own_person(nurse: Client) -> None:
    """The workstation stands in the corridor."""
    assert nurse.post("/lock/").status_code == 302
    assert nurse.get("/post/")["Location"] == "/lock/?next=%2Fpost%2F"

    wrong = nurse.post("/lock/", {"pin": "wrong-code", "next": "/post/"})
    assert wrong.status_code == 422
    assert "Ce n’est pas votre code" in wrong.content.decode()
    right = nurse.post("/lock/", {"pin": PASSWORD, "next": "/post/"})
    assert right.status_code == 302
    assert right["Location"] == "/post/"
    assert nurse.get("/post/").status_code == 200


def test_an_abandoned_screen_locks_and_polling_does_not_keep_it_open(
    nurse: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A board refreshes itself all night; that is nobody at the screen."""
    later = shell.now_ms()
    for minutes in (5, 10, 15, 19):
        monkeypatch.setattr("releve.web.accounts.middleware.now_ms", lambda at=minutes: later + at * 60_000)
        assert nurse.get("/shell/", headers={"x-poll": "1", "hx-request": "true"}).status_code == 200

    monkeypatch.setattr("releve.web.accounts.middleware.now_ms", lambda: later + 21 * 60_000)
    polled = nurse.get("/shell/", headers={"x-poll": "1", "hx-request": "true"})

    assert polled.status_code == 204
    assert polled["HX-Refresh"] == "true"
    assert nurse.get("/post/")["Location"].startswith("/lock/")


@pytest.mark.parametrize(
    "after", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "post/"]
)
def test_the_way_back_never_leaves_the_island(client: Client, island: Island, after: str) -> None:
    """A link in a message must not lead through our door to another site."""
    island.account("nkervella")

    answer = client.post("/sign-in/", {"badge": "nkervella", "pin": PASSWORD, "next": after})

    assert answer["Location"] == "/"


def test_the_first_administrator_enters_with_the_code_that_was_printed(
    client: Client, island: Island
) -> None:
    """Nothing else can open an island on which nobody has an account."""
    code = issue_first_code(island.data)
    assert client.get("/sign-in/")["Location"] == "/first/"
    form = {
        "code": "MOllivier",
        "family": "OLLIVIER",
        "given": "Marc",
        "password": PASSWORD,
        "again": PASSWORD,
    }

    wrong = client.post("/first/", {**form, "once": "0000-0000-0000-0000"})
    assert wrong.status_code == 422
    assert len(island.entries) == 0
    right = client.post("/first/", {**form, "once": code})

    assert right.status_code == 302
    assert right["Location"] == "/"
    assert island.entries[0].kind == "account.created.1"
    assert island.entries[0].author == "mollivier"
    assert client.get("/accounts/").status_code == 200
    assert client.get("/first/")["Location"] == "/sign-in/"
    assert Client().post("/first/", {**form, "code": "other", "once": code})["Location"] == "/sign-in/"


def test_only_the_one_in_charge_makes_accounts(nurse: Client, island: Island) -> None:
    """An account made by anybody is a role taken by anybody."""
    assert nurse.get("/accounts/").status_code == 403
    assert nurse.post("/accounts/nkervella/", {"act": "disable"}).status_code == 403

    island.account("mollivier", role="it", wards=())
    manager = Client()
    manager.post("/sign-in/", {"badge": "mollivier", "pin": PASSWORD})
    form = {
        "code": "hvasseur", "family": "VASSEUR", "given": "Hélène", "role": "physician", "wards": "2140, 2141",
        "password": "phare-de-nuit", "again": "phare-de-nuit",
    }  # fmt: skip
    weak = manager.post("/accounts/new/", {**form, "password": "123456", "again": "123456"})
    assert weak.status_code == 422
    assert "facile à deviner" in weak.content.decode()
    assert manager.post("/accounts/new/", form)["Location"] == "/accounts/"
    assert island.entries[-1].author == "mollivier"

    assert Client().post("/sign-in/", {"badge": "hvasseur", "pin": "phare-de-nuit"}).status_code == 302
    manager.post("/accounts/hvasseur/", {"act": "disable"})
    assert Client().post("/sign-in/", {"badge": "hvasseur", "pin": "phare-de-nuit"}).status_code == 422
    manager.post("/accounts/mollivier/", {"act": "disable"})
    assert manager.get("/accounts/").status_code == 200, "nobody throws away her own key by a slip"


def test_a_new_code_replaces_the_old_one(nurse: Client) -> None:
    """A code said aloud at the desk must be changed by the person herself, with the present one."""
    form = {"password": "phare-de-nuit", "again": "phare-de-nuit"}
    assert nurse.post("/post/code/", {**form, "pin": "wrong-code"}).status_code == 422

    assert nurse.post("/post/code/", {**form, "pin": PASSWORD})["Location"] == "/post/"

    assert Client().post("/sign-in/", {"badge": "nkervella", "pin": PASSWORD}).status_code == 422
    assert Client().post("/sign-in/", {"badge": "nkervella", "pin": "phare-de-nuit"}).status_code == 302


def test_forms_from_elsewhere_are_refused(island: Island, show: Callable[..., None]) -> None:
    """Another page in the same browser must not act in the nurse's name."""
    island.account("nkervella")
    strict = Client(enforce_csrf_checks=True)

    answer = strict.post("/sign-in/", {"badge": "nkervella", "pin": PASSWORD})

    assert answer.status_code == 403
    assert "formulaire est trop ancien" in answer.content.decode()
