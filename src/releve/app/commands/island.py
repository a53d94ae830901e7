"""`releve init`, `serve` and `demo`: an island made, alive, and shown."""

from __future__ import annotations

import ipaddress
import itertools
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from releve.app.commands.demo_catalogue import DEMO_SEED, begin_catalogue
from releve.app.commands.output import fail, say
from releve.app.lineage import dies_with_parent
from releve.app.locked.waiting import Keeper, close_after, open_or_wait
from releve.app.mark import is_exercise
from releve.app.settings import SettingsError, read_settings
from releve.app.supervisor import AddressTaken, AlreadyServed, Supervisor, free_port, parse_address
from releve.departments.prescribing.formulary import read_formulary, write_formulary
from releve.hospital.importing import department_files, read_directory
from releve.hospital.in_force import MapMissing, latest_map
from releve.hospital.map import HospitalMap
from releve.journal.errors import JournalError
from releve.journal.folder import own_log
from releve.journal.keys import is_wrapped
from releve.journal.power import MANAGERS_NEEDED
from releve.journal.reader import LogReader
from releve.web.database import prepare_runtime, runtime_is_prepared

if TYPE_CHECKING:
    from releve.journal.entry import Draft

__all__ = ["app", "demo", "init", "serve"]

app = typer.Typer(rich_markup_mode=None)

Data = Annotated[Path, typer.Option("--data", help="The island's data folder.", metavar="DIR")]
PASSPHRASE_CHARS_MIN = 10
EXIT_NOT_SET = 78  # a unit with nothing to do until a setting is made; EX_CONFIG, Source: sysexits.h


