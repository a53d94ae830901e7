"""What the web counts for itself: failed entries, and which form already became which journal entry."""

from typing import ClassVar

from django.db import models

__all__ = ["FailedEntry", "FormKey"]


class FailedEntry(models.Model):
    """One refused attempt to enter. `account` is what was typed, shortened and hashed: it may be a password."""

    account = models.CharField(max_length=64, db_index=True)
    address = models.CharField(max_length=64, db_index=True)
    at_ms = models.BigIntegerField(db_index=True)

    objects: ClassVar[models.Manager["FailedEntry"]] = models.Manager()

    class Meta:
        db_table = "runtime_failed_entry"


class FormKey(models.Model):
    """A form sent twice is one act: its key, and the entry it became (`log` empty while nobody knows)."""

    key = models.CharField(max_length=64, primary_key=True)
    log = models.CharField(max_length=128, default="")
    index = models.BigIntegerField(default=-1)
    recorded_at_us = models.BigIntegerField(default=0)
    at_ms = models.BigIntegerField(db_index=True)

    objects: ClassVar[models.Manager["FormKey"]] = models.Manager()

    class Meta:
        db_table = "runtime_form_key"
