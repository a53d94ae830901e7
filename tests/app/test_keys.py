"""The island key: what it wraps, what opens it, and that no cut in the middle ever loses a secret."""

import errno
import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from releve.app.keys import island_key
from releve.app.keys.cards import open_cards
from releve.app.keys.island_key import (
    Ways,
    add_means,
    bare_names,
    init_keys,
    open_by_itself,
    opened,
    remove_means,
    rotate_keys,
)
from releve.app.keys.passphrase import open_passphrase
from releve.app.keys.ring import Cards, kind_of, read_ring
from releve.app.locked import waiting
from releve.journal import folder, keys
from releve.journal.errors import FolderError
from releve.journal.keys import KeysLocked, keep_secret, run_file, secret, secret_names, secret_path, withdraw
from releve.journal.verify import verify_log
from releve.web.accounts import verifier
from releve.web.database import read_or_make_key

PHRASE = "agrafe cheval pile correct"
OTHER = "lampe tortue neige velours"
NOW = 1_800_000_000_000_000
CHEAP = 64  # KiB: what it costs is not tested here


class Paper:
    """Keeps the words of the cards, as envelopes would."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def __call__(self, cards: Cards, words: Sequence[str], origin: str) -> None:
        """Keep them."""
        self.words = list(words)


@pytest.fixture(autouse=True)
def _memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELEVE_RUN", str(tmp_path / "run"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return an island with every kind of secret, bare."""
    data = tmp_path / "data"
    folder.create_island(data, "a", False, "CH de Valombre", NOW)
    folder.begin_audit(data, NOW)
    verifier.make_key(data)
    read_or_make_key(data / "keys" / "web.key")
    (data / "keys" / "later").mkdir()
    (data / "keys" / "later" / "of-tomorrow.key").write_bytes(b"not thought of yet")
    (data / "keys" / "web.crt").write_text("public")
    return data


def contents(data: Path) -> dict[str, bytes]:
    """Return what every secret holds, opened."""
    return {name: secret(data, name) for name in secret_names(data)}


def by_phrase(data: Path, typed: str = PHRASE) -> bytes | None:
    """Return the island key that this passphrase opens."""
    ring = read_ring(data)
    assert ring is not None
    return open_passphrase(ring, typed)


def ways(*kinds: str, typed: str = PHRASE, stick: Path | None = None) -> Ways:
    """Return the means to make, cheap ones."""
    return Ways(kinds, typed, CHEAP, stick)


def test_every_file_of_the_keys_folder_is_wrapped_and_read_as_before(data: Path) -> None:
    """A copied disk must tell nothing; a key that a later version adds is covered without anybody thinking of it."""
    before = contents(data)
    raw = {name: (data / "keys" / name).read_bytes() for name in before}

    init_keys(data, ways("passphrase"), Paper(), NOW)

    assert set(before) == {"a.1.key", "a-audit.1.key", "accounts.key", "web.key", "later/of-tomorrow.key"}
    assert contents(data) == before
    for name, content in raw.items():
        wrapped = (data / "keys" / name).read_bytes()
        assert content not in wrapped
        assert wrapped.startswith(b"RELEVE-WRAPPED 1\n")
        assert stat.S_IMODE((data / "keys" / name).stat().st_mode) == 0o600
    assert folder.read_key(data, folder.own_log(data)).hospital == "CH de Valombre"
    assert verifier.key_of(data) == before["accounts.key"]
    assert read_or_make_key(data / "keys" / "web.key") == before["web.key"].decode()
    assert (data / "keys" / "web.crt").read_text() == "public"


def test_a_locked_island_gives_no_key_and_can_still_be_verified(data: Path) -> None:
    """Whoever carries the disk away holds signed entries, and nothing to sign others with."""
    init_keys(data, ways("passphrase"), Paper(), NOW)
    assert not any(run_file(data).parent.is_relative_to(place) for place in (data, data.resolve()))

    withdraw(data)

    for read in (
        lambda: folder.read_key(data, folder.own_log(data)),
        lambda: verifier.key_of(data),
        lambda: read_or_make_key(data / "keys" / "web.key"),
        lambda: keep_secret(data, "new.key", b"x"),
        lambda: rotate_keys(data, ways("passphrase"), Paper(), NOW),
    ):
        with pytest.raises(KeysLocked, match="releve keys unlock"):
            read()
    assert not (data / "keys" / "new.key").exists()
    assert list(verify_log(data, folder.own_log(data))) == []

    key = by_phrase(data)
    assert key is not None
    assert by_phrase(data, "something else") is None
    opened(data, key)
    assert verifier.key_of(data)


