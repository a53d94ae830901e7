"""`releve accounts`: made before the crisis, one by one, from a staff list, or sealed in envelopes."""

import getpass
import json as jsonlib
import os
import sys
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from releve.app.accounts_now import AccountsNow, read_accounts
from releve.app.clock import now_us
from releve.app.commands.output import fail, progress, say
from releve.app.commands.signing import SignWith, open_cards
from releve.app.handing_out import Handed, write_csv, write_sheets
from releve.app.recorder_process import recorder_for
from releve.app.staff_file import StaffLine, read_staff
from releve.codecs.identifiers.registers import check_rpps
from releve.hospital.in_force import MapMissing, latest_map
from releve.hospital.map import HospitalMap
from releve.journal.entry import Draft
from releve.journal.errors import JournalError
from releve.journal.folder import own_log
from releve.journal.note import Signer
from releve.web.accounts import badges, verifier
from releve.web.accounts import draft as drafts
from releve.web.accounts.facts import ROLES
from releve.web.accounts.ring import ring_of
from releve.web.words import counted

__all__ = ["AsJson", "Data", "Passwords", "Sheets", "app", "hand_over", "line_of"]

app = typer.Typer(
    name="accounts",
    help="Who may enter: made before the crisis, listed, sealed in envelopes.",
    no_args_is_help=True,
)

Data = Annotated[
    Path,
    typer.Option("--data", metavar="DIR", help="The island's data folder.", exists=True, file_okay=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="The result as one line, last on standard output.")]
Passwords = Annotated[
    Path | None,
    typer.Option(
        "--passwords", metavar="OUT", help="Write the one-time passwords there, as CSV, for you alone."
    ),
]
Sheets = Annotated[
    Path | None,
    typer.Option(
        "--sheets",
        metavar="OUT",
        help="Write one page a person to print and hand over (HTML), for you alone.",
    ),
]

# The hash of a password is work for one core, without Python: as many at once as there are cores.
_AT_ONCE = os.cpu_count() or 1
_SEALED_MAX = 500


@app.command()
def add(
    code: Annotated[
        str, typer.Argument(help="What the badge carries: small letters, figures, points, hyphens.")
    ],
    data: Data,
    family: Annotated[str, typer.Option(help="Family name.")],
    role: Annotated[str, typer.Option(help=f"One of {', '.join(ROLES)}.")],
    given: Annotated[str, typer.Option(help="Given name.")] = "",
    ward: Annotated[
        list[str] | None, typer.Option("--ward", metavar="UF", help="Her wards; repeat it.")
    ] = None,
    rpps: Annotated[str, typer.Option(help="RPPS number, of a profession that has one.")] = "",
    badge: Annotated[
        bool, typer.Option("--badge", help="With a badge and a PIN for shared machines.")
    ] = False,
    passwords: Passwords = None,
    sheets: Sheets = None,
    sign_with: SignWith = None,
    as_json: AsJson = False,
) -> None:
    """Make one account, with a one-time password that is changed at the first entry.

    Example: releve accounts add nkervella --family KERVELLA --role nurse --ward 2140 --data /srv/releve
    """
    try:
        known, hospital = read_accounts(data), _map(data)
        if code.strip().lower() in known.rows:
            fail("code: expected one without an account")
        _check_wards(ward or [], hospital)
        if role not in ROLES:
            fail(f"--role: expected one of {', '.join(ROLES)}")
        line = StaffLine(
            code=code.strip().lower(),
            family=family,
            given=given,
            role=role,
            wards=tuple(ward or ()),
            rpps=rpps,
            badge=badge,
        )
        for doubt in check_rpps(rpps) if rpps else ():
            typer.echo(f"--rpps: {doubt}; accepted as it is", err=True)
        _hand_out(data, [line], known, hospital, passwords, sheets, open_cards(sign_with), as_json)
    except drafts.AccountRefused as error:
        fail(str(error))
    except (JournalError, verifier.KeyMissing) as error:
        fail(str(error))


