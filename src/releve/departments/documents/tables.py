"""The views of documents and shared record."""

from django.db import models

from releve.views.columns import PersonRow, RetoldRow, instant, text

__all__ = ["Document", "Note"]


class Document(RetoldRow):
    """A document received (MDM, FHIR DocumentReference). Its bytes stay in the journal entry."""

    visit = text()
    number = text()  # TXA-12
    parent = text()  # TXA-13
    title = text()
    type_code = text()
    author = text()
    written_at = instant()
    status = text()  # preliminary, final, replaced, cancelled
    media_type = text()  # text/plain, application/pdf, text/xml…
    body = text()  # only when it is plain text
    size = models.BigIntegerField(null=True)
    unreadable = text()  # why, in words, when the content could not be read
    place = text()  # where the bytes are in the entry, such as "OBX[1]-5"
    content_log = text()  # the entry that brought them: a later one may only have told a new state
    content_index = models.BigIntegerField(null=True)

    class Meta:
        db_table = "documents_document"


class Note(PersonRow):
    """A note or letter written here, or what was added to one. `id` is "PERSON/ACT"."""

    act = text()
    kind = text()  # nursing, medical, consultation, operation, discharge; added
    title = text()
    body = text()
    recipient = text()
    note = text()  # of an addition: act of its note
    withdrawn_by = text()  # act of the addition that withdrew it
    role = text()
    visit = text()
    ward = text()
    happened_at = instant(db_index=True)
    by = text()
    by_name = text()
    told_by = text()
    paper = text()
    late = models.BooleanField(null=True)
    offline = models.BooleanField(null=True)

    class Meta:
        db_table = "documents_note"
