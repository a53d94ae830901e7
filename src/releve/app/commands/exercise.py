"""`releve exercise`: a simulated hospital speaks to an island, and staged nights prove what the island keeps."""

import asyncio
import signal
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from releve.app.clock import now_us
from releve.app.commands.output import fail, progress, say
from releve.exercise.demo import demo_hospital
from releve.exercise.diary import Diary, read_diary, write_diary
from releve.exercise.engine import Engine, wards_of_islands
from releve.exercise.feed import Counts, Feeder, Pace, parse_target, start_for
from releve.exercise.hospital_life import HospitalLife
from releve.exercise.night import Night, NightFailed, Staging
from releve.exercise.taken_night import TakenNight
from releve.exercise.world import Emission
from releve.hospital.importing import read_directory
from releve.hospital.map import HospitalMap
from releve.web.words import counted

__all__ = ["app"]

app = typer.Typer(name="exercise", help="A simulated hospital, and staged attacks.", no_args_is_help=True)
run = typer.Typer(name="run", help="Stage an attack from beginning to end, and check.", no_args_is_help=True)
app.add_typer(run)

AsJson = Annotated[bool, typer.Option("--json", help="The result as one line, last on standard output.")]
Seed = Annotated[int, typer.Option("--seed", help="Another seed is another hospital life.")]


