"""`releve ca`: the island's own authority, made and trusted before the crisis."""

import datetime
import os
import socket
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from releve.app.authority import (
    PRIVATE_NETWORKS,
    YEARS,
    AuthorityError,
    authority_paths,
    grouped,
    issue_client,
    issue_server,
    issued,
    make_authority,
    outside,
    read_authority,
)
from releve.app.certificate import local_addresses
from releve.app.clock import now_us
from releve.app.commands.output import fail, say
from releve.app.settings import SettingsError, read_settings
from releve.hospital.in_force import MapMissing, latest_map
from releve.journal.cards import new_passphrase
from releve.journal.errors import JournalError

__all__ = ["app"]

app = typer.Typer(
    name="ca",
    help="The island's own authority: make it, issue certificates, show what to trust.",
    no_args_is_help=True,
)

Data = Annotated[
    Path,
    typer.Option("--data", metavar="DIR", help="The island's data folder.", exists=True, file_okay=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="The result as one line, last on standard output.")]
PASSPHRASE = "RELEVE_CA_PASSPHRASE"
PASSPHRASE_CHARS_MIN = 10


@app.command()
def init(
    data: Data,
    name: Annotated[
        list[str] | None,
        typer.Option(
            "--name", metavar="DOMAIN", help="A name it may speak for, with all below it; repeat it."
        ),
    ] = None,
    network: Annotated[
        list[str] | None,
        typer.Option("--network", metavar="CIDR", help="A network besides the private ones; repeat it."),
    ] = None,
    years: Annotated[int, typer.Option(help="How long it lives.", min=1, max=20)] = YEARS,
    as_json: AsJson = False,
) -> None:
    """Make the authority, bound to the hospital's own names and networks. Its passphrase is printed once.

    Example: releve ca init --name releve.chv.example --data /srv/releve
    """
    given = os.environ.get(PASSPHRASE)
    if given is not None and len(given) < PASSPHRASE_CHARS_MIN:
        fail(f"{PASSPHRASE}: expected {PASSPHRASE_CHARS_MIN} signs or more")
    passphrase = given or new_passphrase()
    try:
        settings = read_settings(data)
        names = [*(name or []), *_names_only(settings.web.names), "localhost", socket.gethostname()]
        certificate = make_authority(
            data, hospital=latest_map(data).name, island=settings.island.name, names=names,
            networks=(*PRIVATE_NETWORKS, *(network or ())), passphrase=passphrase, now=_now(), years=years,
        )  # fmt: skip
    except (AuthorityError, SettingsError, JournalError, MapMissing) as error:
        fail(str(error))
    result: dict[str, Any] = {
        "certificate": str(authority_paths(data)[0]),
        "fingerprint": grouped(certificate),
        "names": names,
        "until": certificate.not_valid_after_utc.isoformat(timespec="seconds"),
    }
    lines = [
        f"authority made, good until {certificate.not_valid_after_utc:%Y-%m-%d}",
        f"SHA-256 {grouped(certificate)}",
        "next: releve ca issue, then trust it on every machine (releve ca show, docs/how-to/trust-the-island.md)",
    ]
    if given is None:
        result["passphrase"] = passphrase
        lines.append(f"passphrase of its key, printed this once: {passphrase}")
    typer.echo(
        "releve: keys/ca/ca.pem is needed only to issue: keep it on a stick like the managers' cards; erase it here",
        err=True,
    )
    say(result, json=as_json, text="\n".join(lines))


