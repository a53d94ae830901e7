"""The page that tests a machine, and whose account counts on which island."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from django.test import Client
from web_island import PASSWORD, Island

from releve.app.authority import authority_paths, make_authority
from releve.journal.cards import CardError, make_card, open_card, sign_with
from releve.journal.note import Signer
from releve.journal.power import PowerRefused, Standing, sign_power, signers
from releve.web.accounts import signin, trust
from releve.web.accounts.draft import (
    draft_account,
    draft_managers,
    draft_managers_removed,
    draft_password,
    signed,
)
from releve.web.accounts.managers import Managers
from releve.web.tables import Account

ONE, TWO, STRANGER = (Signer.generate(f"manager/{name}") for name in ("one", "two", "stranger"))
KEYS = frozenset({ONE.verifier.vkey, TWO.verifier.vkey})
BODY = msgspec.msgpack.encode(
    {"type": "account.created.1", "code": "x1", "wards": ["1"], "sealed": b"\x00\x01"}
)
KIND = "account.created.1"


def verify(kind: str, body: bytes, keys: frozenset[str]) -> Standing:
    """Return what an entry amounts to among these managers."""
    return Managers(keys).standing("a/1#7", signers(kind, body))


def authority(data: Path) -> x509.Certificate:
    """Make an authority in a data folder."""
    import datetime

    now = datetime.datetime(2026, 11, 21, tzinfo=datetime.UTC)
    return make_authority(
        data,
        hospital="CH",
        island="A",
        names=["localhost"],
        networks=["10.0.0.0/8"],
        passphrase="x" * 12,
        now=now,
    )


def test_two_managers_make_it_signed_and_nothing_less_does() -> None:
    """One manager bribed, or one card stolen, must not be enough."""
    both = sign_with(KIND, BODY, [ONE, TWO], "a")

    assert verify(KIND, both, KEYS) == "signed"
    assert verify(KIND, BODY, KEYS) == "claimed"
    assert verify(KIND, sign_with(KIND, BODY, [ONE, STRANGER], "a"), KEYS) == "claimed"
    with pytest.raises(PowerRefused):
        sign_with(KIND, BODY, [ONE, ONE], "a")


def test_a_signature_holds_for_this_body_this_kind_and_nothing_else() -> None:
    """What was signed for a nurse must not make an administrator."""
    both = sign_with(KIND, BODY, [ONE, TWO], "a")
    said = msgspec.msgpack.decode(both)

    for change in ({"code": "x2"}, {"role": "it"}, {"wards": []}):
        assert verify(KIND, msgspec.msgpack.encode({**said, **change}), KEYS) == "claimed"
    assert verify("account.disabled.1", both, KEYS) == "claimed"
    once = {**said, "power": {**said["power"], "by": [said["power"]["by"][0]] * 2}}
    assert verify(KIND, msgspec.msgpack.encode(once), KEYS) == "claimed"
    renamed = [{**one, "key": TWO.verifier.vkey} for one in said["power"]["by"]]
    assert signers(KIND, msgspec.msgpack.encode({**said, "power": {**said["power"], "by": renamed}})) == (
        TWO.verifier.vkey,
    )


@pytest.mark.parametrize(
    "power", [None, 1, {}, {"nonce": b"", "by": "x"}, {"nonce": b"x", "by": [{"key": "a", "line": "b"}] * 99}]
)
def test_a_broken_signature_is_a_claim_and_never_an_error(power: object) -> None:
    """An entry made to break the fold would blind every island."""
    body = msgspec.msgpack.encode({"code": "x1", "power": power})

    assert verify(KIND, body, KEYS) == "claimed"
    assert verify(KIND, b"power", KEYS) == "claimed"


def test_the_order_of_the_fields_does_not_matter_and_the_nonce_tells_acts_apart() -> None:
    """A body passes through programs that write maps in their own order."""
    both = sign_power(KIND, BODY, [ONE, TWO], nonce=b"n" * 16)
    turned = dict(reversed(msgspec.msgpack.decode(both).items()))

    assert verify(KIND, msgspec.msgpack.encode(turned), KEYS) == "signed"
    assert both != sign_power(KIND, BODY, [ONE, TWO], nonce=b"m" * 16)


def test_a_card_opens_with_its_passphrase_only() -> None:
    """A stick is lost more often than it is stolen."""
    card = make_card("direction", "marée haute")

    assert open_card(card, "maréehaute").verifier.name == "manager/direction"
    with pytest.raises(CardError) as refused:
        open_card(card, "marée basse")
    assert "basse" not in str(refused.value)
    with pytest.raises(CardError):
        open_card("RELEVE-CARD 1\nkey: x\nsealed: y\n", "x")
    with pytest.raises(CardError):
        open_card(card.replace("key: manager/direction", "key: manager/direktion"), "marée haute")
    assert "PRIVATE" not in card


@pytest.fixture
def as_island(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a function that makes the pages believe which island they are."""

    def be(name: str) -> None:
        monkeypatch.setattr(trust, "own_origin", lambda: name)

    return be