@app.command()
def init(
    data: Data,
    hospital: Annotated[
        str,
        typer.Option(
            "--hospital", help="A hospital folder, or `demo` for the demonstration.", metavar="DIR|demo"
        ),
    ] = "demo",
    origin: Annotated[str, typer.Option(help="Name of this island in the journal: a-z 0-9 -.")] = "a",
    name: Annotated[str, typer.Option(help="Name people read, as in “îlot A”.")] = "A",
    exercise: Annotated[
        bool, typer.Option(help="An exercise island: EXERCICE everywhere, for ever.")
    ] = False,
    managers: Annotated[
        Path | None,
        typer.Option(
            "--managers", help="Where the managers' cards are written, or lie already.", metavar="DIR"
        ),
    ] = None,
    cards: Annotated[
        int | None,
        typer.Option(min=2, max=9, metavar="N", help="How many managers' cards are made, by default three."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
) -> None:
    """Make an island: its journal, keys, map and settings; print the first administrator's one-time code.

    Makes three managers' cards; the signatures of two give power, and with a third one that is lost can be removed.
    Their passphrases are printed once, unless they are in RELEVE_CARD_1, RELEVE_CARD_2, RELEVE_CARD_3.

    Example: releve init --data /srv/releve --hospital /home/it/hospital
    """
    from releve.app.island import CARDS, DEMO_PASSWORD, IslandExists, cards_in, demo_accounts, make_island

    is_demo = hospital == "demo"
    number = cards or CARDS
    given = _passphrases(number)
    found = _read_hospital(hospital)
    formulary = _read_formulary(hospital)
    accounts = demo_accounts(found) if is_demo else []
    there = cards_in(managers)[:MANAGERS_NEEDED] if managers is not None else []
    chosen = given or ((DEMO_PASSWORD,) * number if is_demo else _passphrases_of(there))
    try:
        made = make_island(
            data,
            hospital=found,
            exercise=exercise or is_demo or found.exercise,
            origin=origin,
            name=name,
            accounts=accounts,
            managers=managers,
            passphrases=chosen,
            cards=number,
            formulary=formulary,
            more=_demo_machines() if is_demo else (),
        )
    except (IslandExists, JournalError) as error:
        fail(str(error))
    result = {
        "data": str(data),
        "hospital": found.name,
        "exercise": exercise or is_demo or found.exercise,
        "first_code": made.first_code,
        "cards": [str(card.path) for card in made.cards],
        "accounts": [account["code"] for account in accounts],
    }
    lines = [
        f"island {name} made in {data}: {found.name}",
        f"one-time code of the first administrator: {made.first_code}",
    ]
    for card in made.cards:
        told = (
            f"passphrase: {card.passphrase or 'as given'}" if not there else "used again, and named here too"
        )
        lines.append(f"manager's card {card.path}, {told}")
    if any(card.passphrase for card in made.cards):
        result["passphrases"] = [card.passphrase for card in made.cards]
    if managers is None:
        typer.echo(
            "releve: the managers' cards lie in DATA/keys/managers: give each to its manager, on a stick of hers, and "
            "erase them here; whoever holds two of them and their passphrases gives power in this hospital",
            err=True,
        )
    if is_demo:
        lines.append(f"demonstration accounts: {', '.join(result['accounts'])}; password: {DEMO_PASSWORD}")  # type: ignore[arg-type]
    say(result, json=json, text="\n".join(lines))


@app.command()
def serve(
    data: Data,
    http: Annotated[str, typer.Option(help="Where pages are served; port 0: any.", metavar="HOST:PORT")] = "",
    mllp: Annotated[
        str, typer.Option(help="Where messages are taken, several with commas.", metavar="HOST:PORT")
    ] = "",
    only: Annotated[
        str,
        typer.Option(
            help="Run these processes only, when each has a unit of its own: recorder, gateway, fold, web…",
            metavar="NAME,…",
        ),
    ] = "",
) -> None:
    """Run the island until SIGTERM; prints `ready http=HOST:PORT mllp=HOST:PORT` when it takes messages.

    An island whose keys are wrapped and that nothing opens by itself prints `locked http=HOST:PORT`, shows there what
    to do, takes no message, and starts once it is open; see `releve keys`.
    Speaks TLS with the island's own certificate everywhere but on loopback. With --only, the other processes must be
    run by other units on the same folder (deploy/systemd).
    Example: releve serve --data /srv/releve --http 0.0.0.0:443 --mllp 0.0.0.0:2575
    """
    names = tuple(name.strip() for name in only.split(",") if name.strip())
    where = _unlocked(data, http, shows=not names or "web" in names)
    if where is None:
        return
    supervisor = _supervisor(data, where, mllp, names)
    try:
        supervisor.run(lambda http, mllp: _announce(http, mllp, names), Keeper(data).look)
    except (AlreadyServed, AddressTaken) as error:
        fail(str(error))
    close_after(data)


@app.command()
def demo(
    data: Data = Path(".run/demo"),
    http: Annotated[
        str, typer.Option(help="Where pages are served.", metavar="HOST:PORT")
    ] = "127.0.0.1:8080",
    mllp: Annotated[
        str, typer.Option(help="Where messages are taken.", metavar="HOST:PORT")
    ] = "127.0.0.1:2575",
    seed: Annotated[int, typer.Option(help="Another seed is another hospital life.")] = DEMO_SEED,
    islands: Annotated[
        int, typer.Option(help="1, or 3: in DATA-islands, each on the port after the one before.")
    ] = 1,
) -> None:
    """Show a living hospital: an exercise island, and 700 beds of invented patients that speak to it.

    Example: releve demo --data .run/demo
    """
    from releve.app.island import DEMO_PASSWORD
    from releve.exercise.diary import LIFE

    if islands == 3:
        from releve.app.commands.demo_islands import show_islands

        show_islands(data.with_name(f"{data.name}-islands"), http, mllp, seed)
        return
    if islands != 1:
        fail("--islands: expected 1 or 3")
    fresh = not (data / "releve.toml").exists()
    if fresh:
        init(data=data, hospital="demo", origin="a", name="A", exercise=True, managers=None, json=False)
    supervisor = _supervisor(data, http, mllp)
    folder = data / "hospital"
    if not folder.exists():
        from releve.exercise.demo import write_demo

        write_demo(folder, seed=DEMO_SEED)
    feeders: list[subprocess.Popen[bytes]] = []

    def ready(where: str, senders: str) -> None:
        _announce(where, senders)
        scheme = "https" if supervisor.tls else "http"
        typer.echo(
            f"\nRelève shows {scheme}://{where}/  (EXERCICE: invented patients)\n"
            f"  accounts: infirmiere, medecin, pharmacien, admission, crise, informatique, auditeur\n"
            f"  password: {DEMO_PASSWORD}\n"
            "  Ctrl-C stops it; the next start goes on from here.\n"
        )
        if fresh:
            begin_catalogue(data)
        command = [
            sys.executable, "-m", "releve.app.cli", "exercise", "feed", "--to", senders.split(",")[0],
            "--hospital", str(folder), "--hours", "24", "--speed", "1", "--seed", str(seed),
            # Begun again without it, a second hospital would be admitted into the beds of the first.
            "--state", str(data / LIFE),
        ]  # fmt: skip
        feeders.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, preexec_fn=dies_with_parent()))

    try:
        supervisor.run(ready)
    except (AlreadyServed, AddressTaken) as error:
        fail(str(error))
    finally:
        for feeder in feeders:
            feeder.terminate()


