"""Which files hold tests of a kind, found by reading them: a step that runs few tests need not import them all."""

from pathlib import Path

__all__ = ["WORDS", "files_of", "is_of"]

TESTS = Path(__file__).resolve().parent

# What a file holds, or lies in, whose tests bear the marker; `tests/conftest.py` refuses one that is not found so.
WORDS = {
    "browser": ("mark.browser", "/browser/"),
    "serial": ("mark.serial", "mark.soak", "/scenarios/", "/simulation/"),
}


def files_of(marker: str) -> list[Path]:
    """Return the files of tests that bear this marker."""
    return [path for path in sorted(TESTS.rglob("test_*.py")) if is_of(path, marker)]


def is_of(path: Path, marker: str) -> bool:
    """Whether `files_of` finds this file."""
    place, text = path.as_posix(), path.read_text(encoding="utf-8")
    return any(word in text or word in place for word in WORDS[marker])
