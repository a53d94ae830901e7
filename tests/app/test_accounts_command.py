"""`releve accounts`: add, import, seal, list, as a script types them, on a real journal."""

import json
import shutil
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from releve.app.cli import app
from releve.app.island import DEMO_PASSWORD, Made, demo_accounts, make_island
from releve.exercise.demo import demo_hospital
from releve.journal.folder import own_log
from releve.journal.reader import LogReader

RUNNER = CliRunner()
DEMO_CARDS = {"RELEVE_CARD_1": DEMO_PASSWORD, "RELEVE_CARD_2": DEMO_PASSWORD}
TWO = {"RELEVE_PASSWORD_BY": DEMO_PASSWORD, "RELEVE_PASSWORD_WITH": DEMO_PASSWORD}
STAFF = "code;nom;prénom;rôle;services;badge\nnkervella;KERVELLA;Nadia;nurse;1130;oui\nhvasseur;VASSEUR;;physician;;\n"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Made]:
    """Return an island made once for these tests, and what its making left."""
    hospital = demo_hospital(seed=1)
    data = tmp_path_factory.mktemp("accounts") / "data"
    made = make_island(
        data, hospital=hospital, exercise=True, origin="a", name="A", accounts=demo_accounts(hospital),
        passphrases=(DEMO_PASSWORD, DEMO_PASSWORD),
    )  # fmt: skip
    return data, made


@pytest.fixture
def data(first: tuple[Path, Made], tmp_path: Path) -> Path:
    """Return a copy of it that a test may change."""
    shutil.copytree(first[0], tmp_path / "data", ignore=shutil.ignore_patterns("*.sock"))
    return tmp_path / "data"


def cards(data: Path) -> list[str]:
    """Return the options that sign with two managers' cards."""
    folder = data / "keys" / "managers"
    return ["--sign-with", str(folder / "manager-1.card"), "--sign-with", str(folder / "manager-2.card")]


def last_line(output: str) -> dict:
    """Return the JSON that scripts read."""
    return json.loads(output.strip().splitlines()[-1])


def listed(data: Path) -> dict[str, dict]:
    """Return the accounts as `list --json` says them, by code."""
    told = RUNNER.invoke(app, ["accounts", "list", "--data", str(data), "--json"])
    assert told.exit_code == 0, told.output
    return {one["code"]: one for one in last_line(told.stdout)["accounts"]}


def all_bodies(data: Path) -> bytes:
    """Return what the journal holds of acts, in one piece."""
    with LogReader(own_log(data).path) as reader:
        return b"".join(entry.body for entry in reader.read(0, 10_000, lane="act"))


def test_a_staff_list_becomes_accounts_and_nobody_else_can_read_the_passwords(
    data: Path, tmp_path: Path
) -> None:
    """Before the crisis is the only quiet moment; a password in the journal would travel with it."""
    (tmp_path / "staff.csv").write_text(STAFF, "utf-8")
    out = tmp_path / "passwords.csv"
    sheets = tmp_path / "sheets.html"

    told = RUNNER.invoke(
        app,
        ["accounts", "import", str(tmp_path / "staff.csv"), "--data", str(data), "--passwords", str(out),
         "--sheets", str(sheets),
         *cards(data), "--json"],
        env=DEMO_CARDS,
    )  # fmt: skip

    assert told.exit_code == 0, told.output
    assert last_line(told.stdout) == {"imported": 2, "badges": 1, "standing": "signed"}
    assert stat.S_IMODE(out.stat().st_mode) == stat.S_IMODE(sheets.stat().st_mode) == 0o600
    lines = [line.split(";") for line in out.read_text("utf-8").splitlines()[1:]]
    said = told.output.encode() + all_bodies(data)
    for _, _, _, _, password, badge, pin, _ in lines:
        assert len(password) == 19
        assert password.encode() not in said
        assert not badge or badge.removeprefix("RLV1|B|").encode() not in said
        assert not pin or pin in sheets.read_text("utf-8")
    accounts = listed(data)
    assert accounts["nkervella"]["badge"]
    assert not accounts["hvasseur"]["badge"]
    assert accounts["nkervella"]["wards"] == ["1130"]
    assert accounts["nkervella"]["standing"] == "signed"
    assert accounts["nkervella"]["first_password"]


