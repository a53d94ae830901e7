"""Accounts as facts: sealed, bound, refused when weak; the one-time code of the first administrator."""

import stat
from base64 import b64encode
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from argon2 import Type

from made_once import product_hasher
from releve.views.reading import Context, NotRead
from releve.web.access import can_see_patient, in_charge_of, needs_cover
from releve.web.accounts import draft, fold, verifier
from releve.web.accounts.facts import AccountCreated
from releve.web.accounts.people import Person

CONTEXT = Context(zone=ZoneInfo("Europe/Paris"), namespace="CHV")
SECRET = "lanterne-22"


def made(data: Path, **more: object) -> draft.Draft:
    """Return an account's draft."""
    values: dict[str, object] = {
        "code": "nkervella", "family": "KERVELLA", "given": "Nadia", "role": "nurse", "wards": ("2140",),
        "password": SECRET,
    }  # fmt: skip
    return draft.draft_account(data, **{**values, **more})  # type: ignore[arg-type]


def test_a_verifier_never_stands_bare_in_the_journal(tmp_path: Path) -> None:
    """Journals travel on sticks; a PIN under a bare hash falls in minutes."""
    verifier.make_key(tmp_path)

    body = made(tmp_path).body

    assert SECRET.encode() not in body
    assert b"argon2" not in body


def test_a_sealed_verifier_opens_only_for_its_password_its_code_and_its_island(tmp_path: Path) -> None:
    """Moved to another account, or to another island, it must be worth nothing."""
    key = verifier.make_key(tmp_path)
    other = verifier.make_key(tmp_path / "other")
    sealed = verifier.seal(SECRET, code="nkervella", key=key)

    assert verifier.check(SECRET, sealed, code="nkervella", key=key)
    assert not verifier.check("lanterne-23", sealed, code="nkervella", key=key)
    assert not verifier.check(SECRET, sealed, code="hvasseur", key=key)
    assert not verifier.check(SECRET, sealed, code="nkervella", key=other)
    assert not verifier.check(SECRET, b"", code="nkervella", key=key)
    assert not verifier.check(SECRET, sealed[:-1] + bytes([sealed[-1] ^ 1]), code="nkervella", key=key)


def test_the_account_key_is_for_its_owner_alone_and_is_made_once(tmp_path: Path) -> None:
    """A second key would shut out the whole hospital."""
    key = verifier.make_key(tmp_path)

    assert verifier.make_key(tmp_path) == key
    assert stat.S_IMODE((tmp_path / "keys" / "accounts.key").stat().st_mode) == 0o600
    with pytest.raises(verifier.KeyMissing):
        verifier.key_of(tmp_path / "elsewhere")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "n k"}, "code"), ({"code": ""}, "code"), ({"code": "../etc"}, "code"), ({"role": "queen"}, "role"),
        ({"family": " "}, "family"), ({"password": "12345"}, "password"), ({"password": "123456"}, "password"),
        ({"password": "111111"}, "password"), ({"password": "court"}, "password"),
        ({"password": "nkervella"}, "password"),
    ],
)  # fmt: skip
def test_what_cannot_be_an_account_is_refused_with_the_field_to_correct(
    tmp_path: Path, change: dict[str, str], field: str
) -> None:
    """The page must say where; the text must not repeat the password."""
    verifier.make_key(tmp_path)

    with pytest.raises(draft.AccountRefused) as refused:
        made(tmp_path, **change)

    assert refused.value.field == field
    assert not change.get("password") or change["password"] not in str(refused.value)


def test_an_account_s_entries_share_one_subject(tmp_path: Path) -> None:
    """The fold keeps their order even when they arrive from several islands."""
    verifier.make_key(tmp_path)

    drafts = [
        made(tmp_path, code="NKervella"),
        draft.draft_password(tmp_path, code="nkervella", password="autre-lampe"),
        draft.draft_disabled(code="nkervella"),
    ]

    assert {one.subjects for one in drafts} == {("account:nkervella",)}
    assert [one.kind for one in drafts] == [
        "account.created.1",
        "account.password-changed.1",
        "account.disabled.1",
    ]


def test_a_row_says_who_may_enter_and_a_later_fact_changes_only_what_it_says() -> None:
    """A new password must not give back a role that was taken."""
    fact = AccountCreated(
        code="x1", family="A", given="B", role="nurse", wards=("9", "1"), verifier_sealed=b"\x01z"
    )

    (row,) = fold.created(fact, CONTEXT)
    (changed,) = fold.password_changed(draft.PasswordChanged(code="x1", verifier_sealed=b"\x01y"), CONTEXT)
    (gone,) = fold.disabled(draft.AccountDisabled(code="x1", reason="left"), CONTEXT)

    assert row.values["wards"] == '["1", "9"]'
    assert row.fills == {"state": "active"}
    assert changed.values["verifier_sealed"] == b64encode(b"\x01y").decode()
    assert not {"state", "role", "wards"} & changed.values.keys()
    assert gone.values["state"] == "disabled"
    assert "role" not in gone.values


def test_an_account_entry_of_another_version_is_listed_and_not_quoted() -> None:
    """What cannot be read is counted and shown; its values stay out of every list."""

    class Later:
        kind = "account.created.1"
        body = msgspec.msgpack.encode({"type": "account.created.1", "code": "secret-code"})

    (read,) = fold.read(Later(), CONTEXT)  # type: ignore[arg-type]

    assert isinstance(read, NotRead)
    assert "secret-code" not in read.reason


def test_the_one_time_code_fits_as_copied_by_hand_and_serves_once(tmp_path: Path) -> None:
    """It is read on one screen and typed on another, at night."""
    code = draft.issue_first_code(tmp_path)

    assert draft.fits_first_code(tmp_path, code)
    assert draft.fits_first_code(tmp_path, code.lower().replace("-", " "))
    assert not draft.fits_first_code(tmp_path, "0000-0000-0000-0000")
    assert code.replace("-", "") not in (tmp_path / "keys" / "first-code").read_text()
    assert stat.S_IMODE((tmp_path / "keys" / "first-code").stat().st_mode) == 0o600

    newer = draft.issue_first_code(tmp_path)
    assert not draft.fits_first_code(tmp_path, code)

    draft.spend_first_code(tmp_path)
    assert not draft.fits_first_code(tmp_path, newer)
    assert not draft.first_code_waits(tmp_path)


def test_a_confidential_stay_keeps_its_cover_outside_the_ward_in_charge() -> None:
    """A colleague's own stay is the page most looked at by those who should not."""
    nurse = Person(code="n", family="K", given="N", role="nurse", wards=("2140",))
    technician = Person(code="t", family="O", given="M", role="it")

    assert in_charge_of(nurse, "2140")
    assert not in_charge_of(nurse, "2141")
    assert not in_charge_of(nurse, None)
    assert not needs_cover(nurse, confidential=None, wards=("2141",))
    assert not needs_cover(nurse, confidential="V", wards=(None, "2140"))
    assert needs_cover(nurse, confidential="V", wards=("2141",))
    assert needs_cover(None, confidential="V", wards=("2140",))
    assert can_see_patient(nurse)
    assert not can_see_patient(technician)
    assert not can_see_patient(None)


def test_a_code_outside_the_tests_costs_whoever_tries_a_million_of_them() -> None:
    """The tests hash cheaply; what is stored must not: a stolen disk is tried for weeks."""
    hasher = product_hasher()

    assert (hasher.type, hasher.time_cost, hasher.memory_cost) == (Type.ID, 2, 19 * 1024)
    assert hasher.hash("lanterne-22").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
