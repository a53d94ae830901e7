"""The RPPS number of an account that is there: set on its page, put right, warned about, never refused."""

import pytest
from django.test import Client
from web_island import PASSWORD, Island

from releve.web.tables import Account
from screens import marks_in

RIGHT, WRONG = "10000023084", "10000023085"


@pytest.fixture
def manager(island: Island) -> Client:
    """Return a client of whoever administers accounts; a physician has an account without a number."""
    island.account("mollivier", role="it", wards=())
    island.account("hvasseur", role="physician")
    client = Client()
    client.post("/sign-in/", {"badge": "mollivier", "pin": PASSWORD})
    return client


def test_a_number_is_set_and_put_right_and_the_account_stays_as_it_was(
    island: Island, manager: Client
) -> None:
    """Made again, she would have another password in the middle of the night."""
    before = Account.objects.values("role", "wards", "verifier_sealed", "stated_at").get(id="hvasseur")
    assert "Ajouter un RPPS" in manager.get("/accounts/?q=hvasseur").content.decode()

    form = {"rpps": "10 00 00 23 08 5", "act_key": "k1"}
    at_field = manager.post("/accounts/hvasseur/rpps/", form)
    assert at_field.status_code == 422
    assert "Ce numéro RPPS ne correspond pas à sa clé" in at_field.content.decode()
    form |= {"read_again": marks_in(at_field)}
    warned = manager.post("/accounts/hvasseur/rpps/", form, follow=True)
    asked = manager.get("/accounts/hvasseur/rpps/").content.decode()
    right = manager.post("/accounts/hvasseur/rpps/", {"rpps": RIGHT, "act_key": "k2"}, follow=True)

    assert "Le numéro RPPS ne correspond pas à sa clé" in warned.content.decode()
    assert f"RPPS {WRONG}" in warned.content.decode()
    assert f'value="{WRONG}"' in asked
    assert "ne va pas : le relire" in asked.replace("\u00a0", " ")
    assert "correspond pas" not in right.content.decode()
    row = Account.objects.get(id="hvasseur")
    assert row.rpps == RIGHT
    assert {name: getattr(row, name) for name in before} == before
    assert [(one.kind, one.author) for one in island.entries[-2:]] == [("account.rpps.1", "mollivier")] * 2
    assert Client().post("/sign-in/", {"badge": "hvasseur", "pin": PASSWORD}).status_code == 302


def test_the_same_number_again_is_no_entry_and_an_empty_one_takes_it_away(
    island: Island, manager: Client
) -> None:
    """A list of changes that changes nothing hides the one that matters."""
    manager.post("/accounts/hvasseur/rpps/", {"rpps": RIGHT, "act_key": "k1"})
    number = len(island.entries)

    manager.post("/accounts/hvasseur/rpps/", {"rpps": f" {RIGHT} ", "act_key": "k2"})
    assert len(island.entries) == number
    manager.post("/accounts/hvasseur/rpps/", {"rpps": "", "act_key": "k3"})

    assert Account.objects.get(id="hvasseur").rpps is None


def test_a_number_that_is_too_long_is_refused_at_the_field_and_kept(island: Island, manager: Client) -> None:
    """Cut at the end it would be somebody else's."""
    answer = manager.post("/accounts/hvasseur/rpps/", {"rpps": "1" * 30, "act_key": "k1"})

    assert answer.status_code == 422
    assert "1" * 30 in answer.content.decode()


def test_nobody_else_changes_it(island: Island, nurse: Client) -> None:
    """It says who prescribed."""
    island.account("hvasseur", role="physician")

    assert nurse.post("/accounts/hvasseur/rpps/", {"rpps": RIGHT}).status_code == 403
    assert Account.objects.get(id="hvasseur").rpps is None


def test_a_doubtful_number_of_a_new_account_is_said_at_once(island: Island, manager: Client) -> None:
    """Among three thousand lines nobody finds the mark of the one just made."""
    form = {
        "code": "bmorel", "family": "MOREL", "given": "Bruno", "role": "physician", "wards": "", "rpps": WRONG,
        "password": "phare-de-nuit", "again": "phare-de-nuit", "act_key": "k1",
    }  # fmt: skip

    asked = manager.post("/accounts/new/", form)
    assert not Account.objects.filter(id="bmorel").exists()
    page = manager.post(
        "/accounts/new/", form | {"read_again": marks_in(asked)}, follow=True
    ).content.decode()

    assert "Le numéro RPPS ne correspond pas à sa clé" in page
    assert Account.objects.get(id="bmorel").rpps == WRONG


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"rpps": WRONG}, "ne correspond pas à sa clé"),
        ({"code": "hvasseur"}, "est pris"),
        ({"again": "autre-chose"}, ""),
    ],
)
def test_a_form_that_comes_back_says_that_the_code_is_to_be_typed_again(
    island: Island, manager: Client, wrong: dict[str, str], said: str
) -> None:
    """The two fields come back empty; nobody should find out by a second refusal, nor a page hold a password."""
    island.account("hvasseur", role="physician")
    form = {
        "code": "bmorel", "family": "MOREL", "given": "Bruno", "role": "physician", "wards": "",
        "password": "phare-de-nuit", "again": "phare-de-nuit", "act_key": "k1",
    }  # fmt: skip

    page = manager.post("/accounts/new/", form | wrong).content.decode()

    assert said in page
    assert "Retapez le code, les deux fois" in page
    assert "phare-de-nuit" not in page
    assert "autre-chose" not in page


def test_a_code_that_is_itself_refused_says_only_why(manager: Client) -> None:
    """Two sentences on one field, and the one that matters is missed."""
    form = {"code": "bmorel", "family": "MOREL", "role": "physician", "password": "court", "again": "court"}

    page = manager.post("/accounts/new/", form).content.decode()

    assert "8 caractères" in page
    assert "Retapez le code" not in page
