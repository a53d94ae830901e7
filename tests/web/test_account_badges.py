"""Badge and PIN: the screen changes hands in two seconds, and a badge found in the corridor opens nothing."""

import msgspec
import pytest
from django.test import Client
from web_island import NOW_MS, PASSWORD, Island

from releve.journal.entry import Draft
from releve.web.accounts import badges, signin
from releve.web.accounts.draft import (
    AccountRefused,
    draft_account,
    draft_badge,
    draft_disabled,
    draft_reopened,
)
from releve.web.accounts.facts import AccountCreated
from releve.web.runtime.tables import FailedEntry
from releve.web.tables import Account

TOKEN = "CY04VPH3XRDM5FN8"
PIN = "958274"


def give_badge(island: Island, code: str, token: str = TOKEN, pin: str = PIN) -> None:
    """Give an account a badge."""
    island.append([draft_badge(island.data, code=code, token=token, pin=pin)])


def scan(client: Client, token: str = TOKEN, **more: str) -> object:
    """Scan a badge as `releve.js` sends it."""
    return client.post("/switch/", {"code": f"RLV1|B|{token}", **more})


@pytest.mark.parametrize(
    "pin", ["000000", "123456", "654321", "112112", "121212", "123123", "111222", "140785", "850714", "071985",
            "135791", "12345", "1234567", "12 456", "abcdef", "９５８２７４"]
)  # fmt: skip
def test_a_pin_that_people_guess_first_is_refused(island: Island, pin: str) -> None:
    """Five tries a quarter of an hour protect six figures only if they are not a birthday."""
    with pytest.raises(AccountRefused) as refused:
        draft_badge(island.data, code="nkervella", token=TOKEN, pin=pin)

    assert refused.value.field == "pin"
    assert pin not in str(refused.value)


def test_a_new_pin_is_never_a_weak_one() -> None:
    """What the command hands out must be what the page would take."""
    made = {badges.new_pin() for _ in range(200)}

    assert len(made) > 190
    assert not any(badges.is_weak_pin(pin) for pin in made)


def test_neither_badge_nor_pin_stands_in_the_journal(island: Island) -> None:
    """A copied journal must not print badges."""
    give_badge(island, "nkervella")

    body = island.entries[-1].body
    assert TOKEN.encode() not in body
    assert PIN.encode() not in body
    assert b"argon2" not in body


def test_a_badge_and_its_pin_open_on_the_sign_in_page(client: Client, island: Island) -> None:
    """The field pair is one, whoever has a reader or types the letters below the symbol."""
    island.account("nkervella")
    give_badge(island, "nkervella")

    for typed in (f"RLV1|B|{TOKEN}", "cy04-vph3-xrdm-5fn8", "CYO4 VPH3 XRDM 5FN8"):
        answer = Client().post("/sign-in/", {"badge": typed, "pin": PIN})
        assert answer.status_code == 302, typed


def test_the_pin_opens_nothing_without_the_badge_and_the_password_nothing_with_it(
    client: Client, island: Island
) -> None:
    """Six figures are enough only for whoever holds the badge."""
    island.account("nkervella")
    give_badge(island, "nkervella")

    assert client.post("/sign-in/", {"badge": "nkervella", "pin": PIN}).status_code == 422
    assert client.post("/sign-in/", {"badge": f"RLV1|B|{TOKEN}", "pin": PASSWORD}).status_code == 422
    assert client.post("/sign-in/", {"badge": "RLV1|A|NKERVELLA", "pin": PASSWORD}).status_code == 302


