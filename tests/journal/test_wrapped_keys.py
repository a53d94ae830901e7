"""Reading and keeping a secret file: each way it can be refused says which file and what was expected."""

import os
from pathlib import Path

import pytest

from releve.journal import keys
from releve.journal.errors import FolderError
from releve.journal.keys import KeysLocked, hand_over, keep_secret, key_number, run_file, secret, wrap_file

KEY, OTHER = b"k" * 32, b"o" * 32


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a data folder that is wrapped with `KEY`, open."""
    monkeypatch.setenv("RELEVE_RUN", str(tmp_path / "run"))
    data = tmp_path / "data"
    (data / "keys").mkdir(parents=True)
    keep_secret(data, "bare.key", b"bare")
    keys.ring_path(data).write_text(f'{{"number": "{key_number(KEY)}"}}')
    hand_over(data, {key_number(KEY): KEY})
    keep_secret(data, "a.key", b"the secret")
    return data


def test_a_secret_is_never_made_twice(data: Path) -> None:
    """Two workers start together: the second must take the first one's key, not write its own over it."""
    with pytest.raises(FileExistsError):
        keep_secret(data, "a.key", b"another", replace=False)
    assert secret(data, "a.key") == b"the secret"
    assert not list((data / "keys").glob("*.part"))


def test_a_secret_is_kept_under_the_key_in_force_even_while_there_are_two(data: Path) -> None:
    """A new key that no means opens yet must wrap nothing: the power may fail before the ring is written."""
    hand_over(data, {key_number(OTHER): OTHER, key_number(KEY): KEY})
    keep_secret(data, "b.key", b"new")

    assert keys.wrapped_with((data / "keys" / "b.key").read_bytes()) == key_number(KEY)
    assert secret(data, "b.key") == b"new"
    hand_over(data, {key_number(OTHER): OTHER})
    with pytest.raises(KeysLocked):
        keep_secret(data, "c.key", b"x")
    with pytest.raises(KeysLocked):
        secret(data, "b.key")
    with pytest.raises(KeysLocked):
        wrap_file(data, "b.key", {key_number(OTHER): OTHER})
    assert wrap_file(data, "b.key", {key_number(OTHER): OTHER, key_number(KEY): KEY})
    assert secret(data, "b.key") == b"new"


def test_damage_is_named_with_its_file_and_without_its_content(data: Path) -> None:
    """Somebody reads it at night and has to know which file to bring back."""
    path = data / "keys" / "a.key"
    path.write_bytes(path.read_bytes()[:-9] + b"*not base64*\n")
    with pytest.raises(FolderError, match=r"^keys/a\.key: expected a wrapped key, it is damaged$"):
        secret(data, "a.key")
    with pytest.raises(FileNotFoundError):
        secret(data, "none.key")

    run_file(data).write_bytes(b"not hexadecimal\n")
    with pytest.raises(FolderError, match="64 hexadecimal figures"):
        keys.open_keys(data)


def test_a_folder_in_memory_that_is_open_to_others_is_not_used(data: Path, tmp_path: Path) -> None:
    """In /dev/shm anybody may make a folder of this name before the island does."""
    run_file(data).parent.chmod(0o755)
    with pytest.raises(FolderError, match="a folder of this user, mode 0700"):
        hand_over(data, {key_number(KEY): KEY})
    run_file(data).parent.chmod(0o700)
    run_file(data).unlink()
    run_file(data).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FolderError, match="a file of this user"):
        keys.open_keys(data)


def test_where_memory_is_found(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell of the island's user and its units must look at the same place, or one would find the other locked."""
    monkeypatch.delenv("RELEVE_RUN")
    units = tmp_path / "units"
    units.mkdir()
    monkeypatch.setattr(keys, "_UNITS", units)
    monkeypatch.setattr(keys, "_in_memory", lambda place: place == tmp_path)
    assert run_file(data).parent == units

    monkeypatch.setattr(keys, "_in_memory", lambda place: place == Path("/dev/shm"))
    assert run_file(data).parent == Path(f"/dev/shm/releve-{os.getuid()}")