@app.command()
def issue(
    data: Data,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME…", help="Names and addresses of this island besides those it knows itself."
        ),
    ] = None,
    client: Annotated[
        str,
        typer.Option(
            "--client", metavar="NAME", help="Instead: a certificate for a sender or another island."
        ),
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where a client's certificate and key are written."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Issue what `releve serve` speaks with, for names and addresses; or a client's certificate.

    The passphrase is asked, or taken from RELEVE_CA_PASSPHRASE. `serve` takes a new certificate at its next start.
    Example: releve ca issue releve.chv.example 10.4.0.20 --data /srv/releve
    """
    passphrase = os.environ.get(PASSPHRASE)
    if passphrase is None:
        if not sys.stdin.isatty():
            fail(f"{PASSPHRASE}: expected the authority's passphrase, for nobody can be asked here")
        passphrase = str(typer.prompt("Passphrase of the authority", hide_input=True, err=True))
    try:
        if client:
            if out is None or names:
                fail("--client: expected --out DIR, and no other name")
            paths = issue_client(data, out, name=client, passphrase=passphrase, now=_now())
            result: dict[str, Any] = {"client": client, "files": [str(path) for path in paths]}
            files = ", ".join(path.name for path in paths)
            text = f"{client}: {files} in {out}\nthe .pem is its secret: carry it by hand"
        else:
            authority = read_authority(data)
            own = [*read_settings(data).web.names, socket.gethostname(), "localhost", *local_addresses()]
            asked = [*(names or []), *own]
            # What the machine knows of itself may lie outside (a public address); what was asked for may not.
            left_out = outside(authority, list(dict.fromkeys(own)))
            kept = list(dict.fromkeys(one for one in asked if one not in left_out or one in (names or [])))
            certificate = issue_server(data, names=kept, passphrase=passphrase, now=_now())
            result = {
                "names": kept,
                "left_out": left_out,
                "fingerprint": grouped(certificate),
                "until": certificate.not_valid_after_utc.isoformat(timespec="seconds"),
            }
            text = (
                f"issued for {', '.join(kept)}, good until {certificate.not_valid_after_utc:%Y-%m-%d}\n"
                "start `releve serve` again: it speaks with this one from then on"
            )
            if left_out:
                text += f"\nleft out, for the authority may not speak for it: {', '.join(left_out)}"
    except (AuthorityError, SettingsError) as error:
        fail(str(error))
    say(result, json=as_json, text=text)


@app.command()
def show(data: Data, as_json: AsJson = False) -> None:
    """Show the authority, what it issued until when, and how each machine is told to trust it.

    Example: releve ca show --data /srv/releve
    """
    try:
        certificate = read_authority(data)
        given = issued(data)
    except AuthorityError as error:
        fail(str(error))
    now = _now()
    path = authority_paths(data)[0]
    result = {
        "certificate": str(path),
        "fingerprint": grouped(certificate),
        "from": certificate.not_valid_before_utc.isoformat(timespec="seconds"),
        "until": certificate.not_valid_after_utc.isoformat(timespec="seconds"),
        "key_here": authority_paths(data)[1].exists(),
        "issued": [
            {
                "serial": one.serial,
                "name": one.name,
                "use": one.use,
                "until": one.until.isoformat(timespec="seconds"),
                "days_left": (one.until - now).days,
                "fingerprint": one.fingerprint,
            }
            for one in given
        ],
    }
    lines = [
        f"authority  {path}, good until {certificate.not_valid_after_utc:%Y-%m-%d}",
        f"SHA-256    {grouped(certificate)}",
        "its key    "
        + ("lies here: carry it away" if result["key_here"] else "is not here, as it should be"),
        "",
        *(f"{one.use:<7} {one.name:<32} until {one.until:%Y-%m-%d}  {one.serial}" for one in given),
        "",
        *_TRUST,
    ]
    say(result, json=as_json, text="\n".join(lines))


_TRUST = (
    "Trust it on each machine (compare the fingerprint first), then open https://ISLAND/trust/ there:",
    "  Windows, one machine   certutil -addstore -f Root ca.crt      (as administrator)",
    "  Windows, all           group policy: Computer Configuration > Policies > Windows Settings > Security Settings",
    "                         > Public Key Policies > Trusted Root Certification Authorities > Import",
    "  Debian, Ubuntu         cp ca.crt /usr/local/share/ca-certificates/releve.crt && update-ca-certificates",
    "  Chromium on Linux      certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n Releve -i ca.crt      (libnss3-tools)",
    '  Firefox                policies.json: {"policies": {"Certificates": {"Install": ["/path/ca.crt"]}}}',
    "  Android, iOS           install the file as a CA certificate; on iOS also Settings > General > About > Trust",
)


def _names_only(names: tuple[str, ...]) -> list[str]:
    return [name for name in names if any(sign.isalpha() for sign in name) and ":" not in name]


def _now() -> datetime.datetime:
    return datetime.datetime.fromtimestamp(now_us() / 1e6, datetime.UTC)
