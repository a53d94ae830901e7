"""The columns that every row folded from the journal carries: whose it is, and where it comes from."""

from typing import Any

from django.db import models

__all__ = ["PersonRow", "RetoldRow", "Told", "instant", "text"]


def text(**options: Any) -> models.TextField:
    """Return a text column that may be unknown; unknown is NULL, never an empty string."""
    return models.TextField(null=True, **options)


def instant(**options: Any) -> models.BigIntegerField:
    """Return a column for a UTC instant in milliseconds since 1970, or unknown."""
    return models.BigIntegerField(null=True, **options)


class Told(models.Model):
    """A row somebody told us: from which entry, from whom, recorded when.

    The key is text made from the entry's own content, never a sequence of this database, so that
    every island makes the same one.
    """

    id = models.TextField(primary_key=True)
    log = text()  # "ORIGIN/EPOCH" of the entry that wrote this row last
    index = models.BigIntegerField(null=True)  # its index there
    source = text()  # MSH-3 of the sender, or "releve" for an act entered here
    stamp = instant()  # canonical moment of that entry: EVN-2, else MSH-7, else recorded
    recorded_at = instant()  # when this island's recorder made it durable

    class Meta:
        abstract = True


class PersonRow(Told):
    """A row owned by a person (the subject): deleted and folded again with that person alone."""

    person = models.TextField(db_index=True)  # "NAMESPACE:number", see releve.record.identity

    class Meta:
        abstract = True


class StandingRows(models.Manager[Any]):
    """Rows that stand: none that was told again under another number of the patient."""

    def get_queryset(self) -> models.QuerySet[Any]:
        """Return the rows that stand."""
        return super().get_queryset().filter(retold=None)


class RetoldRow(PersonRow):
    """A row of an order, "PERSON/NUMBER", that may be told again under another number of the patient.

    `objects` are those that stand, so that no reader can forget it; `told` are all. Written by `releve.record.retold`.
    """

    retold = text()  # the row that stands in its place

    objects = StandingRows()
    told: models.Manager[Any] = models.Manager()

    class Meta:
        abstract = True