def test_a_claimed_account_enters_where_it_was_made_and_is_only_shown_elsewhere(
    client: Client, island: Island, as_island: Callable[[str], None]
) -> None:
    """An island that was taken over must not open the doors of the two others."""
    island.account("nkervella")
    as_island("a")
    assert client.post("/sign-in/", {"badge": "nkervella", "pin": PASSWORD}).status_code == 302

    as_island("b")
    assert client.get("/post/")["Location"].startswith("/sign-in/")
    assert client.post("/sign-in/", {"badge": "nkervella", "pin": PASSWORD}).status_code == 422
    assert Account.objects.filter(id="nkervella").exists()


def test_a_signed_account_enters_everywhere_until_its_password_is_changed_elsewhere_without_signature(
    client: Client, island: Island, as_island: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed once, carried by a stick, good on the island that is left."""
    monkeypatch.setattr(trust, "managers_now", lambda: Managers(KEYS))
    draft = draft_account(
        island.data, code="nkervella", family="KERVELLA", given="Nadia", role="nurse", password=PASSWORD
    )
    island.append([draft_managers(KEYS), signed(draft, [ONE, TWO], "a")])

    as_island("b")
    assert client.post("/sign-in/", {"badge": "nkervella", "pin": PASSWORD}).status_code == 302
    assert signin.load_person("nkervella") is not None

    one_left = Managers(frozenset({ONE.verifier.vkey, STRANGER.verifier.vkey}))
    monkeypatch.setattr(trust, "managers_now", lambda: one_left)
    assert signin.load_person("nkervella") is None


def test_the_list_tells_signed_from_claimed(client: Client, island: Island) -> None:
    """Whoever administers must see which accounts the other islands will not open to."""
    draft = draft_account(
        island.data, code="nkervella", family="KERVELLA", given="Nadia", role="nurse", password=PASSWORD
    )
    island.append([draft_managers(sorted(KEYS)), signed(draft, [ONE, TWO], "a")])
    island.account("mollivier", role="it", wards=())
    client.post("/sign-in/", {"badge": "mollivier", "pin": PASSWORD})

    page = client.get("/accounts/?q=nkervella").content.decode()
    assert "signé par deux responsables" in page
    assert "Deux cartes seulement" in page, (
        "a lost card could not be removed: it is said where accounts are kept"
    )
    assert "sans la signature des responsables" in client.get("/accounts/?q=mollivier").content.decode()
    island.append([draft_password(island.data, code="nkervella", password="autre-code-7")])
    third = draft_managers([STRANGER.verifier.vkey])
    gone = draft_managers_removed([ONE.verifier.vkey], {"a/1": 99}, "carte perdue")
    island.append([signed(third, [ONE, TWO], "a"), signed(gone, [TWO, STRANGER], "a")])
    assert "signé par deux responsables" in client.get("/accounts/?q=nkervella").content.decode()


def test_the_page_that_tests_a_machine_says_in_words_what_to_look_at(client: Client, island: Island) -> None:
    """Without scripts, and before anybody has an account here."""
    made = authority(island.data)

    page = client.get("/trust/").content.decode()
    given = client.get("/trust/ca.crt")

    digits = made.fingerprint(hashes.SHA256()).hex().upper()
    assert " ".join(digits[start : start + 4] for start in range(0, 64, 4)) in page
    assert "commence par https://" in page
    assert "certutil -addstore -f Root" in page
    assert given["Content-Type"] == "application/x-x509-ca-cert"
    assert x509.load_pem_x509_certificate(given.content) == made
    assert b"PRIVATE" not in given.content
    assert client.get("/trust/probe.js")["Content-Type"].startswith("text/javascript")


def test_an_island_without_authority_says_so(client: Client, island: Island) -> None:
    """A dead link on the day of the tour of machines costs the tour."""
    assert "pas encore d’autorité" in client.get("/trust/").content.decode()
    assert client.get("/trust/ca.crt").status_code == 404
    assert not authority_paths(island.data)[0].exists()


def test_an_old_statement_repeated_comes_back_without_its_signatures(
    client: Client, island: Island, as_island: Callable[[str], None]
) -> None:
    """Whoever copied the log from when she administered could make her an administrator again."""

    def stated(role: str) -> object:
        draft = draft_account(
            island.data, code="nkervella", family="K", given="N", role=role, password=PASSWORD
        )
        return signed(draft, [ONE, TWO], "a")

    former = stated("it")
    island.append([draft_managers(sorted(KEYS)), former, stated("nurse")])  # type: ignore[list-item]
    columns = ("code", "statement", "stated_at", "signed_by")
    assert trust.standings(Account.objects.values(*columns)) == {"nkervella": "signed"}

    island.append([former])  # type: ignore[list-item]

    assert trust.standings(Account.objects.values(*columns)) == {"nkervella": "claimed"}
    island.append([stated("nurse")])  # type: ignore[list-item]
    assert trust.standings(Account.objects.values(*columns)) == {"nkervella": "signed"}
