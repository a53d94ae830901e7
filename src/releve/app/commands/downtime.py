"""`releve downtime`: declare a cut, lift it, announce the switch, say what stands, write the account."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
import typer

from releve.app.commands.output import fail, progress, say
from releve.app.commands.signing import SignWith, open_cards
from releve.app.django_setup import prepare_django
from releve.hospital.status import EVERYWHERE, Place, State
from releve.journal.cards import sign_with as sign_with_cards
from releve.journal.folder import own_log
from releve.web.words import counted

if TYPE_CHECKING:
    from releve.crisis.facts import Reason
    from releve.crisis.rules import Who
    from releve.hospital.map import Directory

__all__ = ["app"]

app = typer.Typer(
    help="What is cut, what is restored, what was recorded meanwhile. The same checks as on screen.",
    no_args_is_help=True,
)
Data = Annotated[Path, typer.Option("--data", help="The island's data folder.", metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help="One line of JSON.")]
Applications = Annotated[
    list[str] | None,
    typer.Option("--application", help="Code of an application; again for more.", metavar="CODE"),
]
Wards = Annotated[
    list[str] | None, typer.Option("--ward", help="UF of a ward; again for more.", metavar="UF")
]
Buildings = Annotated[
    list[str] | None, typer.Option("--building", help="Code of a building; again for more.", metavar="CODE")
]
Since = Annotated[
    str,
    typer.Option(help="Day and hour, such as `2026-11-21 02:44` or `02:44`; empty: now.", metavar="MOMENT"),
]
By = Annotated[str, typer.Option("--by", help="Account of who declares; password asked, or RELEVE_PASSWORD.")]
Second = Annotated[
    str,
    typer.Option("--second", help="Account of the second person; password asked, or RELEVE_SECOND_PASSWORD."),
]
REASONS = ("attack", "breakdown", "planned", "exercise")


@app.command()
def declare(
    data: Data,
    application: Applications = None,
    ward: Wards = None,
    building: Buildings = None,
    since: Since = "",
    reason: Annotated[str, typer.Option(help="attack, breakdown, planned or exercise.")] = "attack",
    note: Annotated[str, typer.Option(help="What was seen, in one sentence; never a patient's name.")] = "",
    by: By = "",
    second: Second = "",
    sign_with: SignWith = None,
    alone: Annotated[
        bool, typer.Option("--alone", help="Nobody else is here: own wards only, unconfirmed.")
    ] = False,
    json: Json = False,
) -> None:
    """Declare applications cut, in the whole hospital unless wards or buildings are named.

    Example: releve downtime declare --data /srv/releve --application DPI --reason attack --by crise --second medecin
    """
    _act(
        data, "down", application, ward, building, since=since, reason=reason, note=note, by=by, second=second,
        alone=alone, json=json, sign_with=sign_with,
    )  # fmt: skip


@app.command()
def lift(
    data: Data,
    application: Applications = None,
    ward: Wards = None,
    building: Buildings = None,
    since: Since = "",
    switch: Annotated[
        str, typer.Option(help="From when the wards write there again; empty: at once.", metavar="MOMENT")
    ] = "",
    reason: Annotated[str, typer.Option(help="What it comes back from.")] = "attack",
    note: Annotated[str, typer.Option(help="For the log of the crisis.")] = "",
    by: By = "",
    second: Second = "",
    sign_with: SignWith = None,
    json: Json = False,
) -> None:
    """Lift a cut: `restored` when anything was recorded here under it, `live` otherwise. It takes two.

    Example: releve downtime lift --data /srv/releve --application DPI --by crise --second medecin
    """
    prepare_django(data)
    _bring_up(data)
    from releve.record.owing import acts_owed

    owed = acts_owed()
    codes = application or []
    status: State = "restored" if switch or any(owed.get(code) for code in codes) else "live"
    _act(
        data, status, application, ward, building, since=since, reason=reason, note=note, by=by, second=second,
        switch=switch, json=json, sign_with=sign_with,
    )  # fmt: skip


@app.command()
def switch(
    data: Data,
    at: Annotated[str, typer.Option(help="From when these wards write there again.", metavar="MOMENT")],
    application: Applications = None,
    ward: Wards = None,
    building: Buildings = None,
    reason: Annotated[str, typer.Option(help="What it comes back from.")] = "attack",
    note: Annotated[str, typer.Option(help="For the log of the crisis.")] = "",
    by: By = "",
    second: Second = "",
    sign_with: SignWith = None,
    json: Json = False,
) -> None:
    """Announce when wards write in a restored application again; until then they write where they write now.

    Example: releve downtime switch --data /srv/releve --application DPI --ward 2140 --at "08:00" --by crise
    """
    _act(
        data, "restored", application, ward, building, since="", reason=reason, note=note, by=by, second=second,
        switch=at, json=json, restored_only=True, sign_with=sign_with,
    )  # fmt: skip


@app.command()
def status(data: Data, json: Json = False) -> None:
    """Say which applications are cut or restored where, since when, and how many acts each is owed.

    Example: releve downtime status --data /srv/releve
    """
    prepare_django(data)
    behind = _bring_up(data)
    from releve.hospital.standing import statuses_now
    from releve.record.owing import acts_owed

    directory = _directory()
    statuses = statuses_now(directory, now_us=_now_us())
    owed = acts_owed()
    lines = []
    for code, known in directory.applications.items():
        # Cut at another hour in another ward, or to be taken up again at another, it is said apart.
        places: dict[tuple[State, int | None, int | None], list[str]] = {}
        firsts: dict[tuple[State, int | None, int | None], Any] = {}
        for ward_code in directory.wards:
            line = statuses.at(code, ward_code)
            if line.status != "live":
                group: tuple[State, int | None, int | None] = line.status, line.since_us, line.switch_us
                places.setdefault(group, []).append(ward_code)
                firsts.setdefault(group, line)
        for group, wards in places.items():
            first = firsts[group]
            lines.append(
                {
                    "application": code, "name": known.name, "status": first.status, "wards": wards,
                    "since_us": first.since_us, "switch_us": first.switch_us, "confirmed": first.confirmed,
                    "owed": owed.get(code, 0),
                }
            )  # fmt: skip
        if not places and owed.get(code):
            lines.append(
                {
                    "application": code, "name": known.name, "status": "live", "wards": [], "since_us": None,
                    "switch_us": None, "confirmed": True, "owed": owed[code],
                }
            )  # fmt: skip
    text = "\n".join(_standing(lines, ZoneInfo(directory.map.zone)))
    result = {"applications": lines, "owed": sum(owed.values()), "problems": [behind] if behind else []}
    say(result, json=json, text=text or "every application is in service, nothing is owed")


def _standing(lines: list[dict[str, Any]], zone: ZoneInfo) -> Iterator[str]:
    """Yield a line for each; what an application is owed is said once, in the first of its lines."""
    said: set[str] = set()
    for line in lines:
        code, since_us = line["application"], line["since_us"]
        words = f"{code}: {line['status']} in {counted(len(line['wards']), 'ward')}"
        if since_us is not None:
            words += f" since {datetime.fromtimestamp(since_us // 1_000_000, zone):%Y-%m-%d %H:%M}"
        yield words if code in said else f"{words}, owed {counted(line['owed'], 'act')}"
        said.add(code)


@app.command()
def account(
    data: Data,
    application: Annotated[
        str, typer.Option(help="Only what this application is owed; none: all.", metavar="CODE")
    ] = "",
    since: Annotated[str, typer.Option(help="Leave out what happened before.", metavar="MOMENT")] = "",
    out: Annotated[
        Path | None, typer.Option(help="Where to write; DATA/account when not given.", metavar="DIR")
    ] = None,
    language: Annotated[str, typer.Option(help="fr or en; the hospital's own when not given.")] = "",
    json: Json = False,
) -> None:
    """Write everything recorded here, by patient and in order, as PDF, CSV and FHIR Bundle, to be keyed by hand.

    Example: releve downtime account --data /srv/releve --application DPI --out /media/usb
    """
    prepare_django(data)
    behind = _bring_up(data)
    from releve.app.mark import is_exercise
    from releve.app.settings import read_settings
    from releve.handback.account import account_of
    from releve.handback.written import Heading, as_bundle, as_csv, as_pdf
    from releve.paper.typeset import TypesetError

    directory = _directory()
    if application and directory.application(application) is None:
        fail(
            f"--application: expected a code of the map, such as {next(iter(directory.applications), 'DPI')}"
        )
    heading = Heading(
        directory=directory,
        island=read_settings(data).island.name,
        exercise=is_exercise(data),
        language=language or directory.map.language,
        made_ms=_now_us() // 1000,
    )
    since_us = _moment(since, directory, "--since") if since else None
    found = account_of(data, application=application, since_ms=since_us // 1000 if since_us else None)
    folder = out or data / "account"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    problems = [behind] if behind else []
    files = []
    with progress() as steps:
        for done, (name, make) in enumerate((("csv", as_csv), ("json", as_bundle), ("pdf", as_pdf))):
            steps.show("account", done, 3)
            try:
                content = make(found, heading)
            except TypesetError as error:
                problems.append(str(error))
                continue
            path = folder / f"account{'-' + application.lower() if application else ''}.{name}"
            _write(path, content)
            files.append(str(path))
    result = {
        "acts": found.acts, "persons": len(found.persons), "applications": found.by_application,
        "kinds": found.by_kind, "late": found.late, "offline": found.offline, "unread": found.unread,
        "for_no_application": found.nobody, "files": files, "problems": problems,
    }  # fmt: skip
    text = "\n".join(
        [f"{counted(found.acts, 'act')} of {counted(len(found.persons), 'person')}", *files, *problems]
    )
    say(result, json=json, text=text)
    if problems or found.unread:
        raise typer.Exit(1)


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    # Patients' data: readable by this account alone, and whole or not at all.
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _act(
    data: Path,
    state: State,
    applications: list[str] | None,
    wards: list[str] | None,
    buildings: list[str] | None,
    *,
    since: str,
    reason: str,
    note: str,
    by: str,
    second: str,
    alone: bool = False,
    switch: str = "",
    json: bool,
    restored_only: bool = False,
    sign_with: list[Path] | None = None,
) -> None:
    prepare_django(data)
    if reason not in REASONS:
        fail(f"--reason: expected one of {', '.join(REASONS)}")
    behind = _bring_up(data)
    from django.utils.translation import override

    from releve.app.recorder_process import recorder_for
    from releve.crisis.facts import CutDeclared
    from releve.crisis.rules import declare as decide
    from releve.crisis.sentences import refusal_text
    from releve.hospital.standing import declarations, statuses_now
    from releve.journal.entry import Draft
    from releve.journal.errors import JournalError
    from releve.record.owing import acts_owed
    from releve.restoration.standing.withheld import withheld_now

    directory = _directory()
    who = _person(by, "--by", "RELEVE_PASSWORD")
    other = _person(second, "--second", "RELEVE_SECOND_PASSWORD") if second else None
    now_us = _now_us()
    if restored_only:
        statuses = statuses_now(directory, now_us=now_us)
        for code in applications or []:
            if not any(statuses.at(code, ward).status == "restored" for ward in directory.wards):
                fail(f"--application {code}: expected one that is restored; lift it first")
    places = [
        *(Place(kind="ward", code=code) for code in wards or []),
        *(Place(kind="building", code=code) for code in buildings or []),
    ] or [EVERYWHERE]
    said = decide(
        who=who, second=other, alone=alone, applications=applications or [], places=places, status=state,
        since_us=_moment(since, directory, "--since") if since else now_us, now_us=now_us, reason=_reason(reason),
        note=note, directory=directory, switch_us=_moment(switch, directory, "--switch") if switch else None,
        owing=acts_owed(), said=declarations(),
        withheld=withheld_now(
            status=state, applications=applications or [], said=declarations(),
            statuses=statuses_now(directory, now_us=now_us), directory=directory, now_ms=now_us // 1000,
        ),
    )  # fmt: skip
    if not isinstance(said, CutDeclared):
        with override("en"):  # like every other word of the command line
            fail("\n".join(f"{refusal.field or 'refused'}: {refusal_text(refusal.code)}" for refusal in said))
    draft = Draft(
        kind="crisis.declared.1",
        body=msgspec.msgpack.encode(said),
        source="command",
        author=who.account,
        occurred_at_us=said.since_us,
    )
    cards = open_cards(sign_with)
    if cards:
        body = sign_with_cards(draft.kind, draft.body, cards, own_log(data).origin)
        draft = msgspec.structs.replace(draft, body=body)
    try:
        with recorder_for(data) as recorder:
            (receipt,) = recorder.append([draft])
    except JournalError as error:
        fail(str(error))
    result = {
        "entry": receipt.place, "status": said.status,
        "applications": list(said.applications), "places": [msgspec.to_builtins(place) for place in said.places],
        "since_us": said.since_us, "switch_us": said.switch_us, "confirmed": bool(said.second),
        "standing": "signed" if cards else "claimed",
        "problems": [behind] if behind else [],
    }  # fmt: skip
    confirmed = "" if said.second else " (not confirmed yet)"
    say(
        result,
        json=json,
        text=f"{', '.join(said.applications)}: {said.status}{confirmed}, entry {result['entry']}",
    )


def _reason(text: str) -> Reason:
    found: Reason = text  # type: ignore[assignment]  # checked against REASONS before
    return found


def _person(code: str, option: str, variable: str) -> Who:
    from releve.crisis.second import who_is
    from releve.web.accounts import signin, verifier

    if not code:
        fail(f"{option}: expected the account of the person who declares")
    password = os.environ.get(variable) or typer.prompt(
        f"{option} {code}, password", hide_input=True, err=True
    )
    try:
        outcome = signin.sign_in(code, password, address="command")
    except verifier.KeyMissing as error:
        fail(str(error))
    if outcome.person is None:
        wait = f"; wait {outcome.wait_seconds} s" if outcome.wait_seconds else ""
        fail(f"{option}: identifier and password do not go together{wait}")
    return who_is(outcome.person)


def _directory() -> Directory:
    from releve.bedside.hospital_now import directory_now

    found = directory_now()
    if found is None:
        fail("no map of the hospital is known: expected `releve hospital import` before")
    return found


def _bring_up(data: Path) -> str:
    from releve.app.views_now import ViewsBehind, bring_views_up
    from releve.hospital.in_force import MapMissing
    from releve.journal.errors import JournalError

    try:
        with progress() as steps:
            bring_views_up(data, steps.show)
    except ViewsBehind as error:
        return str(error)
    except (MapMissing, JournalError) as error:
        fail(str(error))
    return ""


def _moment(text: str, directory: Directory, option: str) -> int:
    from zoneinfo import ZoneInfo

    from releve.web.typed import read_moment

    found = read_moment(text, ZoneInfo(directory.map.zone), now_ms=_now_us() // 1000)
    if found is None:
        fail(f"{option}: expected a day and an hour, such as `2026-11-21 02:44`")
    if found.ambiguous:
        fail(f"{option}: this hour happens twice: add A for the first time, B for the second")
    return found.at_us


def _now_us() -> int:
    return time.time_ns() // 1000
