"""What changes an account that is there: another password or badge, an RPPS number, the managers' signatures."""

import getpass
import os
from pathlib import Path
from typing import Annotated

import typer

from releve.app.accounts_now import read_accounts
from releve.app.clock import now_us
from releve.app.commands.accounts import AsJson, Data, Passwords, Sheets, app, hand_over, line_of
from releve.app.commands.output import fail, say
from releve.app.commands.signing import SignWith, open_cards
from releve.app.recorder_process import recorder_for
from releve.app.staff_file import read_staff
from releve.codecs.identifiers.registers import check_rpps
from releve.hospital.in_force import MapMissing, latest_map
from releve.journal.errors import JournalError
from releve.journal.folder import own_log
from releve.web.accounts import draft as drafts
from releve.web.accounts import verifier
from releve.web.words import counted

__all__ = ["renew", "rpps", "sign"]


@app.command()
def renew(
    code: Annotated[str, typer.Argument(help="The account.")],
    data: Data,
    badge: Annotated[
        bool, typer.Option("--badge", help="Also another badge and PIN; the old badge opens nothing.")
    ] = False,
    passwords: Passwords = None,
    sheets: Sheets = None,
    as_json: AsJson = False,
) -> None:
    """Give somebody who lost hers another one-time password, and with --badge another badge.

    Example: releve accounts renew nkervella --badge --data /srv/releve
    """
    code = code.strip().lower()
    try:
        row = read_accounts(data).rows.get(code)
        if row is None:
            fail("code: expected one that has an account")
        if row["sealed_by"] not in (None, "[]"):
            fail(
                "code: expected an account of a person: an envelope is replaced by another one (releve accounts seal)"
            )
        hand_over(data, row, badge=badge, passwords=passwords, sheets=sheets, as_json=as_json)
    except (JournalError, verifier.KeyMissing) as error:
        fail(str(error))


@app.command()
def rpps(
    data: Data,
    code: Annotated[str, typer.Argument(help="The account; none with --from.")] = "",
    number: Annotated[str, typer.Argument(help="Its RPPS number; none takes it away.")] = "",
    staff: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="CSV", help="A staff list: the numbers of all accounts that it names with one."
        ),
    ] = None,
    sign_with: SignWith = None,
    as_json: AsJson = False,
) -> None:
    """Set or put right the RPPS number of an account that is there, or of all that a staff list names.

    Example: releve accounts rpps hvasseur 10003456780 --data /srv/releve
    """
    if bool(code) == (staff is not None):
        fail("expected an account, or --from with a staff list")
    try:
        rows = read_accounts(data).rows
        wanted = (
            _numbers_in(staff, data) if staff is not None else {code.strip().lower(): "".join(number.split())}
        )
        unknown = sorted(wanted.keys() - rows.keys())
        if unknown and staff is None:
            fail("code: expected one that has an account")
        changed = {
            one: said for one, said in wanted.items() if one in rows and (rows[one]["rpps"] or "") != said
        }
        doubtful = sorted(one for one, said in changed.items() if said and check_rpps(said))
        for one in doubtful:
            typer.echo(f"{one}: {check_rpps(changed[one])[0]}; accepted as it is", err=True)
        if changed:
            origin, author = own_log(data).origin, f"system:{getpass.getuser()}"
            signers = open_cards(sign_with)
            made = [
                drafts.signed(drafts.draft_rpps(code=one, rpps=said, author=author), signers, origin)
                for one, said in sorted(changed.items())
            ]
            with recorder_for(data) as recorder:
                recorder.append(made)
    except OSError as error:
        fail(f"{error.filename}: expected a file that can be read ({error.strerror})")
    except (JournalError, MapMissing) as error:
        fail(str(error))
    say(
        {"changed": sorted(changed), "doubtful": doubtful, "without_account": unknown},
        json=as_json,
        text=f"{len(changed)} RPPS numbers changed, {len(unknown)} of the list without an account",
    )


def _numbers_in(staff: Path, data: Path) -> dict[str, str]:
    """Return the RPPS numbers of a staff list by account; whoever has none there is left as she is."""
    language = (os.environ.get("LC_ALL") or os.environ.get("LANG") or "en")[:2]
    wards = frozenset(ward.code for ward in latest_map(data).wards)
    lines, problems = read_staff(staff.name, staff.read_bytes(), wards=wards, taken=())
    for problem in problems:
        typer.echo(problem.text(language), err=True)
    if not lines:
        fail("nothing was changed")
    return {line.code: line.rpps for line in lines if line.rpps}


@app.command()
def sign(
    data: Data,
    sign_with: SignWith = None,
    codes: Annotated[
        list[str] | None, typer.Argument(metavar="CODE…", help="Accounts; none: every claimed one.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Sign without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Have two managers sign accounts that are only claimed, as they stand: they are shown first.

    Example: releve accounts sign mollivier --sign-with card-1 --sign-with card-2 --data /srv/releve
    """
    try:
        known = read_accounts(data)
        wanted = {code.strip().lower() for code in codes or ()}
        if not wanted <= known.rows.keys():
            fail("code: expected codes that have an account")
        now_ms = now_us() // 1000
        origin = own_log(data).origin
        lines = [
            line_of(row, known, now_ms)
            for code, row in sorted(known.rows.items())
            # What another island claims is signed only when it is named: forged ones would stand in the list too.
            if code in wanted or (not wanted and row["origin"] == origin)
        ]
        lines = [line for line in lines if line["standing"] == "claimed" and line["state"] == "active"]
        for line in lines:
            # A manager signs what she reads here, not what somebody says of it.
            typer.echo(
                f"{line['code']:<24} {line['family']} {line['given']}, {line['role']}, {','.join(line['wards'])}",
                err=True,
            )
        if not lines:
            say(
                {"signed": 0, "codes": []},
                json=as_json,
                text="nothing to sign: no such account is only claimed",
            )
            return
        signers = open_cards(sign_with)
        if not signers:
            fail("--sign-with: expected two cards, of two managers; nothing was signed")
        if not yes and not typer.confirm(f"Sign {counted(len(lines), 'account')}?", err=True):
            fail("nothing was signed")
        author = f"system:{getpass.getuser()}"
        made = [
            drafts.signed(drafts.draft_restated(known.rows[line["code"]], author=author), signers, origin)
            for line in lines
        ]
        with recorder_for(data) as recorder:
            recorder.append(made)
    except JournalError as error:
        fail(str(error))
    signed = [line["code"] for line in lines]
    say(
        {"signed": len(signed), "codes": signed},
        json=as_json,
        text=f"{counted(len(signed), 'account')} signed",
    )
