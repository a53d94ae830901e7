"""The views of the hospital itself: the map in force, what each sender does, what was declared of applications."""

from django.db import models

from releve.views.columns import PersonRow, Told, instant, text

__all__ = ["Census", "Declaration", "FeedHour", "MapInForce", "Sender"]


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


class Declaration(PersonRow):
    """One declaration of `releve.crisis`: these applications have this status in these places since then.

    `id` is "LOG#INDEX" of the declaring entry; confirming and withdrawing set their own columns. `person` is no
    patient: it is the subject "declaration:ID", so that its acts are folded in one order on every island.
    """

    applications = text()  # JSON list of codes
    places = text()  # JSON list of {"kind": "all|building|ward", "code": ""}
    status = text()  # down, restored, live
    since_at = instant()
    switch_at = instant()  # of *restored*: from when the wards write there again
    declared_at = instant()
    reason = text()  # attack, breakdown, planned, exercise
    note = text()
    declared_by = text()  # account code
    confirmed_by = text()
    confirmed_at = instant()
    withdrawn_by = text()
    withdrawn_at = instant()
    signed_by = text()  # JSON list of the managers' keys whose signature holds; without two it is claimed
    order = text()  # canonical order key

    class Meta:
        db_table = "hospital_declaration"

    @property
    def is_confirmed(self) -> bool:
        """Tell whether a second person stood by it."""
        return self.confirmed_by is not None
