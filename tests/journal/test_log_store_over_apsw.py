"""What holds of a log holds on the disk that can be cut, and over another SQLite: the contract, run again."""

from collections.abc import Iterator

import pytest
import test_log_store
from torn_disk import Disk, torn_disk

globals().update({name: test for name, test in vars(test_log_store).items() if name.startswith("test_")})


@pytest.fixture(autouse=True)
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """Give every test the disk that can be cut; nothing fails on it here."""
    with torn_disk(monkeypatch) as disk:
        yield disk
