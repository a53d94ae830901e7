"""How commands speak: results on standard output (one JSON line with `--json`), progress on standard error."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec
import typer

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["Steps", "fail", "language_of", "progress", "say"]

_SILENT_SECONDS = 2.0  # anything longer shows how far it came


def language_of(asked: str = "") -> str:
    """Return the language of sentences, "fr" or "en": the one asked for, otherwise that of the terminal."""
    told = (
        asked or os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or "en"
    )
    return "fr" if told.startswith("fr") else "en"


def say(result: dict[str, Any], *, json: bool, text: str) -> None:
    """Print the result: words for a person, or one line of JSON, last on standard output."""
    typer.echo(msgspec.json.encode(result).decode() if json else text)


def fail(message: str, *, code: int = 1) -> NoReturn:
    """End with words on standard error and a status that is not success."""
    typer.echo(f"releve: {message}", err=True)
    raise typer.Exit(code)


class Steps:
    """A bar that appears only when the work takes more than two seconds."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._bar: Progress | None = None
        self._tasks: dict[str, Any] = {}

    def show(self, phase: str, done: int, total: int) -> None:
        """Say how far `phase` came."""
        if self._bar is None:
            if time.monotonic() - self._started < _SILENT_SECONDS:
                return
            self._bar = _bar()
            self._bar.start()
        if phase not in self._tasks:
            self._tasks[phase] = self._bar.add_task(phase, total=total)
        self._bar.update(self._tasks[phase], completed=done, total=total)

    def stop(self) -> None:
        """Leave the last state on the screen."""
        if self._bar is not None:
            self._bar.stop()


def _bar() -> Progress:
    # Here: most commands end before a bar is shown.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=Console(stderr=True),
    )  # fmt: skip


@contextmanager
def progress() -> Iterator[Steps]:
    """Yield a bar, and take it down whatever happens."""
    steps = Steps()
    try:
        yield steps
    finally:
        steps.stop()