@app.command(name="import")
def import_(
    file: Annotated[
        Path, typer.Argument(metavar="CSV", help="code, family, given, role, rpps, wards, badge.")
    ],
    data: Data,
    passwords: Passwords = None,
    sheets: Sheets = None,
    sign_with: SignWith = None,
    language: Annotated[str, typer.Option("--language", metavar="fr|en", help="Of the sentences.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make the accounts of a staff list: all of them, or none when a line is not right.

    Example: releve accounts import staff.csv --data /srv/releve --passwords /media/stick/passwords.csv
    """
    spoken = (language or os.environ.get("LC_ALL") or os.environ.get("LANG") or "en")[:2]
    try:
        known, hospital = read_accounts(data), _map(data)
        lines, problems = read_staff(
            file.name,
            file.read_bytes(),
            wards=frozenset(one.code for one in hospital.wards),
            taken=known.rows.keys(),
        )
        for problem in problems:
            typer.echo(problem.text(spoken), err=True)
        if not lines:
            if as_json:
                found = [problem.as_json(spoken) for problem in problems]
                say({"imported": 0, "problems": found}, json=True, text="")
            fail("nothing was imported")
        if passwords is None and sheets is None:
            fail("--passwords or --sheets: expected where the one-time passwords go; nothing was imported")
        _hand_out(data, list(lines), known, hospital, passwords, sheets, open_cards(sign_with), as_json)
    except OSError as error:
        fail(f"{file.name}: expected a file that can be read ({error.strerror})")
    except (JournalError, verifier.KeyMissing) as error:
        fail(str(error))


@app.command()
def seal(
    data: Data,
    number: Annotated[int, typer.Option(help="How many envelopes.", min=1, max=_SEALED_MAX)],
    role: Annotated[str, typer.Option(help=f"One of {', '.join(ROLES)}.")],
    until: Annotated[str, typer.Option(help="Last day on which they enter, YYYY-MM-DD.", metavar="DAY")],
    by: Annotated[
        str, typer.Option("--by", help="Account of the one who seals; password in RELEVE_PASSWORD_BY.")
    ],
    with_: Annotated[
        str, typer.Option("--with", help="Account of the second; password in RELEVE_PASSWORD_WITH.")
    ],
    envelopes: Annotated[
        Path,
        typer.Option("--envelopes", metavar="OUT", help="The pages to print and seal (HTML), for you alone."),
    ],
    ward: Annotated[
        list[str] | None, typer.Option("--ward", metavar="UF", help="Their wards; repeat it.")
    ] = None,
    sign_with: SignWith = None,
    as_json: AsJson = False,
) -> None:
    """Make emergency accounts to be sealed in envelopes, issued by two people; they expire.

    Example: releve accounts seal --number 4 --role nurse --ward 2140 --until 2027-06-30 --by mollivier --with hvasseur
    --envelopes /media/stick/envelopes.html --data /srv/releve
    """
    if role not in ROLES:
        fail(f"--role: expected one of {', '.join(ROLES)}")
    if role == "it":
        fail(
            "--role: expected a role of care or of the crisis cell: accounts are not administered from an envelope"
        )
    try:
        known, hospital = read_accounts(data), _map(data)
        _check_wards(ward or [], hospital)
        until_ms = _end_of(until, hospital)
        two = _two_people(data, known, by.strip().lower(), with_.strip().lower())
        signers = open_cards(sign_with)
        codes = _free_codes(known, number)
        handed, made = [], []
        for code in codes:
            password = drafts.new_secret()
            handed.append(
                Handed(code=code, name="", role=role, wards=tuple(ward or ()), password=password, until=until)
            )
            made.append((code, password))
        made_drafts = _in_parallel(
            lambda pair: [
                drafts.draft_account(
                    data, code=pair[0], family=f"Enveloppe {pair[0].removeprefix('secours-')}", given="", role=role,
                    wards=ward or (), password=pair[1], until_ms=until_ms, sealed_by=two, author=two[0],
                )
            ],
            made,
        )  # fmt: skip
        _write_then_record(data, made_drafts, signers, handed, None, envelopes, hospital)
    except (JournalError, verifier.KeyMissing) as error:
        fail(str(error))
    result = {
        "sealed": len(codes),
        "codes": codes,
        "until": until,
        "by": list(two),
        "standing": _word(signers),
    }
    text = f"{len(codes)} sealed accounts, until {until}, {_word(signers)}: print {envelopes}, seal, then erase it"
    say(result, json=as_json, text=text)


@app.command(name="list")
def list_(
    data: Data,
    role: Annotated[str, typer.Option(help="Only this role.")] = "",
    ward: Annotated[str, typer.Option("--ward", metavar="UF", help="Only this ward.")] = "",
    as_json: AsJson = False,
) -> None:
    """List the accounts: role, wards, state, signed by the managers or only claimed.

    Example: releve accounts list --data /srv/releve --ward 2140
    """
    try:
        known = read_accounts(data)
    except JournalError as error:
        fail(str(error))
    now_ms = now_us() // 1000
    lines = [line_of(row, known, now_ms) for _, row in sorted(known.rows.items())]
    lines = [line for line in lines if role in ("", line["role"]) and (not ward or ward in line["wards"])]
    shown = [
        f"{line['code']:<24} {line['role']:<13} {line['state']:<9} {line['standing']:<8} {','.join(line['wards'])}"
        for line in lines
    ]
    say(
        {"count": len(lines), "accounts": lines},
        json=as_json,
        text="\n".join([*shown, counted(len(lines), "account")]),
    )


def line_of(row: dict[str, Any], known: AccountsNow, now_ms: int) -> dict[str, Any]:
    """Return what the list says of an account."""
    until = row["until_ms"]
    active = row["state"] == "active" and row["disabled_by"] in (None, row["lifted"])
    return {
        "code": row["code"],
        "family": row["family"],
        "given": row["given"],
        "role": row["role"],
        "wards": jsonlib.loads(row["wards"] or "[]"),
        "rpps": row["rpps"] or "",
        "state": "disabled"
        if not active
        else "expired"
        if until is not None and now_ms > until
        else "active",
        "standing": known.standing(row),
        "badge": row["badge_sealed"] is not None,
        "first_password": bool(row["once"]),
        "until": datetime.fromtimestamp(until / 1000, UTC).isoformat(timespec="seconds") if until else None,
        "sealed_by": jsonlib.loads(row["sealed_by"] or "[]"),
    }


def _hand_out(
    data: Path, lines: list[StaffLine], known: AccountsNow, hospital: HospitalMap, passwords: Path | None,
    sheets: Path | None, signers: list[Signer], as_json: bool,
) -> None:  # fmt: skip
    author = f"system:{getpass.getuser()}"
    handed = [
        Handed(
            code=line.code, name=f"{line.given} {line.family}".strip(), role=line.role, wards=line.wards,
            password=drafts.new_secret(), badge=badges.new_token() if line.badge else "",
            pin=badges.new_pin() if line.badge else "",
        )
        for line in lines
    ]  # fmt: skip

    def both(pair: tuple[StaffLine, Handed]) -> list[Draft]:
        line, given = pair
        made = [
            drafts.draft_account(
                data, code=line.code, family=line.family, given=line.given, role=line.role, wards=line.wards,
                rpps=line.rpps, password=given.password, once=True, author=author,
            )
        ]  # fmt: skip
        if given.badge:
            made.append(
                drafts.draft_badge(data, code=line.code, token=given.badge, pin=given.pin, author=author)
            )
        return made

    made = _in_parallel(both, list(zip(lines, handed, strict=True)))
    _write_then_record(data, made, signers, handed, passwords, sheets, hospital)
    result: dict[str, Any] = {
        "imported": len(lines),
        "badges": sum(line.badge for line in lines),
        "standing": _word(signers),
    }
    text = f"{len(lines)} account{'s' if len(lines) > 1 else ''} made, {_word(signers)}"
    _say_once(result, text, handed[0], shown=passwords is None and sheets is None, as_json=as_json)


def hand_over(
    data: Path,
    row: dict[str, Any],
    *,
    badge: bool,
    passwords: Path | None,
    sheets: Path | None,
    as_json: bool,
) -> None:
    """Record another one-time password, and badge, for an account, and say or write them once."""
    author, code = f"system:{getpass.getuser()}", str(row["code"])
    one = Handed(
        code=code, name=f"{row['given'] or ''} {row['family'] or ''}".strip(), role=str(row["role"]),
        wards=tuple(jsonlib.loads(row["wards"] or "[]")), password=drafts.new_secret(),
        badge=badges.new_token() if badge else "", pin=badges.new_pin() if badge else "",
    )  # fmt: skip
    made = [drafts.draft_password(data, code=code, password=one.password, once=True, author=author)]
    if badge:
        made.append(drafts.draft_badge(data, code=code, token=one.badge, pin=one.pin, author=author))
    _write_then_record(data, made, [], [one], passwords, sheets, _map(data))
    shown = passwords is None and sheets is None
    _say_once({"renewed": code, "badge_renewed": badge}, f"{code} renewed", one, shown=shown, as_json=as_json)


def _say_once(result: dict[str, Any], text: str, one: Handed, *, shown: bool, as_json: bool) -> None:
    if shown:  # one account, at a terminal
        result |= {"code": one.code, "password": one.password}
        text += f"\none-time password of {one.code}: {one.password}"
        if one.badge:
            result |= {"badge": badges.symbol_of(one.badge), "pin": one.pin}
            text += f"\nbadge: {badges.symbol_of(one.badge)}\nPIN: {one.pin}"
    say(result, json=as_json, text=text)


def _in_parallel(make: Any, given: list[Any]) -> list[Draft]:
    made: list[Draft] = []
    with progress() as steps, ThreadPoolExecutor(_AT_ONCE) as pool:
        for done, some in enumerate(pool.map(make, given), 1):
            made += some
            steps.show("passwords", done, len(given))
    return made


def _write_then_record(
    data: Path, made: list[Draft], signers: list[Signer], handed: list[Handed], passwords: Path | None,
    sheets: Path | None, hospital: HospitalMap,
) -> None:  # fmt: skip
    """Write what people must receive first: an account whose password nobody knows would have to be made again."""
    origin = own_log(data).origin
    signed = [drafts.signed(draft, signers, origin) for draft in made]
    written: list[Path] = []
    try:
        if passwords is not None:
            write_csv(passwords, handed)
            written.append(passwords)
        if sheets is not None:
            write_sheets(sheets, handed, hospital=hospital.name, language=hospital.language)
            written.append(sheets)
    except FileExistsError as error:
        for path in written:
            path.unlink()
        fail(f"{Path(error.filename).name}: expected a new file; nothing was recorded")
    with recorder_for(data) as recorder:
        recorder.append(signed)


def _two_people(data: Path, known: AccountsNow, by: str, with_: str) -> tuple[str, str]:
    if by == with_:
        fail("--by, --with: expected two different people; nothing was sealed")
    keys = ring_of(data).keys
    now_ms = now_us() // 1000
    for code, option, variable in (
        (by, "--by", "RELEVE_PASSWORD_BY"),
        (with_, "--with", "RELEVE_PASSWORD_WITH"),
    ):
        password = os.environ.get(variable)
        if password is None:
            if not sys.stdin.isatty():
                fail(f"{variable}: expected the password of {option}, for nobody can be asked here")
            password = str(typer.prompt(f"Password of {option}", hide_input=True, err=True))
        row = known.rows.get(code)
        sealed = b64decode(row["verifier_sealed"] or "") if row else b""
        right = verifier.check_with(password, sealed, code=code, keys=keys) is not None
        if row is None or not right or line_of(row, known, now_ms)["state"] != "active" or row["once"]:
            fail(
                f"{option}: expected an account in use and its password "
                "(a one-time password is changed first, on the island); nothing was sealed"
            )
    roles = {known.rows[by]["role"], known.rows[with_]["role"]}
    if not roles & {"it", "crisis"}:
        fail("--by, --with: expected one of the two in role it or crisis; nothing was sealed")
    return by, with_


def _free_codes(known: AccountsNow, number: int) -> list[str]:
    taken = [code.removeprefix("secours-") for code in known.rows if code.startswith("secours-")]
    start = max((int(one) for one in taken if one.isdigit()), default=0) + 1
    return [f"secours-{place:03d}" for place in range(start, start + number)]


def _end_of(day: str, hospital: HospitalMap) -> int:
    try:
        moment = datetime.strptime(day, "%Y-%m-%d").replace(
            hour=23, minute=59, second=59, tzinfo=ZoneInfo(hospital.zone)
        )
    except ValueError:
        fail("--until: expected a day as YYYY-MM-DD")
    until_ms = int(moment.timestamp() * 1000)
    if until_ms < now_us() // 1000:
        fail("--until: expected a day to come")
    return until_ms


def _map(data: Path) -> HospitalMap:
    try:
        return latest_map(data)
    except MapMissing as error:
        fail(str(error))


def _check_wards(wards: list[str], hospital: HospitalMap) -> None:
    known = {ward.code for ward in hospital.wards}
    if any(ward not in known for ward in wards):
        fail("--ward: expected codes of wards that are in the map")


def _word(signers: list[Signer]) -> str:
    return "signed" if signers else "claimed"
