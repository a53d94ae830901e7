"""A command of root's on an island whose processes have an account each."""

import os
import stat
from pathlib import Path

import pytest

from releve.app import shared_folder
from releve.app.shared_folder import leaving_it_to_its_accounts

GROUP = 64100
pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root gives files to other accounts")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a data folder as deploy/install leaves it, and a deploy/install that writes down how it was called."""
    made = tmp_path / "data"
    (made / "keys").mkdir(parents=True)
    os.chown(made, 64111, GROUP)
    made.chmod(0o2750)
    install = tmp_path / "install"
    install.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/called\n', "utf-8")
    install.chmod(0o755)
    monkeypatch.setattr(shared_folder, "INSTALL", install)
    return made


def test_what_root_writes_is_given_to_the_accounts_it_is_for(
    data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """`releve islands status` by root took the list of islands away from the puller: it was up to date no more."""
    environment: dict[str, str] = {}

    with leaving_it_to_its_accounts(["islands", "introduce", "--data", str(data)], environment):
        assert environment["RELEVE_SHARE"] == "group"
        (data / "keys" / "exchange.pem").write_text("a key")

    assert (tmp_path / "called").read_text() == f"--data {data} --without-units\n"
    assert "systemctl restart releve.target" in capfd.readouterr().err
    assert stat.S_IMODE((data / "keys" / "exchange.pem").stat().st_mode) & 0o007 == 0


@pytest.mark.parametrize("why", ["one account's own", "a unit's", "an island that runs", "another folder"])
def test_nothing_is_given_where_nothing_is_shared(data: Path, tmp_path: Path, why: str) -> None:
    """An island of one account stays as it is: its files are for nobody else."""
    arguments, environment = ["journal", "stats", f"--data={data}"], {}
    if why == "one account's own":
        data.chmod(0o700)
    elif why == "a unit's":
        environment = {"RELEVE_SHARE": "group"}
    elif why == "an island that runs":
        arguments[0] = "serve"
    else:
        arguments[-1] = f"--data={tmp_path / 'nothing'}"
    before = dict(environment)

    with leaving_it_to_its_accounts(arguments, environment):
        pass

    assert environment == before
    assert not (tmp_path / "called").exists()
