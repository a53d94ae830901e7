"""A command run as root on an island whose processes have an account each: it leaves nothing that they cannot open.

`deploy/install` gave each file to whom it belongs. Root's command would write for itself alone: a `releve islands
status` was enough to take the list of islands away from the puller. Looked at before anything of the journal is
imported, which reads `RELEVE_SHARE` (see `releve.journal.modes`).
"""

import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["leaving_it_to_its_accounts", "shared_folder"]

INSTALL = Path(__file__).parents[3] / "deploy" / "install"
RUN = Path("/run/releve")  # deploy/systemd/releve.tmpfiles makes it; the units name it
_STAYING = ("serve", "demo")  # they end with the island


def shared_folder(arguments: Sequence[str], environment: Mapping[str, str]) -> Path | None:
    """Return the data folder a command line names, None where no other accounts share it or nothing has to be given."""
    if os.geteuid() != 0 or environment.get("RELEVE_SHARE") or not arguments or arguments[0] in _STAYING:
        return None
    for place, argument in enumerate(arguments):
        name, _, value = argument.partition("=")
        if name == "--data":
            data = Path(value or next(iter(arguments[place + 1 :]), "."))
            try:
                found = data.stat()
            except OSError:
                return None
            # deploy/install makes it 2750, of a group that is not root's; one account's own is 0700.
            return data if found.st_gid and found.st_mode & stat.S_ISGID and found.st_mode & 0o050 else None
    return None


@contextmanager
def leaving_it_to_its_accounts(
    arguments: Sequence[str], environment: MutableMapping[str, str]
) -> Iterator[None]:
    """Run a command as one of the accounts would write, then give what it wrote to whom it belongs."""
    data = shared_folder(arguments, environment)
    if data is None:
        yield
        return
    environment["RELEVE_SHARE"] = "group"
    if RUN.is_dir():
        environment.setdefault("RELEVE_RUN", str(RUN))
    umask = os.umask(0o027)
    before = _keys(data)
    try:
        yield
    finally:
        os.umask(umask)
        given = subprocess.run(
            [INSTALL, "--data", data, "--without-units"], stdout=subprocess.DEVNULL, check=False
        )
        if given.returncode:
            print(f"releve: {INSTALL} did not succeed: run it, or processes may not start", file=sys.stderr)
        if _keys(data) != before:
            # Each unit sees the keys that were there when it started, and no others.
            print("releve: keys were made: systemctl restart releve.target", file=sys.stderr)


def _keys(data: Path) -> set[tuple[str, int]]:
    """Return the keys that units are shown one by one; those of logs the recorder makes itself, at any moment."""
    found = set()
    for path in (data / "keys").rglob("*"):
        if not re.search(r"\.\d+\.key$|\.part$", path.name):
            with suppress(FileNotFoundError):
                found.add((str(path), path.stat().st_ino))
    return found