def test_one_wrong_line_and_nothing_is_imported_every_error_has_its_place(data: Path, tmp_path: Path) -> None:
    """Half a staff list would be found out at three in the morning."""
    text = STAFF + "NKERVELLA;X;;nurse;;\nmedecin;X;;queen;9999;\n;;;;;\nx y;;;nurse;;peut-être\n"
    (tmp_path / "staff.csv").write_text(text, "utf-8")
    before = own_log(data)
    with LogReader(before.path) as reader:
        size = reader.size

    told = RUNNER.invoke(
        app,
        [
            "accounts",
            "import",
            str(tmp_path / "staff.csv"),
            "--data",
            str(data),
            "--passwords",
            str(tmp_path / "p"),
            "--json",
        ],
    )

    assert told.exit_code == 1
    problems = last_line(told.stdout)["problems"]
    places = {(one["line"], one["column"], one["key"]) for one in problems}
    assert (4, "code", "duplicate") in places
    assert (5, "code", "account-taken") in places
    assert (5, "role", "choice") in places
    assert (5, "wards", "reference") in places
    assert (7, "code", "code") in places
    assert (7, "family", "required") in places
    assert (7, "badge", "choice") in places
    assert not (tmp_path / "p").exists()
    with LogReader(before.path) as reader:
        assert reader.size == size


def test_one_account_is_made_and_its_password_is_said_once(data: Path) -> None:
    """A colleague lent for the night stands before the desk."""
    words = ["add", "Zoe.B", "--family", "B", "--role", "nurse", "--badge", "--ward", "1130", "--json"]
    told = RUNNER.invoke(app, ["accounts", *words, "--data", str(data)])
    again = RUNNER.invoke(
        app, ["accounts", "add", "zoe.b", "--family", "B", "--role", "nurse", "--data", str(data)]
    )
    lost = RUNNER.invoke(
        app, ["accounts", "add", "y2", "--family", "B", "--role", "nurse", "--ward", "0", "--data", str(data)]
    )

    assert told.exit_code == 0, told.output
    made = last_line(told.stdout)
    assert made["code"] == "zoe.b"
    assert made["standing"] == "claimed"
    assert made["badge"].startswith("RLV1|B|")
    assert len(made["pin"]) == 6
    assert again.exit_code == lost.exit_code == 1
    assert listed(data)["zoe.b"]["standing"] == "claimed"
    assert "y2" not in listed(data)


def test_envelopes_are_sealed_by_two_people_and_end_on_their_day(data: Path, tmp_path: Path) -> None:
    """An envelope in a drawer opens the hospital: one person alone must not make one, and it must not last."""
    out = tmp_path / "envelopes.html"
    words = ["seal", "--number", "2", "--role", "nurse", "--ward", "1130", "--until", "2099-01-31", "--data", str(data),
             "--envelopes", str(out), "--json"]  # fmt: skip

    alone = RUNNER.invoke(
        app, ["accounts", *words, "--by", "informatique", "--with", "informatique"], env=TWO
    )
    wrong = RUNNER.invoke(
        app,
        ["accounts", *words, "--by", "informatique", "--with", "medecin"],
        env={**TWO, "RELEVE_PASSWORD_WITH": "x"},
    )
    unfit = RUNNER.invoke(app, ["accounts", *words, "--by", "infirmiere", "--with", "medecin"], env=TWO)
    past = RUNNER.invoke(
        app,
        [
            "accounts",
            *[word.replace("2099", "2001") for word in words],
            "--by",
            "informatique",
            "--with",
            "medecin",
        ],
        env=TWO,
    )
    assert [told.exit_code for told in (alone, wrong, unfit, past)] == [1, 1, 1, 1]
    assert not out.exists()

    told = RUNNER.invoke(
        app,
        ["accounts", *words, "--by", "informatique", "--with", "medecin", *cards(data)],
        env=TWO | DEMO_CARDS,
    )

    assert told.exit_code == 0, told.output
    assert last_line(told.stdout)["codes"] == ["secours-001", "secours-002"]
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    one = listed(data)["secours-001"]
    assert one["sealed_by"] == ["informatique", "medecin"]
    assert one["until"] == "2099-01-31T22:59:59+00:00"
    assert one["standing"] == "signed"
    assert one["state"] == "active"


