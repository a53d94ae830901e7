"""Rebuild the views of a data folder with a fold that stops at some entries: `breaking_fold.py DATA INDEX…`.

A process of its own: Django, once set up for a folder, keeps it.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from releve.app.django_setup import prepare_django

data, ill = Path(sys.argv[1]), {int(index) for index in sys.argv[2:]}
prepare_django(data)

from releve.app.rebuilding import rebuild  # noqa: E402  (needs Django)
from releve.views.interpreter import Interpreter  # noqa: E402

fold = Interpreter.fold


def breaks(self: Interpreter, fact: Any, context: Any) -> Iterator[Any]:
    """Fold like the real one, but not these entries."""
    if context.index in ill:
        raise KeyError("LEFEBVRE")
    yield from fold(self, fact, context)


Interpreter.fold = breaks  # type: ignore[method-assign]
rebuild(data)
