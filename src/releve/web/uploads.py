"""Files sent with a form: bounded while they are read, so that nobody fills the disk of an island through a form.

The rest of the form is read all the same; the page says that the file was too large (`too_large`).
"""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

__all__ = ["FILE_BYTES_MAX", "Bounded", "too_large"]

# Above what any page takes (10 MB), so that a page says its own bound in its own words.
FILE_BYTES_MAX = 16 * 1024 * 1024
_MARK = "releve.file_too_large"


class Bounded(FileUploadHandler):
    """Let a file pass while it is within the bound; read the rest of it and keep nothing."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._read = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Return the chunk for the handlers that keep it.

        Raises:
            SkipFile: the files of this form are larger than an island takes.
        """
        self._read += len(raw_data)
        if self._read > FILE_BYTES_MAX:
            if self.request is not None:
                self.request.META[_MARK] = "1"
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> Any:
        """Leave the file to the handlers that keep it."""
        return None


def too_large(request: HttpRequest) -> bool:
    """Tell whether a file of this form was left out because of its size."""
    return _MARK in request.META