def test_a_wrapped_file_under_another_name_or_with_another_bit_is_refused(data: Path) -> None:
    """A thief who may write, but not read, must not give the audit the key of the log."""
    init_keys(data, ways("passphrase"), Paper(), NOW)
    path = data / "keys" / "accounts.key"
    (data / "keys" / "web.key").write_bytes(path.read_bytes())
    with pytest.raises(FolderError, match=r"keys/web\.key: expected a key wrapped for this name"):
        secret(data, "web.key")

    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    with pytest.raises(FolderError, match=r"keys/accounts\.key"):
        secret(data, "accounts.key")


def test_a_key_made_later_is_wrapped_at_once_and_a_bare_one_when_the_island_is_opened(data: Path) -> None:
    """A new epoch opens at night: its key must not lie bare until somebody thinks of it."""
    init_keys(data, ways("passphrase"), Paper(), NOW)
    log = folder.start_epoch(data, "test", NOW + 1)
    (data / "keys" / "dropped-in.key").write_bytes(b"bare")
    left = data / "keys" / "a.1.key.0badcafe.part"
    left.write_bytes(b"bare, of a write that a power cut interrupted")
    os.utime(left, (1, 1))

    assert bare_names(data) == ["dropped-in.key"]
    assert folder.read_key(data, log).signer

    key = by_phrase(data)
    assert key is not None
    opened(data, key)
    assert bare_names(data) == []
    assert secret(data, "dropped-in.key") == b"bare"
    assert not left.exists()


def test_another_program_reads_a_wrapped_key_from_memory_only(data: Path) -> None:
    """Caddy and OpenSSL take a path: it must not be one on the disk."""
    assert secret_path(data, "web.key") == data / "keys" / "web.key"
    init_keys(data, ways("passphrase"), Paper(), NOW)

    path = secret_path(data, "web.key")

    assert path.read_bytes() == secret(data, "web.key")
    assert path.is_relative_to(run_file(data).parent)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    withdraw(data)
    assert not path.exists()


def test_what_lies_in_memory_is_trusted_only_as_ones_own(data: Path) -> None:
    """Another user of the machine must neither read the island key nor plant one."""
    init_keys(data, ways("passphrase"), Paper(), NOW)
    assert stat.S_IMODE(run_file(data).stat().st_mode) == 0o600
    assert stat.S_IMODE(run_file(data).parent.stat().st_mode) == 0o700

    run_file(data).chmod(0o644)
    with pytest.raises(FolderError, match="mode 0600"):
        secret(data, "web.key")