def _passphrases(number: int) -> tuple[str, ...]:
    """Return those of the first cards, as the environment has them: none, or of two and more."""
    given = [os.environ.get(f"RELEVE_CARD_{place + 1}", "") for place in range(number)]
    first = tuple(itertools.takewhile(bool, given))
    if (
        len(first) < sum(map(bool, given))
        or len(first) == 1
        or any(len(one) < PASSPHRASE_CHARS_MIN for one in first)
    ):
        fail(
            f"RELEVE_CARD_1, RELEVE_CARD_2: expected both, of {PASSPHRASE_CHARS_MIN} signs or more (RELEVE_CARD_3 too)"
        )
    return first


def _passphrases_of(there: list[Path]) -> tuple[str, ...]:
    """Return what is typed for the cards of the first island; none where nobody can be asked."""
    if not sys.stdin.isatty():
        return ()
    return tuple(str(typer.prompt(f"Passphrase of {path.stem}", hide_input=True, err=True)) for path in there)


def _announce(http: str, mllp: str, only: tuple[str, ...] = ()) -> None:
    # What another unit serves is not said to be ready by this one.
    shown = [f"http={http}"] * (not only or "web" in only) + [f"mllp={mllp}"] * (
        not only or "gateway" in only
    )
    typer.echo(" ".join(["ready", *only, *shown]))
    sys.stdout.flush()


def _unlocked(data: Path, http: str, *, shows: bool) -> str | None:
    """Return where pages are served once the island's keys can be read, None when it was stopped before."""
    if not is_wrapped(data):
        return http
    try:
        settings = read_settings(data)
        where = parse_address(http or settings.web.listen)
        with LogReader(own_log(data).path) as reader:
            exercise = reader.opened().exercise
        hospital = latest_map(data)
    except (SettingsError, JournalError, MapMissing) as error:
        fail(str(error))
    except ValueError as error:
        fail(f"--http: {error}")
    if not where.port:
        where = where._replace(port=free_port(where.host))
    tls = not _is_loopback(where.host)
    environment = {
        "RELEVE_DATA": str(data.absolute()), "RELEVE_TLS": "1" if tls else "0",
        "RELEVE_EXERCISE": "1" if exercise else "0", "RELEVE_ISLAND": settings.island.name,
        "RELEVE_LANGUAGE": hospital.language, "RELEVE_HOSPITAL_NAME": hospital.name,
    }  # fmt: skip

    def announce() -> None:
        typer.echo(f"locked http={where}")
        sys.stdout.flush()

    try:
        is_open = open_or_wait(
            data.absolute(), http=where if shows else None, tls=tls, stick=settings.keys.stick,
            environment=environment, on_locked=announce,
        )  # fmt: skip
    except (AddressTaken, JournalError) as error:
        fail(str(error))
    return str(where) if is_open else None


