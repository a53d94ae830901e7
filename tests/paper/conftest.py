"""A ward of invented people, and the ways to read a PDF back."""

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import msgspec
import pypdfium2
import pytest

from releve.paper.pack import WardPack

HERE = Path(__file__).parent
Change = Callable[..., WardPack]


@pytest.fixture(scope="session")
def ward() -> WardPack:
    """Return ward 3B at 02:47: eight people, a homonym, twins of trouble, a person without a name."""
    return msgspec.json.decode((HERE / "ward_3b.json").read_bytes(), type=WardPack)


def plain(text: str) -> str:
    """Fold what a reader of text may see differently: compatibility spaces, line ends, accents composed."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()


@pytest.fixture(scope="session")
def pages_text() -> Callable[[bytes], list[str]]:
    """Return a reader: the text of each page of a PDF, spaces folded."""

    def read(pdf: bytes) -> list[str]:
        document = pypdfium2.PdfDocument(pdf)
        try:
            return [plain(page.get_textpage().get_text_bounded()) for page in document]
        finally:
            document.close()

    return read


@pytest.fixture(scope="session")
def fold() -> Callable[[str], str]:
    """Return the folding that `pages_text` applies, for what is looked for."""
    return plain


@pytest.fixture
def one(ward: WardPack) -> Callable[..., WardPack]:
    """Return a maker of packs: the first person of the ward alone, changed as asked."""

    def make(pack: dict[str, object] | None = None, **changes: object) -> WardPack:
        person = msgspec.structs.replace(ward.patients[0], **changes)
        beds = tuple(bed for bed in ward.beds if bed.patient in (None, person.key))
        return msgspec.structs.replace(ward, **({"patients": (person,), "beds": beds} | (pack or {})))

    return make
