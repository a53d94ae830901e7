"""One process of an island: `python -m releve.app.worker gateway|fold|web|packs|audit|… --data DIR`.

Started by the supervisor, and by hand when one wants to look at a single process.
"""

import argparse
import os
import signal
import threading
from pathlib import Path

from releve.app.settings import read_settings
from releve.app.supervisor import parse_address
from releve.journal.logged import Stamped, form, say_on_stderr

__all__ = ["main"]

# The web server brings its own forms, without a moment.
_WEB_SERVER_SAYS = {"formatters": {key: {"()": Stamped, "fmt": form("web")} for key in ("generic", "access")}}


def main() -> None:
    """Run the process named on the command line until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "name",
        choices=[
            "gateway",
            "fold",
            "web",
            "packs",
            "planner",
            "audit",
            "publisher",
            "puller",
            "carrier",
            "locked",
        ],
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--listen", action="append", default=[], metavar="HOST:PORT")
    parser.add_argument("--tls", action="store_true")
    arguments = parser.parse_args()
    say_on_stderr(arguments.name)
    run = {
        "gateway": _gateway,
        "fold": _fold,
        "web": _web,
        "packs": _packs,
        "planner": _planner,
        "audit": _audit,
        "publisher": _publisher,
        "puller": _puller,
        "carrier": _carrier,
        "locked": _locked,
    }[arguments.name]
    run(arguments)


def _gateway(arguments: argparse.Namespace) -> None:
    from releve.app.certificate import certificate_paths
    from releve.gateway.process import run
    from releve.gateway.settings import GatewaySettings, Listen, TlsFiles

    settings = read_settings(arguments.data).mllp
    certificate, key = certificate_paths(arguments.data)
    authorities = Path(settings.client_authorities) if settings.client_authorities else None
    addresses = [parse_address(text) for text in arguments.listen or settings.listen]
    run(
        GatewaySettings(
            data=arguments.data,
            listen=tuple(
                Listen(host=address.host, port=address.port, tls=settings.tls) for address in addresses
            ),
            tls=TlsFiles(certificate=certificate, key=key, client_authorities=authorities)
            if settings.tls
            else None,
            allow=settings.allow,
            when_full="reject" if settings.when_full == "reject" else "close",
            frame_bytes_max=settings.frame_bytes_max,
        )
    )


def _fold(arguments: argparse.Namespace) -> None:
    from releve.app.django_setup import prepare_django

    stop = _stop_event()
    prepare_django(arguments.data)
    from releve.app.fold_process import run_fold

    run_fold(arguments.data, stop.is_set)


def _web(arguments: argparse.Namespace) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    from releve.app.certificate import certificate_paths

    address = parse_address(arguments.listen[0])
    settings = read_settings(arguments.data).web
    certificate, key = certificate_paths(arguments.data)
    Granian(
        "releve.app.serving:application",
        address=address.host,
        port=address.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        # Most of a write is waiting for its own entry to be folded: thirty a second are a handful at a time, and those
        # who only read must never stand behind them (measured: two threads a worker gave 15 s at thirty writes/s).
        blocking_threads=8,
        backpressure=256,
        log_access=False,
        log_dictconfig=_WEB_SERVER_SAYS,
        respawn_failed_workers=True,
        websockets=False,
        ssl_cert=certificate if arguments.tls else None,
        ssl_key=key if arguments.tls else None,
    ).serve()


def _locked(arguments: argparse.Namespace) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    from releve.app.certificate import certificate_paths

    os.environ["DJANGO_SETTINGS_MODULE"] = "releve.app.locked.settings"
    address = parse_address(arguments.listen[0])
    certificate, key = certificate_paths(arguments.data)
    Granian(
        "releve.app.serving:application",
        address=address.host,
        port=address.port,
        interface=Interfaces.WSGI,
        workers=1,  # it alone counts the wrong guesses
        blocking_threads=4,
        backpressure=32,
        log_access=False,
        log_dictconfig=_WEB_SERVER_SAYS,
        respawn_failed_workers=True,
        websockets=False,
        ssl_cert=certificate if arguments.tls else None,
        ssl_key=key if arguments.tls else None,
    ).serve()


def _packs(arguments: argparse.Namespace) -> None:
    from releve.app.django_setup import prepare_django

    stop = _stop_event()
    prepare_django(arguments.data)
    from releve.app.packs_process import run_packs
    from releve.app.structs import settle_structs

    settle_structs()
    run_packs(arguments.data, read_settings(arguments.data).packs, stop)


def _planner(arguments: argparse.Namespace) -> None:
    from releve.app.django_setup import prepare_django

    stop = _stop_event()
    prepare_django(arguments.data)
    from releve.app.planner_process import run_planner

    run_planner(arguments.data, stop)


def _audit(arguments: argparse.Namespace) -> None:
    from releve.app.audit_process import run_audit

    run_audit(arguments.data, keep_days=read_settings(arguments.data).audit.keep_days)


def _publisher(arguments: argparse.Namespace) -> None:
    from releve.app.lineage import dies_with_parent
    from releve.islands.exchange.publisher_process import run

    run(arguments.data, arguments.listen[0], dies_with_parent())


def _puller(arguments: argparse.Namespace) -> None:
    from releve.app.structs import settle_structs
    from releve.islands.exchange.puller_process import run_puller

    stop = _stop_event()
    settle_structs()
    run_puller(arguments.data, stop, poll_ms=read_settings(arguments.data).islands.poll_ms)


def _carrier(arguments: argparse.Namespace) -> None:
    from releve.islands.sticks.process import run_carrier

    os.nice(5)  # a stick can wait; who records cannot
    run_carrier(arguments.data, _stop_event(), folders=read_settings(arguments.data).islands.sticks)


def _stop_event() -> threading.Event:
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    return stop


if __name__ == "__main__":
    main()