def test_two_cards_of_two_managers_or_none(data: Path) -> None:
    """One manager alone gives no power; better said before anything is recorded."""
    words = ["add", "solo", "--family", "B", "--role", "it", "--data", str(data)]

    one = RUNNER.invoke(app, ["accounts", *words, *cards(data)[:2]], env=DEMO_CARDS)
    twice = RUNNER.invoke(app, ["accounts", *words, *cards(data)[:2], *cards(data)[:2]], env=DEMO_CARDS)
    wrong = RUNNER.invoke(
        app, ["accounts", *words, *cards(data)], env={**DEMO_CARDS, "RELEVE_CARD_2": "not-this-one"}
    )
    mute = RUNNER.invoke(app, ["accounts", *words, *cards(data)])

    assert [told.exit_code for told in (one, twice, wrong, mute)] == [1, 1, 1, 1]
    assert "not-this-one" not in wrong.output
    assert "solo" not in listed(data)


def test_the_first_island_signs_its_map_and_its_accounts(first: tuple[Path, Made]) -> None:
    """What init gives in power must not stand as claimed on the other islands."""
    data, made = first

    assert {one["standing"] for one in listed(data).values()} == {"signed"}
    assert [card.path.name for card in made.cards] == [f"manager-{number}.card" for number in (1, 2, 3)]
    assert all(stat.S_IMODE(card.path.stat().st_mode) == 0o600 for card in made.cards)


def test_passwords_are_not_written_over_a_file_that_is_there(data: Path, tmp_path: Path) -> None:
    """The list of yesterday may be the only one that says how two thousand people enter."""
    (tmp_path / "staff.csv").write_text(STAFF, "utf-8")
    (tmp_path / "out").write_text("yesterday")

    told = RUNNER.invoke(
        app,
        [
            "accounts",
            "import",
            str(tmp_path / "staff.csv"),
            "--data",
            str(data),
            "--passwords",
            str(tmp_path / "out"),
        ],
    )

    assert told.exit_code == 1
    assert (tmp_path / "out").read_text() == "yesterday"
    assert "nkervella" not in listed(data)


def test_a_map_is_imported_with_two_managers_signatures(data: Path, tmp_path: Path) -> None:
    """The map decides who is in charge where: unsigned, another island would only show it."""
    from releve.app.commands.hospital import app as hospital_app
    from releve.exercise.demo import write_demo
    from releve.journal.cards import public_key
    from releve.journal.power import signers

    write_demo(tmp_path / "hospital")
    wards = tmp_path / "hospital" / "wards.csv"
    wards.write_bytes(wards.read_bytes().replace(b"\r\n1102;", b"\r\n1102;Nouveau nom de ", 1))
    managers = [public_key(Path(path).read_text()).vkey for path in cards(data)[1::2]]

    told = RUNNER.invoke(
        hospital_app,
        ["import", str(tmp_path / "hospital"), "--data", str(data), "--yes", "--json", *cards(data)],
        env=DEMO_CARDS,
    )

    assert told.exit_code == 0, told.output
    assert last_line(told.stdout)["outcome"] == "imported"
    assert last_line(told.stdout)["standing"] == "signed"
    log = own_log(data)
    with LogReader(log.path) as reader:
        entry = reader.get(last_line(told.stdout)["index"])
    assert set(signers(entry.kind, entry.body)) == set(managers)


