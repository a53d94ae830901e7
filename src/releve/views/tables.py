"""The tables of the fold itself: how far it came, whose entries are whose, what it did not understand."""

from typing import ClassVar

from django.db import models

from releve.views.columns import Told, text

__all__ = [
    "Ahead",
    "Carried",
    "Meta_",
    "NotUnderstood",
    "Position",
    "Subject",
    "SubjectEntry",
    "SubjectNumber",
]


class Position(models.Model):
    """How many entries of one log are in these views: the next index to fold. Committed with the rows."""

    log = models.TextField(primary_key=True)
    index = models.BigIntegerField()

    class Meta:
        db_table = "views_position"


class Ahead(models.Model):
    """An entry folded before its turn (an act of this island, or a present patient during a rebuild)."""

    pk = models.CompositePrimaryKey("log", "index")
    log = models.TextField()
    index = models.BigIntegerField()

    class Meta:
        db_table = "views_ahead"


class Carried(models.Model):
    """Where a later epoch restates an entry of a closed one, whose file may be gone: `by_log`, `by_index`."""

    pk = models.CompositePrimaryKey("log", "index")
    log = models.TextField()
    index = models.BigIntegerField()
    by_log = models.TextField()
    by_index = models.BigIntegerField()

    class Meta:
        db_table = "views_carried"


class Subject(models.Model):
    """The last entry folded for a subject; an earlier one that arrives later folds the subject again."""

    key = models.TextField(primary_key=True)
    stamp = models.BigIntegerField()
    log = models.TextField()
    index = models.BigIntegerField()
    entries = models.BigIntegerField()

    class Meta:
        db_table = "views_subject"


class SubjectEntry(models.Model):
    """The index of a subject's entries, in the order in which they are folded."""

    pk = models.CompositePrimaryKey("subject", "stamp", "log", "index")
    subject = models.TextField()
    stamp = models.BigIntegerField()
    log = models.TextField()
    index = models.BigIntegerField()

    class Meta:
        db_table = "views_subject_entry"


class SubjectNumber(models.Model):
    """A number that a subject's entries tell, and with which namespace ("": without); see `numbers.py`."""

    pk = models.CompositePrimaryKey("subject", "domain", "number", "namespace")
    subject = models.TextField()
    domain = models.TextField()
    number = models.TextField()
    namespace = models.TextField()

    class Meta:
        db_table = "views_subject_number"


class NotUnderstood(Told):
    """A received entry that no department could read, or read only in part. It stays in the journal.

    `id` is "ORIGIN/EPOCH#INDEX".
    """

    kind = models.TextField(null=True)  # such as "ADT^A45", or the entry's kind
    reason = text()  # place and expectation, never a value

    class Meta:
        db_table = "views_not_understood"


class Meta_(models.Model):  # noqa: N801  (Django keeps the name Meta for itself)
    """What these views are: fold version, when they were built."""

    key = models.TextField(primary_key=True)
    value = models.TextField()

    class Meta:
        db_table = "views_meta"

    local_keys: ClassVar[tuple[str, ...]] = ("built_at",)
