"""What every test may use: the corpora, Chromium, the programs beside us, how often to try again."""

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

import made_once
from marked import WORDS, is_of
from screens import compile_french

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent

# Before the conftest of any room is imported: they import what this replaces.
made_once.begin()

# A slow machine is not a wrong answer; a failure prints what makes it come back.
settings.register_profile("releve", deadline=None, print_blob=True, max_examples=60)
settings.register_profile("soak", deadline=None, print_blob=True)

# How often a test marked `soak` repeats: 10 in make test, 200 in make soak.
ROUNDS = int(os.environ.get("RELEVE_ROUNDS", "10"))
settings.load_profile("releve" if ROUNDS <= 10 else "soak")

# Tests in these folders start processes or look at a clock: they never share the machine with others.
SERIAL_FOLDERS = {"scenarios", "simulation"}
# But for these: they ask what became of something, not how soon. Longest first: so they begin.
SHARING = (
    "test_the_staged_night", "test_island_survives_kill", "test_packs_of_a_hospital", "test_views_while_serving",
    "test_serve", "test_disk_full", "test_log_hygiene", "test_clocks", "test_no_answer_before_its_sync",
    "test_simulated_islands", "test_one_entry_stops_nobody", "test_feed_over_tls", "test_retention_in_part",
)  # fmt: skip
# Not test_every_url_and_role: it reads every page of its island in this process, and pages keep what they read of one.
# What these files make once for all their tests takes longer than the tests: one worker runs each of them.
TOGETHER = {
    "test_packs_of_a_hospital",
    "test_hospital_life",
    "test_truth",
    "test_gather",
    "test_log_hygiene",
    "test_serve",
}


def pytest_configure(config: pytest.Config) -> None:
    """Compile the French words once, for every room whose pages are read here."""
    if not hasattr(config, "workerinput"):  # the workers of a parallel run find them compiled
        compile_french()


@pytest.hookimpl(tryfirst=True)  # xdist looks at the groups in the same hook, and would find none yet
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what must run alone, from where it lies; leave to `make soak` what only it has the time for."""
    if ROUNDS <= 10:
        left = [item for item in items if item.get_closest_marker("whole")]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if not item.get_closest_marker("whole")]
    for item in items:
        if item.get_closest_marker("whole"):
            item.add_marker(pytest.mark.soak)
        folders = set(item.path.relative_to(ROOT).parts[:-1]) if item.path.is_relative_to(ROOT) else set()
        if "browser" in folders:
            item.add_marker(pytest.mark.browser)
        if item.path.stem in TOGETHER:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
        sharing = item.path.stem in SHARING
        if (folders & SERIAL_FOLDERS or item.get_closest_marker("soak")) and not sharing:
            item.add_marker(pytest.mark.serial)
    if ROUNDS <= 10:  # make soak looks into every file
        _find_again(items)
    # Playwright keeps an event loop in the thread of the tests: what calls asyncio.run comes before it.
    items.sort(key=lambda item: (item.get_closest_marker("browser") is not None, _place(item)))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Leave five thousand tests out of every collection of garbage: looking through them was a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _find_again(items: list[pytest.Item]) -> None:
    """Refuse a test that a step which reads only some files would not find."""
    for marker in WORDS:
        for path in {item.path for item in items if item.get_closest_marker(marker)}:
            if not is_of(path, marker):
                raise pytest.UsageError(
                    f"{path.name}: expected one of {WORDS[marker]}, as tests/marked.py finds it"
                )


def _place(item: pytest.Item) -> int:
    """Return where a test comes: what takes long begins first, else one worker would end alone with it."""
    return SHARING.index(item.path.stem) if item.path.stem in SHARING else len(SHARING)


@pytest.fixture(scope="session")
def corpora() -> Path:
    """Return the folder of test data (hl7v2, fhir, dicom, …): RELEVE_CORPORA, or ../shared/corpora."""
    folder = Path(os.environ.get("RELEVE_CORPORA", ROOT / ".." / "shared" / "corpora")).resolve()
    if not folder.is_dir():
        pytest.skip("the corpora are not here: set RELEVE_CORPORA to their folder")
    return folder


@pytest.fixture(scope="session")
def corpus(corpora: Path) -> Callable[[str], Path]:
    """Return a function: the folder of one corpus, such as `corpus("hl7v2")`."""

    def folder_of(name: str) -> Path:
        folder = corpora / name
        if not folder.is_dir():
            pytest.skip(f"the corpus {name} is not in the folder of the corpora")
        return folder

    return folder_of


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """Return a function: the path of a program beside us, such as `program("pdftotext")`."""

    def path_of(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            pytest.skip(f"{name} is not installed (scripts/peers installs it where it may)")
        return path

    return path_of


@pytest.fixture(scope="session")
def rounds() -> int:
    """Return how often a test marked `soak` repeats: 10 in make test, 200 in make soak."""
    return ROUNDS


@pytest.fixture(scope="session")
def chromium(program: Callable[[str], str]) -> "Iterator[Browser]":
    """Return the distribution's Chromium, without a window."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    # As root, which is what a container's CI is, Chromium's own sandbox refuses to start.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with playwright.sync_playwright() as driver:
        shell = shutil.which("chromium-headless-shell") or program("chromium")
        browser = driver.chromium.launch(executable_path=shell, args=flags)
        yield browser
        browser.close()
