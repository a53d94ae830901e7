"""Notes and letters written here. Pure. Source: FHIR R4 DocumentReference; LOINC for the kinds of document."""

from releve.record.acts import CareAct

__all__ = ["KINDS", "NoteAdded", "NoteWritten"]

# Kind of note, its LOINC code and English name (a msgid).
KINDS: dict[str, tuple[str, str]] = {
    "nursing": ("34746-8", "Nursing note"),
    "medical": ("11506-3", "Medical note"),
    "consultation": ("11488-4", "Consultation"),
    "operation": ("11504-8", "Operation report"),
    "discharge": ("18842-5", "Discharge letter"),
}


class NoteWritten(CareAct, frozen=True, kw_only=True, tag="note.written.1"):
    """A note or letter, signed by whoever recorded it. It is never changed: what is missing is added."""

    kind: str  # of `KINDS`
    title: str
    text: str
    to: str = ""  # whom a letter is for
    role: str = ""  # of the author, when she wrote


class NoteAdded(CareAct, frozen=True, kw_only=True, tag="note.added.1"):
    """What somebody added to a note; the note stays as it was.

    `withdraws`: the note stands in the wrong file, or should not stand; it stays readable, marked.
    """

    note: str  # act of the note
    title: str  # of the note
    text: str
    role: str = ""
    withdraws: bool = False