@app.command()
def feed(
    to: Annotated[str, typer.Option("--to", metavar="HOST:PORT", help="Where the island takes messages.")],
    hospital: Annotated[
        str,
        typer.Option(
            "--hospital", metavar="DIR|demo", help="The hospital folder; its feeds are what speaks."
        ),
    ] = "demo",
    hours: Annotated[float, typer.Option("--hours", help="Hours of simulated life.")] = 24.0,
    speed: Annotated[
        float,
        typer.Option("--speed", help="Simulated seconds a second; 1 is real time, 0 as fast as it goes."),
    ] = 1.0,
    seed: Seed = 1,
    rate: Annotated[float, typer.Option("--rate", help="Messages a second, instead of --speed.")] = 0.0,
    occupancy: Annotated[float, typer.Option("--occupancy", help="Share of the beds taken.")] = 0.93,
    state: Annotated[
        Path | None,
        typer.Option("--state", metavar="FILE", help="Remember where life stopped; the next run goes on."),
    ] = None,
    part: Annotated[
        str,
        typer.Option(
            "--part", metavar="N/M", help="Only what island N of M is told, by its wards; empty: all."
        ),
    ] = "",
    tls: Annotated[bool, typer.Option("--tls", help="Speak TLS.")] = False,
    ca: Annotated[
        Path | None, typer.Option("--ca", metavar="FILE", help="The island's certificate (PEM).")
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", metavar="FILE", help="Our own certificate and key (PEM).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Let a simulated hospital live, and send what its applications say over MLLP, one connection a feed.

    The past of those already in bed goes first, as fast as the island takes it. Simulated time never overtakes the
    clock. Example: releve exercise feed --to 127.0.0.1:2575 --hospital demo --hours 24 --speed 60 --seed 7
    """
    if hours <= 0 or speed < 0 or rate < 0 or not 0 < occupancy <= 1:
        fail("--hours, --speed, --rate, --occupancy: expected positive figures, occupancy at most 1")
    try:
        where = parse_target(to)
        context = _tls(ca, certificate) if tls else None
    except (ValueError, OSError, ssl.SSLError) as error:
        fail(str(error))
    found = _hospital(hospital)
    now = now_us()
    diary = read_diary(state) if state else None
    if diary is None or (diary.seed, diary.speed, diary.hospital) != (seed, speed, found.name):
        start = start_for(now, hours=hours, speed=0 if rate else speed)
        diary = Diary(start_us=start, seed=seed, speed=speed, hospital=found.name, began_us=now, settled={})
    lived = max(0.0, (now - diary.began_us) / 1_000_000)
    life = HospitalLife(found, seed=seed, start=_moment(diary.start_us), occupancy=occupancy)
    more = hours + (lived * (speed or 0.0) / 3600 if diary.settled else 0.0)
    pace = Pace(start_us=diary.start_us, speed=speed, rate=rate, lived_seconds=0.0 if rate else lived)
    feeder = Feeder(_part(found, part, life.run(more)), where, pace, tls=context, skip=diary.settled)
    counts = asyncio.run(_feed(feeder, diary, state, quiet=as_json))
    if feeder.distrust is not None:
        fail(
            "--ca: expected the certificate that the island serves with"
            if isinstance(feeder.distrust, ssl.SSLCertVerificationError)
            else "--certificate: expected TLS on both sides, and a certificate signed by whom the island trusts"
        )
    text = (
        f"{counted(counts.sent, 'message')} sent, {counts.acknowledged:,} acknowledged, {counts.refused:,} refused, "
        f"{counts.repeated:,} sent again"
    )
    say({**counts.as_dict(), "seed": seed}, json=as_json, text=text)
    if counts.refused or counts.acknowledged != counts.sent:
        raise typer.Exit(1)


async def _feed(feeder: Feeder, diary: Diary, state: Path | None, *, quiet: bool) -> Counts:
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, feeder.stop)
    before = dict(diary.settled)

    def remember() -> None:
        if state is not None:
            settled = feeder.counts.settled
            diary.settled = {code: before.get(code, 0) + settled[code] for code in {*before, *settled}}
            write_diary(state, diary)

    async def report() -> None:
        seconds = 0
        while True:
            await asyncio.sleep(2)
            remember()
            seconds += 2
            if not quiet and sys.stderr.isatty():
                counts = feeder.counts
                print(f"\r{counts.acknowledged:,} acknowledged", end="", file=sys.stderr, flush=True)
            elif not quiet and seconds % 60 == 2:
                print(f"{feeder.counts.acknowledged:,} acknowledged", file=sys.stderr, flush=True)

    reporting = asyncio.create_task(report())
    try:
        counts = await feeder.run()
    finally:
        reporting.cancel()
        remember()
        if not quiet and sys.stderr.isatty():
            print(file=sys.stderr)
    return counts


def _part(hospital: HospitalMap, part: str, emissions: Iterator[Emission]) -> Iterator[Emission]:
    """Return the messages that one of several islands is told, as `releve demo --islands` shares them out."""
    if not part:
        return emissions
    number, _, many = part.partition("/")
    if not (
        number.isdecimal() and many.isdecimal() and 1 <= int(number) <= int(many) <= len(hospital.buildings)
    ):
        fail("--part: expected N/M, such as 2/3, and no more islands than buildings")
    engine = Engine(wards_of_islands(hospital, [str(one) for one in range(1, int(many) + 1)]))
    return (emission for emission in emissions if engine.island_for(emission) == number)


def _tls(ca: Path | None, certificate: Path | None) -> ssl.SSLContext:
    if ca is None:
        # Nobody vouches for the island: say which certificate is hers, or do not speak TLS.
        raise ValueError("--tls: expected --ca, the island's certificate")
    context = ssl.create_default_context(cafile=str(ca))
    if certificate is not None:
        context.load_cert_chain(str(certificate))
    return context


def _moment(at_us: int) -> Any:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at_us / 1_000_000, UTC)


def _hospital(text: str) -> HospitalMap:
    if text == "demo":
        return demo_hospital()
    try:
        reading = read_directory(Path(text))
    except OSError as error:
        fail(f"{text}: expected a hospital folder that can be read ({error.strerror})")
    if reading.map is None:
        for problem in reading.errors[:20]:
            typer.echo(problem.text("en"), err=True)
        fail(f"{text}: expected a hospital folder without errors; see `releve hospital check`")
    return reading.map


@run.command()
def night(
    data: Annotated[
        Path, typer.Option("--data", metavar="DIR", help="Where the island is made: a new folder.")
    ],
    hours: Annotated[float, typer.Option("--hours", help="Hours of life before the cut.")] = 24.0,
    patients: Annotated[
        int, typer.Option("--patients", help="About how many in bed; 0 for the whole hospital.")
    ] = 0,
    wards: Annotated[
        int, typer.Option("--wards", help="In how many wards they lie, whose packs are read; 0: in all.")
    ] = 0,
    seed: Seed = 1,
    staff: Annotated[
        int,
        typer.Option("--staff", help="Patients that each nurse and physician sees in six hours; 0: nobody."),
    ] = 3,
    staff_wards: Annotated[
        int,
        typer.Option(
            "--staff-wards", help="In how many wards of an island they work; 0: in all, or --wards."
        ),
    ] = 0,
    islands: Annotated[
        int, typer.Option("--islands", help="1, or 3: then one of them is taken by the attacker at 02:00.")
    ] = 1,
    as_json: AsJson = False,
) -> None:
    """Set up an island, feed it a day, cut it while messages are in flight, print the packs, let staff work by hand.

    Succeeds only if nothing acknowledged was lost or altered, the views and packs say what is true, and every act
    that the island confirmed stands in the account of the downtime. With three islands, one is taken and made anew:
    nothing of the others may be lost, nothing forged may count, and what was on the lost one alone is named.
    Example: releve exercise run night --islands 3 --data /tmp/night --json
    """
    from releve.app.island import DEMO_PASSWORD

    if islands not in (1, 3):
        fail("--islands: expected 1 or 3")
    kind = TakenNight if islands == 3 else Night
    staging = Staging(
        hours=hours, patients=patients, wards=wards, seed=seed, command=(sys.executable, "-m", "releve.app.cli"),
        staff_patients=staff, staff_wards=staff_wards, password=DEMO_PASSWORD,
    )  # fmt: skip
    staged = kind(data, staging)
    # Whoever ends it by SIGTERM ends the islands with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with progress() as steps:
            result = staged.run(now_us(), steps.show)
    except NightFailed as error:
        fail(str(error))
    for problem in result.problems[:20]:
        typer.echo(f"releve: {problem}", err=True)
    say(result.as_dict(), json=as_json, text=result.text())
    if not result.succeeded:
        raise typer.Exit(1)
