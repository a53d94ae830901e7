"""What the same bytes said before: a feed repeats a patient's PID hundreds of times. Pure in its effect."""

from typing import Any

__all__ = ["Recall"]

# A reading of more bytes than this is not kept: real ones are some hundred, and memory must stay bounded.
KEY_BYTES_MAX = 4096


class Recall(dict[tuple[Any, ...], Any]):
    """Readings by everything that decides them: the bytes, `Message.reading`, the parts of the context they use.

    Bounded: full, it begins again, which costs less than knowing what was used last.

    >>> recall = Recall(1)
    >>> recall.keep((b"a",), 1), recall.keep((b"b",), 2), (b"a",) in recall
    (1, 2, False)
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size

    def keep(self, key: tuple[Any, ...], value: Any) -> Any:
        """Remember `value` and return it."""
        if sum(len(part) for part in key if type(part) is bytes) > KEY_BYTES_MAX:
            return value
        if len(self) >= self._size:
            self.clear()
        self[key] = value
        return value