def test_a_badge_scanned_anywhere_changes_the_person_at_the_screen(nurse: Client, island: Island) -> None:
    """At the bedside nobody signs out first: the colleague scans, types six figures, and writes in her own name."""
    island.account("hvasseur", role="physician", family="VASSEUR", given="Hélène")
    give_badge(island, "hvasseur")

    scanned = scan(nurse, next="/post/")
    page = nurse.get("/badge/").content.decode()
    locked = nurse.get("/post/")
    entered = nurse.post("/badge/", {"pin": PIN})

    assert scanned["Location"] == "/badge/"  # type: ignore[index]
    assert "Hélène VASSEUR" in page
    assert "autofocus" in page
    assert "Nadia KERVELLA est verrouillé" in page
    assert locked["Location"].startswith("/lock/")
    assert entered["Location"] == "/"
    assert "Hélène VASSEUR" in nurse.get("/post/").content.decode()
    assert "Nadia KERVELLA" not in nurse.get("/post/").content.decode()


def test_ones_own_badge_opens_ones_own_screen_where_it_was(nurse: Client, island: Island) -> None:
    """Back from the next room, she goes on with the page she had."""
    give_badge(island, "nkervella")
    nurse.post("/lock/", {})

    scan(nurse, next="/post/code/")
    page = nurse.get("/badge/").content.decode()

    assert "verrouillé. Ce qui" not in page
    assert nurse.post("/badge/", {"pin": PIN})["Location"] == "/post/code/"


def test_a_badge_read_by_mistake_leaves_the_screen_to_its_person(nurse: Client, island: Island) -> None:
    """A scan alone must not throw anybody out."""
    island.account("hvasseur")
    give_badge(island, "hvasseur")

    scan(nurse)
    back = nurse.post("/lock/", {"pin": PASSWORD})

    assert back.status_code == 302
    assert "nkervella" in nurse.get("/post/").content.decode()


