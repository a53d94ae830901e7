"""Files sent with a form: bounded while they are read, so that nobody fills the disk of an island through a form.

The rest of the form is read all the same; the page says that the file was too large (`too_large`).
"""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

__all__ = ["FILE_BYTES_MAX", "Bounded", "media_of", "too_large"]

# Above what any page takes (10 MB), so that a page says its own bound in its own words.
FILE_BYTES_MAX = 16 * 1024 * 1024
_MARK = "releve.file_too_large"
# Beginnings of files that say what they are, whatever the browser declared.
_SIGNATURES = (
    (b"%PDF", "application/pdf"),
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"PK\x03\x04", "application/zip"),
)
_LOOKED_AT = 4096


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


def media_of(content: bytes) -> str:
    """Return what a file is, by its first bytes; text when it is text, else bytes."""
    for mark, media in _SIGNATURES:
        if content.startswith(mark):
            return media
    try:
        content[:_LOOKED_AT].decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < _LOOKED_AT - 6:  # further on it may be one sign cut in two
            return "application/octet-stream"
    return "text/plain"
