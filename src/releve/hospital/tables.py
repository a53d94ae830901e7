"""The views of the hospital itself: the map in force, what each sender does, what was declared of applications."""

from django.db import models

from releve.views.columns import PersonRow, Told, instant, text

__all__ = ["Census", "Declaration", "DeclarationWord", "FeedHour", "IslandStatement", "MapTold", "Sender"]


class MapTold(PersonRow):
    """A hospital map that was told, as JSON; which one is in force is decided when it is read (`in_force.py`).

    `id` is the entry's place; `person` is no patient: it is "hospital:map" for all of them.
    """

    body = text()
    signed_by = text()  # JSON list of the managers' keys whose signature holds
    statement = text()  # nonce of these signatures

    class Meta:
        db_table = "hospital_map"


class IslandStatement(PersonRow):
    """What one entry says of an island (`releve.islands`): joined, key, left, cut. `id` is the entry's place.

    `person` is no patient: it is "island:ORIGIN". Which of them count is decided when they are read (`belonging.py`).
    """

    kind = text()
    island = text()  # origin of the island it is about
    body = text()  # JSON of the entry's body
    signed_by = text()  # JSON list
    statement = text()

    class Meta:
        db_table = "hospital_island"


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

    `id` is "LOG#INDEX" of the declaring entry; confirming and withdrawing on the island that declared set their own
    columns. `person` is no patient: it is the subject "declaration:ID", so that its acts are folded in one order on
    every island.
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
    statement = text()  # nonce of these signatures
    answers = text()  # JSON list of the declarations of *down* it was made in knowledge of
    order = text()  # canonical order key

    class Meta:
        db_table = "hospital_declaration"


class DeclarationWord(PersonRow):
    """One act about a declaration: confirmed or withdrawn, by whom. `id` is the entry's place, `person` as above.

    Who declared on one island may be answered on another: which words count is decided when they are read.
    """

    declaration = text()
    what = text()  # confirmed, withdrawn
    said_by = text()  # account code
    said_at = instant()
    signed_by = text()
    statement = text()

    class Meta:
        db_table = "hospital_declaration_word"
