"""One unit for each process: what each may run, see and write."""

import fcntl
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from releve.app.commands.island import app
from releve.app.supervisor import AlreadyServed, Supervisor, parse_address

UNITS = Path(__file__).parents[2] / "deploy" / "systemd"
HIDDEN = "TemporaryFileSystem=/srv/releve/keys:ro"


def supervisor(data: Path, *only: str) -> Supervisor:
    """Return a supervisor that was not started."""
    return Supervisor(
        data,
        http=parse_address("127.0.0.1:0"),
        mllp=(parse_address("127.0.0.1:0"),),
        tls=False,
        environment={},
        only=only,
    )


def test_a_process_that_there_is_not_is_told_with_those_there_are(tmp_path: Path) -> None:
    """A unit with a spelling mistake must not look like one that runs."""
    with pytest.raises(ValueError, match="recorder, gateway, fold, web, packs, audit"):
        supervisor(tmp_path, "recoder")


@pytest.mark.parametrize(
    ("held", "only"), [("serve.lock", ("recorder",)), ("serve.recorder.lock", ("recorder",))]
)
def test_one_for_all_or_one_for_each_never_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: str, only: tuple[str, ...]
) -> None:
    """Two recorders' supervisors on one folder would fight over one log."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    (tmp_path / "runtime").mkdir()
    with (tmp_path / "runtime" / held).open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)

        with pytest.raises(AlreadyServed):
            supervisor(tmp_path, *only).run(lambda http, mllp: None)


def test_only_the_recorders_see_the_key_of_the_log() -> None:
    """Whoever takes the web or the puller must not be able to sign as the island."""
    seeing = {path.stem for path in UNITS.glob("releve-*.service") if HIDDEN not in path.read_text("utf-8")}

    assert seeing == {"releve-recorder", "releve-audit"}
    for path in UNITS.glob("releve-*.service"):
        bound = re.findall(r"^BindReadOnlyPaths=(.*)$", path.read_text("utf-8"), re.M)
        assert not any(re.search(r"keys(/?\s|/?$|/[a-z0-9-]+\.[0-9]+\.key)", line) for line in bound), (
            path.name
        )


def test_every_unit_is_one_that_systemd_takes_and_calls_safe(tmp_path: Path) -> None:
    """A line that systemd does not know is passed over in silence: the unit would run unprotected."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not here: the units were not checked")
    shutil.copytree(UNITS, tmp_path / "units")
    units = sorted((tmp_path / "units").glob("releve-*.service"))
    for unit in units:
        unit.write_text(unit.read_text("utf-8").replace("/opt/releve/.venv/bin/releve", "/bin/true"), "utf-8")
    environment = {"SYSTEMD_UNIT_PATH": f"{tmp_path / 'units'}:", "PATH": "/usr/bin:/bin"}

    told = subprocess.run(
        [analyze, "verify", "--man=no", *map(str, units)],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    assert (told.returncode, told.stderr.replace(str(tmp_path), "")) == (0, "")

    scored = subprocess.run(
        [analyze, "security", "--offline=true", "--threshold=20", *map(str, units)],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    assert scored.returncode == 0, scored.stdout[-400:]


def test_a_publisher_without_an_address_waits_for_one_and_is_not_started_in_vain(tmp_path: Path) -> None:
    """Started every two seconds for ever, its complaint would fill the machine's log, and hide every other."""
    (tmp_path / "releve.toml").write_text('[islands]\nlisten = ""\n', "utf-8")

    ended = CliRunner().invoke(app, ["serve", "--data", str(tmp_path), "--only", "publisher"])

    unit = (UNITS / "releve-publisher.service").read_text("utf-8")
    assert "[islands] listen" in ended.output
    for line in ("SuccessExitStatus", "RestartPreventExitStatus"):
        assert f"\n{line}={ended.exit_code}\n" in unit