def test_a_badge_is_forgotten_after_two_minutes(
    client: Client, island: Island, at_three: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A badge held to a reader in passing must not wait for somebody with patience."""
    from releve.web.accounts import pages

    island.account("nkervella")
    give_badge(island, "nkervella")
    monkeypatch.setattr(pages, "now_ms", lambda: NOW_MS)
    scan(client)
    monkeypatch.setattr(pages, "now_ms", lambda: NOW_MS + 121_000)

    assert client.post("/badge/", {"pin": PIN})["Location"] == "/sign-in/"


def test_a_wrong_pin_counts_like_a_wrong_code_and_five_shut_both(client: Client, island: Island) -> None:
    """Two ways in must not give twice the attempts."""
    island.account("nkervella")
    give_badge(island, "nkervella")
    scan(client)
    for _ in range(5):
        assert client.post("/badge/", {"pin": "907312"}).status_code == 422

    assert "Trop d’essais" in client.post("/badge/", {"pin": PIN}).content.decode()
    assert client.post("/sign-in/", {"badge": "nkervella", "pin": PASSWORD}).status_code == 422
    signin.release("nkervella")
    assert client.post("/badge/", {"pin": PIN}).status_code == 302


@pytest.mark.parametrize("how", ["unknown", "withdrawn", "disabled", "replaced"])
def test_a_badge_that_no_longer_counts_names_nobody(client: Client, island: Island, how: str) -> None:
    """A lost badge that still greets its finder by name says too much."""
    island.account("nkervella")
    give_badge(island, "nkervella")
    token = TOKEN
    if how == "unknown":
        token = badges.new_token()
    elif how == "withdrawn":
        island.append([draft_badge(island.data, code="nkervella", token=None, pin="")])
    elif how == "disabled":
        island.append([draft_disabled(code="nkervella")])
    else:
        give_badge(island, "nkervella", token="0" * 16)

    answer = scan(client, token)

    assert answer.status_code == 422  # type: ignore[attr-defined]
    page = answer.content.decode()  # type: ignore[attr-defined]
    assert "n’ouvre rien ici" in page
    assert "Nadia" not in page
    assert TOKEN not in page
    assert FailedEntry.objects.count() == 1


def test_sixty_unknown_badges_shut_the_address(client: Client, island: Island) -> None:
    """Symbols cannot be tried one after the other."""
    for _ in range(60):
        scan(client, badges.new_token())
    island.account("nkervella")
    give_badge(island, "nkervella")

    assert "Trop d’essais" in scan(client).content.decode()  # type: ignore[attr-defined]


def test_a_reader_without_scripts_leads_to_the_pin(client: Client, island: Island) -> None:
    """The reader ends with Enter: the form leaves before a hand could type."""
    island.account("nkervella")
    give_badge(island, "nkervella")

    answer = client.post("/sign-in/", {"badge": f"RLV1|B|{TOKEN}", "pin": ""})

    assert answer["Location"] == "/badge/"


def test_a_person_changes_her_pin_with_her_code(nurse: Client, island: Island) -> None:
    """The PIN on the sheet was seen by whoever printed it."""
    give_badge(island, "nkervella")
    words = {"password": "739204", "again": "739204"}

    assert nurse.post("/post/pin/", {"pin": "wrong-code", **words}).status_code == 422
    assert (
        nurse.post("/post/pin/", {"pin": PASSWORD, "password": "140785", "again": "140785"}).status_code
        == 422
    )
    assert nurse.post("/post/pin/", {"pin": PASSWORD, **words}).status_code == 302

    assert Client().post("/sign-in/", {"badge": TOKEN[:4], "pin": "739204"}).status_code == 422
    assert Client().post("/sign-in/", {"badge": f"RLV1|B|{TOKEN}", "pin": PIN}).status_code == 422
    assert Client().post("/sign-in/", {"badge": f"RLV1|B|{TOKEN}", "pin": "739204"}).status_code == 302


def test_a_first_password_opens_nothing_but_its_own_change(client: Client, island: Island) -> None:
    """Whoever printed the list knows it: nothing may be written in her name before she chose her own."""
    island.append(
        [
            draft_account(
                island.data,
                code="nkervella",
                family="K",
                given="N",
                role="nurse",
                password=PASSWORD,
                once=True,
            )
        ]
    )
    client.post("/sign-in/", {"badge": "nkervella", "pin": PASSWORD})

    assert client.get("/post/")["Location"].startswith("/post/code/")
    page = client.get("/post/code/").content.decode()
    assert "choisissez le vôtre" in page
    client.post("/post/code/", {"pin": PASSWORD, "password": "falaise-31", "again": "falaise-31"})

    assert client.get("/post/").status_code == 200


def test_an_envelope_opens_until_its_day_and_not_after(
    client: Client, island: Island, at_three: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was sealed for this crisis must not open the next one, nor keep a session that began before."""
    draft = draft_account(
        island.data, code="secours-001", family="Enveloppe 001", given="", role="nurse", password=PASSWORD,
        until_ms=NOW_MS + 1000, sealed_by=("a1", "b1"),
    )  # fmt: skip
    island.append([draft])

    assert client.post("/sign-in/", {"badge": "secours-001", "pin": PASSWORD}).status_code == 302
    monkeypatch.setattr(signin, "now_ms", lambda: NOW_MS + 1001)
    assert client.get("/post/")["Location"].startswith("/sign-in/")
    assert client.post("/sign-in/", {"badge": "secours-001", "pin": PASSWORD}).status_code == 422


def test_revoked_wins_over_what_is_restated_and_only_the_disabling_named_is_lifted(island: Island) -> None:
    """Two islands act at the same minute; the one who was sent away must not come back by a change of ward."""
    island.account("nkervella")
    island.append([draft_disabled(code="nkervella")])
    island.account("nkervella", wards=("2141",))
    assert signin.load_person("nkervella") is None

    first = Account.objects.get(id="nkervella").disabled_by
    island.append([draft_disabled(code="nkervella", reason="again, elsewhere")])
    island.append([draft_reopened(code="nkervella", disabling=str(first))])
    assert signin.load_person("nkervella") is None

    second = Account.objects.get(id="nkervella").disabled_by
    island.append([draft_reopened(code="nkervella", disabling=str(second))])
    person = signin.load_person("nkervella")
    assert person is not None
    assert person.wards == ("2141",)


def test_an_administrator_opens_again_and_withdraws_a_lost_badge(client: Client, island: Island) -> None:
    """At night a badge is lost and an account was disabled by mistake: both are one press."""
    island.account("mollivier", role="it", wards=())
    island.account("nkervella")
    give_badge(island, "nkervella")
    client.post("/sign-in/", {"badge": "mollivier", "pin": PASSWORD})

    client.post("/accounts/nkervella/", {"act": "withdraw"})
    client.post("/accounts/nkervella/", {"act": "disable"})
    assert signin.load_person("nkervella") is None
    client.post("/accounts/nkervella/", {"act": "reopen"})

    assert signin.load_person("nkervella") is not None
    assert Account.objects.get(id="nkervella").badge_sealed is None


def test_three_thousand_accounts_are_a_list_of_pages_that_is_searched(client: Client, island: Island) -> None:
    """A list that ends at fifty hides the person who stands before the desk."""
    island.account("mollivier", role="it", wards=())
    template = island.entries[-1]
    sealed = msgspec.msgpack.decode(template.body)["verifier_sealed"]
    island.append(
        [
            Draft(
                kind="account.created.1",
                body=msgspec.msgpack.encode(
                    AccountCreated(
                        code=f"p{n:04d}", family=f"NOM{n:04d}", given="Anne", role="nurse" if n % 2 else "clerk",
                        wards=("2140",) if n == 2999 else ("214",), verifier_sealed=sealed,
                    )
                ),
                source="test",
            )
            for n in range(3000)
        ]
    )  # fmt: skip
    client.post("/sign-in/", {"badge": "mollivier", "pin": PASSWORD})

    first = client.get("/accounts/").content.decode()
    last = client.get("/accounts/?page=61").content.decode()
    found = client.get("/accounts/?q=anne+nom2998").content.decode()
    ward = client.get("/accounts/?ward=2140&role=nurse").content.decode()

    assert "page 1 sur 61" in first
    assert "NOM0049" not in last
    assert "NOM2999" in last
    assert "NOM2998" in found
    assert "NOM2999" not in found
    assert "NOM2999" in ward
    assert "NOM2997" not in ward


def test_a_first_password_makes_nobody_a_second_person(client: Client, island: Island) -> None:
    """Whoever printed the list knows a thousand of them, and would never be alone."""
    draft = draft_account(
        island.data, code="nkervella", family="K", given="N", role="nurse", password=PASSWORD, once=True
    )
    island.append([draft])
    give_badge(island, "nkervella")

    for typed, secret in (("nkervella", PASSWORD), (f"RLV1|B|{TOKEN}", PIN)):
        outcome = signin.sign_in(typed, secret, address="10.0.0.1")
        assert outcome == signin.Outcome(None, first=True)
    assert signin.sign_in("nkervella", PASSWORD, address="10.0.0.1", to_change=True).person is not None
    assert FailedEntry.objects.count() == 0


@pytest.mark.parametrize(
    "typed", ["4FZV-JF7X-0B9Q-MR56", "4fzvjf7x0b9qmr56", "4FZV JF7X OB9Q MR56", " 4fzv-jf7x-ob9q-mr56 "]
)
def test_a_printed_password_opens_however_it_is_copied(client: Client, island: Island, typed: str) -> None:
    """The envelope is opened by lamp light; capitals, hyphens and noughts must not shut it again."""
    island.account("secours-001", password="4FZV-JF7X-0B9Q-MR56")

    assert client.post("/sign-in/", {"badge": "secours-001", "pin": typed}).status_code == 302
    wrong = typed.replace("56", "77")
    assert Client().post("/sign-in/", {"badge": "secours-001", "pin": wrong}).status_code == 422
