"""The views of the hospital itself: the map in force, what each sender does, the status of applications."""

from django.db import models

from releve.views.columns import Told, instant, text

__all__ = ["Census", "FeedHour", "MapInForce", "Sender"]


class MapInForce(Told):
    """The hospital map in force, as JSON; `id` is always "map"."""

    body = text()

    class Meta:
        db_table = "hospital_map"


class Sender(models.Model):
    """One sender as heard: its last message, its clock, what it counts. `id` is "MSH-3|MSH-4"."""

    id = models.TextField(primary_key=True)
    application = text()  # MSH-3
    facility = text()  # MSH-4
    address = text()  # peer address last seen
    charset = text()
    messages = models.BigIntegerField(db_default=0)
    not_understood = models.BigIntegerField(db_default=0)
    first_at = instant()
    last_at = instant()  # when the last message was recorded
    last_stamp = instant()  # the latest moment a message speaks of (MSH-7, bounded)
    clock_ms = models.BigIntegerField(null=True)  # MSH-7 minus recorded time, of the last message

    class Meta:
        db_table = "hospital_sender"


class FeedHour(models.Model):
    """Messages of one sender in one hour of recorded time. `id` is "SENDER@HOUR"."""

    id = models.TextField(primary_key=True)
    sender = models.TextField(db_index=True)
    hour = models.BigIntegerField()  # hours since 1970, UTC
    messages = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "hospital_feed_hour"


class Census(Told):
    """A line of the last census received: who the hospital says is where."""

    ipp = models.TextField(db_index=True)
    visit = text()
    name = text()
    birth_date = text()
    ward = models.TextField(null=True, db_index=True)
    bed = text()
    taken_at = instant()

    class Meta:
        db_table = "hospital_census"