def test_a_lost_password_and_badge_are_renewed_and_the_signatures_stay(data: Path) -> None:
    """At three in the morning somebody has forgotten hers; the managers are asleep."""
    before = listed(data)["infirmiere"]

    told = RUNNER.invoke(app, ["accounts", "renew", "infirmiere", "--badge", "--data", str(data), "--json"])
    nobody = RUNNER.invoke(app, ["accounts", "renew", "nobody", "--data", str(data)])

    assert told.exit_code == 0, told.output
    made = last_line(told.stdout)
    assert len(made["password"]) == 19
    assert made["badge"].startswith("RLV1|B|")
    after = listed(data)["infirmiere"]
    assert after == {**before, "badge": True, "first_password": True}
    assert after["standing"] == "signed"
    assert nobody.exit_code == 1


def test_managers_sign_a_claimed_account_as_they_read_it(data: Path) -> None:
    """The first administrator makes her account on a screen; the second island must know her too."""
    RUNNER.invoke(
        app, ["accounts", "add", "mollivier", "--family", "OLLIVIER", "--role", "it", "--data", str(data)]
    )
    before = listed(data)["mollivier"]

    unsigned = RUNNER.invoke(app, ["accounts", "sign", "--yes", "--data", str(data)])
    told = RUNNER.invoke(
        app, ["accounts", "sign", "--yes", "--data", str(data), *cards(data), "--json"], env=DEMO_CARDS
    )

    assert unsigned.exit_code == 1
    assert told.exit_code == 0, told.output
    assert "OLLIVIER" in told.stderr
    assert last_line(told.stdout) == {"signed": 1, "codes": ["mollivier"]}
    assert listed(data)["mollivier"] == {**before, "standing": "signed"}


def test_the_second_island_has_the_managers_of_the_first(first: tuple[Path, Made], tmp_path: Path) -> None:
    """With managers of its own it would only ever show the first one's accounts as claimed."""
    from releve.app.accounts_now import read_accounts
    from releve.app.island import IslandExists

    hospital = demo_hospital(seed=1)
    folder = tmp_path / "cards"
    shutil.copytree(first[0] / "keys" / "managers", folder)

    def second(data: Path, *passphrases: str) -> Made:
        return make_island(
            data, hospital=hospital, exercise=True, origin="b", name="B", accounts=[], managers=folder,
            passphrases=passphrases,
        )  # fmt: skip

    for told in ((), (DEMO_PASSWORD,)):
        with pytest.raises(IslandExists):
            second(tmp_path / "none", *told)
    made = second(tmp_path / "b", DEMO_PASSWORD, DEMO_PASSWORD)

    assert {path.name for path in folder.iterdir()} == {f"manager-{number}.card" for number in (1, 2, 3)}
    assert [card.passphrase for card in made.cards] == [None, None, None]
    assert not (tmp_path / "none").exists()
    assert len(read_accounts(tmp_path / "b").managers.keys) == 3
    assert read_accounts(tmp_path / "b").managers == read_accounts(first[0]).managers


def test_a_card_lost_on_the_first_night_can_be_removed(first: tuple[Path, Made], data: Path) -> None:
    """With two cards nobody could: whoever finds one would need one other manager only, for ever."""
    third = first[1].cards[2]
    two_others = ["--sign-with", str(data / "keys/managers/manager-2.card"), "--sign-with", str(third.path)]
    opens = {"RELEVE_CARD_1": DEMO_PASSWORD, "RELEVE_CARD_2": third.passphrase or ""}

    told = RUNNER.invoke(
        app,
        ["managers", "remove", "manager-1", "--reason", "lost", "--yes", "--json", "--data", str(data), *two_others],
        env=opens,
    )  # fmt: skip

    assert told.exit_code == 0, told.output
    assert last_line(told.stdout)["count"] == 2


def test_init_takes_the_passphrases_of_two_cards_at_least(tmp_path: Path) -> None:
    """A script that knows one alone made a mistake; what nobody gave is made, and told once."""
    from releve.exercise.demo import write_demo

    write_demo(tmp_path / "hospital")

    def init(*given: str) -> Result:
        return RUNNER.invoke(
            app,
            ["init", "--data", str(tmp_path / "data"), "--hospital", str(tmp_path / "hospital"), "--json"],
            env={f"RELEVE_CARD_{place}": f"marée haute {place}" for place in given},
        )

    assert [init(*given).exit_code for given in ("1", "2", "13", "23")] == [1, 1, 1, 1]
    told = init("1", "2")
    assert told.exit_code == 0, told.output
    assert [passphrase is None for passphrase in last_line(told.stdout)["passphrases"]] == [True, True, False]