def test_a_key_that_somebody_clears_from_memory_is_put_back_while_the_island_runs(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the logout of an administrator systemd may clear /dev/shm: sign-in must not stop with it."""
    monkeypatch.setattr(waiting, "KEEP_SECONDS", 0.0)
    init_keys(data, ways("passphrase"), Paper(), NOW)
    keeper = waiting.Keeper(data)
    rotate_keys(data, ways("passphrase"), Paper(), NOW)
    keeper.look()
    before = contents(data)

    run_file(data).unlink()
    keeper.look()

    assert contents(data) == before
    waiting.close_after(data)
    assert not run_file(data).exists()


def test_a_process_that_may_only_read_the_keys_works_with_them(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hardened unit sees a part of the keys, read only; it must neither fail nor say that all is done."""
    init_keys(data, ways("passphrase"), Paper(), NOW)
    (data / "keys" / "later.key").write_bytes(b"bare")
    key = by_phrase(data)
    assert key is not None
    withdraw(data)

    def read_only(*arguments: object) -> bool:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(island_key, "wrap_file", read_only)
    opened(data, key)

    assert verifier.key_of(data)
    assert bare_names(data) == ["later.key"]


def test_without_a_setting_the_key_lies_on_a_tmpfs(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is the promise; a folder that only looks like it would break it in silence."""
    monkeypatch.delenv("RELEVE_RUN")
    mounts = [line.split(" ")[1:3] for line in Path("/proc/self/mounts").read_text().splitlines()]

    place = run_file(data).parent.parent

    assert [str(place), "tmpfs"] in mounts
    monkeypatch.setattr(keys, "_in_memory", lambda place: False)
    with pytest.raises(FolderError, match="RELEVE_RUN"):
        run_file(data)


def killed_at(step: int, work: Callable[[], object]) -> bool:
    """Do `work` in a process that ends without a word at its n-th write; tell whether it came to its end."""
    child = os.fork()
    if child == 0:
        count = 0

        def counted(real: Callable[..., object]) -> Callable[..., object]:
            def call(*arguments: object, **more: object) -> object:
                nonlocal count
                count += 1
                if count == step:
                    os._exit(9)
                return real(*arguments, **more)

            return call

        os.fsync = counted(os.fsync)  # type: ignore[assignment]
        os.open = counted(os.open)  # type: ignore[assignment]
        os.rename = counted(os.rename)  # type: ignore[assignment]
        os.replace = counted(os.replace)  # type: ignore[assignment]
        os.unlink = counted(os.unlink)  # type: ignore[assignment]
        try:
            work()
        except BaseException:
            os._exit(3)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, 9), code
    return code == 0


def test_a_kill_between_any_two_steps_of_init_loses_nothing(data: Path) -> None:
    """The power fails while the keys are moved: what is bare is read, what is wrapped opens, all is finished."""
    before = contents(data)
    names = {
        path.relative_to(data): path.read_bytes() for path in (data / "keys").rglob("*") if path.is_file()
    }
    step, finished = 0, False
    while not finished:
        step += 1
        withdraw(data)
        for path in [*(data / "keys").rglob("*")]:
            if path.is_file():
                path.unlink()
        for name, content in names.items():
            (data / name).write_bytes(content)
            (data / name).chmod(0o600)
        finished = killed_at(step, lambda: init_keys(data, ways("passphrase"), Paper(), NOW))

        # The machine restarts: nothing of its memory is left.
        withdraw(data)
        if read_ring(data) is None:
            assert contents(data) == before, step
            continue
        key = by_phrase(data)
        assert key is not None, step
        opened(data, key)
        assert contents(data) == before, step
        assert bare_names(data) == [], step
    assert step > 20


def test_a_kill_between_any_two_steps_of_a_rotation_loses_nothing(data: Path) -> None:
    """Half of the files are under the new key, half under the old: both must open, by the one means or the other."""
    before = contents(data)
    init_keys(data, ways("passphrase"), Paper(), NOW)
    old = read_ring(data)
    assert old is not None
    names = {
        path.relative_to(data): path.read_bytes() for path in (data / "keys").rglob("*") if path.is_file()
    }
    step, finished, both = 0, False, 0
    while not finished:
        step += 1
        for path in [*(data / "keys").rglob("*")]:
            if path.is_file():
                path.unlink()
        for name, content in names.items():
            (data / name).write_bytes(content)
            (data / name).chmod(0o600)
        key = by_phrase(data)
        assert key is not None
        opened(data, key)
        finished = killed_at(step, lambda: rotate_keys(data, ways("passphrase", typed=OTHER), Paper(), NOW))

        withdraw(data)
        ring = read_ring(data)
        assert ring is not None
        both += bool(ring.earlier)
        key = by_phrase(data, PHRASE if ring.number == old.number else OTHER)
        assert key is not None, step
        opened(data, key)
        assert contents(data) == before, step
        assert bare_names(data) == [], step
        after = read_ring(data)
        assert after is not None
        assert not after.earlier
    assert both > 10


def test_a_rotation_makes_old_passphrase_stick_and_cards_worthless_while_the_island_runs(
    data: Path, tmp_path: Path
) -> None:
    """Somebody photographed a card: the island goes on working, and the photograph opens nothing."""
    paper = Paper()
    first, second = tmp_path / "one", tmp_path / "two"
    first.mkdir()
    second.mkdir()
    init_keys(data, ways("passphrase", "cards", "stick", stick=first), paper, NOW)
    photographed = paper.words[:3]
    before = contents(data)

    ring = rotate_keys(data, ways("passphrase", "cards", "stick", typed=OTHER, stick=second), paper, NOW)

    assert contents(data) == before
    assert [kind_of(one) for one in ring.means] == ["passphrase", "cards", "stick"]
    assert by_phrase(data) is None
    assert by_phrase(data, OTHER) is not None
    assert open_by_itself(data, str(first)) == (None, {"stick": "other", "tpm": "none"})
    assert open_by_itself(data, str(second))[0] is not None
    key, read = open_cards(photographed)
    assert key is not None
    assert not any(card.trouble for card in read)
    with pytest.raises(FolderError, match="last rotation"):
        opened(data, key)
    key, _ = open_cards(paper.words[2:])
    assert key is not None
    opened(data, key)


def test_new_cards_alone_leave_the_old_ones_good(data: Path) -> None:
    """It is written on every card; who believes otherwise keeps a lost card in the world."""
    paper = Paper()
    init_keys(data, ways("cards"), paper, NOW)
    old = paper.words

    add_means(data, ways("cards"), paper, NOW)

    assert paper.words != old
    assert open_cards(old[:3])[0] == open_cards(paper.words[:3])[0]
    assert open_cards([*old[:2], paper.words[2]])[1][2].trouble == "other_set"


def test_means_are_added_and_taken_away_but_never_the_last(data: Path) -> None:
    """An island that nothing opens is a lost island."""
    init_keys(data, ways("passphrase"), Paper(), NOW)
    add_means(data, ways("cards"), Paper(), NOW)
    remove_means(data, ["passphrase"])

    assert by_phrase(data) is None
    with pytest.raises(FolderError, match="one means to be left"):
        remove_means(data, ["cards"])
    with pytest.raises(FolderError, match="--remove tpm: expected one of cards"):
        remove_means(data, ["tpm"])
    with pytest.raises(FolderError, match="wrapped already"):
        init_keys(data, ways("passphrase"), Paper(), NOW)


def test_cards_open_an_island_whose_ring_is_lost(data: Path) -> None:
    """The one file that says how to open the others may be on the sector that died."""
    paper = Paper()
    init_keys(data, ways("cards"), paper, NOW)
    before = contents(data)
    withdraw(data)
    keys.ring_path(data).unlink()

    with pytest.raises(FolderError, match="releve keys unlock --with cards"):
        init_keys(data, ways("cards"), Paper(), NOW)
    assert read_ring(data) is None

    key, read = open_cards(paper.words[1:4])
    assert key is not None
    assert read[0].share is not None
    with pytest.raises(FolderError, match="three cards"):
        opened(data, key)
    cards = Cards(made_at_us=NOW, identifier=read[0].share.identifier, needed=3, count=5)
    opened(data, key, cards)

    assert contents(data) == before
    assert read_ring(data) is not None


def test_whoever_of_the_accounts_opens_the_island_opens_it_for_all(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an account for each process the page writes the key down; the recorder must take it, or stay locked."""
    init_keys(data, ways("passphrase"), Paper(), NOW)
    monkeypatch.setattr(keys.os, "getuid", lambda: run_file(data).stat().st_uid + 1)
    with pytest.raises(FolderError):
        keys.open_keys(data)

    monkeypatch.setattr(keys.modes, "SHARED", True)

    assert keys.open_keys(data)


def test_a_process_without_a_page_waits_for_the_key_and_starts_none(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A unit of the recorder's serves nothing: it began a page without an address, again and again."""
    init_keys(data, ways("passphrase"), Paper(), NOW)
    withdraw(data)
    begun: list[str] = []
    monkeypatch.setattr(waiting.Child, "start", lambda child, *_: begun.append(child.name))
    key = by_phrase(data)
    assert key is not None

    assert waiting.open_or_wait(
        data, http=None, tls=False, stick="", environment={}, on_locked=lambda: opened(data, key) and None
    )

    assert begun == []