def _supervisor(data: Path, http: str, mllp: str, only: tuple[str, ...] = ()) -> Supervisor:
    try:
        settings = read_settings(data)
        where = parse_address(http or settings.web.listen)
        senders = tuple(
            parse_address(text.strip()) for text in (mllp.split(",") if mllp else settings.mllp.listen)
        )
        islands = parse_address(settings.islands.listen) if settings.islands.listen else None
    except SettingsError as error:
        fail(str(error))
    except ValueError as error:
        fail(f"--http, --mllp, [islands] listen: {error}")
    if only == ("publisher",) and islands is None:
        fail("[islands] listen is not set in releve.toml: nothing to publish there", code=EXIT_NOT_SET)
    try:
        exercise = is_exercise(data)
        hospital = latest_map(data)
    except (JournalError, MapMissing) as error:
        fail(str(error))
    tls = not _is_loopback(where.host)
    if not is_wrapped(data) and (not only or "recorder" in only):
        typer.echo(
            "releve: the signing key is not wrapped yet: whoever reads DATA/keys can sign as this island (releve keys)",
            err=True,
        )
    environment = {
        "RELEVE_DATA": str(data.absolute()), "RELEVE_TLS": "1" if tls else "0",
        "RELEVE_EXERCISE": "1" if exercise else "0", "RELEVE_ISLAND": settings.island.name,
        "RELEVE_LANGUAGE": hospital.language, "RELEVE_ZONE": hospital.zone, "RELEVE_HOSPITAL_NAME": hospital.name,
        "RELEVE_LOCK_MINUTES": str(settings.web.lock_minutes),
        "RELEVE_OUTBOX_ALARM_MINUTES": str(settings.web.outbox_alarm_minutes),
        "RELEVE_FHIR_ALLOW": ",".join(settings.web.fhir_allow),
        "RELEVE_URLS": "releve.app.urls",  # with what other rooms open to machines: FHIR
        "DJANGO_SETTINGS_MODULE": "releve.web.settings",
    }  # fmt: skip
    os.environ.update(environment)
    # The others have no sessions to keep, and may not be let write there.
    if (not only or "web" in only) and not runtime_is_prepared(data):
        from releve.app.django_setup import prepare_django

        prepare_django(data)
        prepare_runtime()
    try:
        return Supervisor(
            data.absolute(), http=where, mllp=senders, tls=tls, environment=environment, islands=islands,
            only=only, retention=read_settings(data).retention,
        )  # fmt: skip
    except ValueError as error:
        fail(f"--only: {error}")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _read_formulary(hospital: str) -> bytes | None:
    """Return the body of the formulary's entry, None when the folder holds none."""
    if hospital == "demo":
        from releve.exercise.demo_formulary import formulary_files

        files = formulary_files()
    else:
        files = department_files(Path(hospital))
    formulary, problems = read_formulary(files)
    for problem in [one for one in problems if one.severity == "error"][:20]:
        typer.echo(problem.text("en"), err=True)
    if any(problem.severity == "error" for problem in problems):
        fail(f"{hospital}: expected a formulary without errors; see `releve hospital check {hospital}`")
    return write_formulary(formulary) if formulary is not None else None


def _demo_machines() -> list[Draft]:
    """Return the entries that list the machines of the demonstration hospital."""
    from itertools import count

    from releve.app.clock import now_us
    from releve.exercise.demo_fleet import demo_fleet
    from releve.restoration.fleet.facts import draft_of
    from releve.restoration.fleet.listing import listed

    numbers = count(1)
    facts = listed(
        demo_fleet(),
        known={},
        standing={},
        key=lambda: f"demo-{next(numbers)}",
        now_ms=now_us() // 1000,
        by="init",
    )
    return [msgspec.structs.replace(draft_of(fact), source="init") for fact in facts]


def _read_hospital(hospital: str) -> HospitalMap:
    if hospital == "demo":
        from releve.exercise.demo import demo_hospital

        return demo_hospital(seed=DEMO_SEED)
    try:
        reading = read_directory(Path(hospital))
    except OSError as error:
        fail(f"{hospital}: expected a hospital folder that can be read ({error.strerror})")
    if reading.map is None:
        for problem in reading.errors[:20]:
            typer.echo(problem.text("en"), err=True)
        fail(f"{hospital}: expected a hospital folder without errors; see `releve hospital check {hospital}`")
    return reading.map