def test_an_account_is_made_while_the_island_runs(data: Path) -> None:
    """Nobody stops an island at night to let a colleague in."""
    from releve.app.recorder_process import recorder_for

    with recorder_for(data):
        told = RUNNER.invoke(
            app,
            ["accounts", "add", "late", "--family", "B", "--role", "nurse", "--data", str(data), "--json"],
        )

    assert told.exit_code == 0, told.output
    assert listed(data)["late"]["state"] == "active"


@pytest.mark.browser
def test_what_is_handed_out_is_one_page_each_and_its_symbol_is_read(chromium: object, tmp_path: Path) -> None:
    """A password on the back of another person's page is two accounts lost."""
    import io

    pdfium = pytest.importorskip("pypdfium2", reason="pypdfium2 is not installed")
    zxingcpp = pytest.importorskip("zxingcpp")
    from releve.app.handing_out import Handed, write_sheets

    long = "CENTRE HOSPITALIER INTERCOMMUNAL DE VALOMBRE ET DU PAYS DE LA HAUTE RIVIÈRE"
    one = Handed(
        code="jean-baptiste.de-la-tour", name="Jean-Baptiste DE LA TOUR D’AUVERGNE-LAURAGUAIS", role="nurse",
        wards=tuple(str(number) for number in range(1100, 1112)), password="4FZV-JF7X-0B9Q-MR56",
        badge="CY04VPH3XRDM5FN8", pin="958274",
    )  # fmt: skip
    envelope = Handed(
        code="secours-001", name="", role="nurse", wards=("1130",), password="x", until="2027-01-31"
    )
    write_sheets(tmp_path / "s.html", [one, envelope, one], hospital=long, language="fr")
    page = chromium.new_page()  # type: ignore[attr-defined]
    page.goto((tmp_path / "s.html").as_uri())
    document = pdfium.PdfDocument(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    texts = [sheet.get_textpage().get_text_bounded() for sheet in document]
    symbols = [found.text for found in zxingcpp.read_barcodes(document[0].render(scale=3).to_pil())]
    document.close()
    page.close()

    assert len(texts) == 3
    assert "958274" in texts[0]
    assert "31/01/2027" in texts[1]
    assert symbols == ["RLV1|B|CY04VPH3XRDM5FN8"]


def test_the_rpps_of_an_account_that_is_there_is_set_alone_or_from_the_staff_list(
    data: Path, tmp_path: Path
) -> None:
    """Numbers come late and with slips; made again, every account would have another password."""
    first, second, *_ = sorted(listed(data))
    before = {code: line | {"rpps": ""} for code, line in listed(data).items()}
    (tmp_path / "staff.csv").write_text(
        f"code;nom;rôle;rpps\n{first};A;physician;10000023084\n{second};B;nurse;\nnouveau;C;physician;10000023085\n",
        "utf-8",
    )

    alone = RUNNER.invoke(app, ["accounts", "rpps", second, "10000023085", "--data", str(data), "--json"])
    every = RUNNER.invoke(
        app,
        ["accounts", "rpps", "--from", str(tmp_path / "staff.csv"), "--data", str(data), "--json", *cards(data)],
        env=DEMO_CARDS,
    )  # fmt: skip
    nobody = RUNNER.invoke(app, ["accounts", "rpps", "personne", "10000023084", "--data", str(data)])

    assert last_line(alone.stdout) == {"changed": [second], "doubtful": [second], "without_account": []}
    assert last_line(every.stdout) == {"changed": [first], "doubtful": [], "without_account": ["nouveau"]}
    after = listed(data)
    assert (after[first]["rpps"], after[second]["rpps"]) == ("10000023084", "10000023085")
    assert {code: line | {"rpps": ""} for code, line in after.items()} == before
    assert nobody.exit_code == 1
