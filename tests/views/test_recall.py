"""What the same bytes said before is only given again where it would be read the same."""

from zoneinfo import ZoneInfo

import msgspec

from releve.codecs.hl7v2.reader import Message
from releve.record import facts
from releve.record.hl7 import read_every
from releve.record.identity import identify
from releve.views.reading import Context
from releve.views.recall import KEY_BYTES_MAX, Recall

CONTEXT = Context(zone=ZoneInfo("Europe/Paris"), namespace="VALOMBRE")
PID = b"PID|1||77^^^VALOMBRE^PI||LEF\xc3\x88VRE^ANA^^^^^L||19540228|F"


def read(charset: bytes, context: Context, pid: bytes = PID) -> facts.PersonDescribed:
    """Return what the PID says of a person in a message that declares `charset`."""
    message = Message(b"MSH|^~\\&|LABO|CHU|||20261121||ORU^R01|1|P|2.5||||||" + charset + b"\r" + pid + b"\r")
    person, visit = identify(message, context)
    told = msgspec.structs.replace(context, person=person, visit=visit)
    return next(fact for fact in read_every(message, told) if isinstance(fact, facts.PersonDescribed))


def test_the_same_bytes_in_another_charset_are_another_name() -> None:
    """Two senders of one patient often declare different charsets; a name must not change with who came first."""
    as_utf8 = read(b"UNICODE UTF-8", CONTEXT).birth_name

    as_latin = read(b"8859/1", CONTEXT).birth_name
    again = read(b"UNICODE UTF-8", CONTEXT).birth_name

    assert (as_utf8, as_latin, again) == ("LEFÈVRE", "LEFÃˆVRE", "LEFÈVRE")


def test_a_feed_does_not_gain_authority_from_the_same_pid() -> None:
    """The authority's traits replace, a laboratory's only fill: the same bytes weigh differently."""
    authority = msgspec.structs.replace(CONTEXT, authority=True)
    from_authority = read(b"UNICODE UTF-8", authority)

    from_feed = read(b"UNICODE UTF-8", CONTEXT)

    assert (from_authority.authority, from_feed.authority) == (True, False)


def test_another_namespace_is_another_person() -> None:
    """The number 77 of one hospital is not the number 77 of another."""
    here = read(b"UNICODE UTF-8", CONTEXT, b"PID|1||77||X")

    elsewhere = read(
        b"UNICODE UTF-8", msgspec.structs.replace(CONTEXT, namespace="AILLEURS"), b"PID|1||77||X"
    )

    assert (here.person, elsewhere.person) == ("VALOMBRE:77", "AILLEURS:77")


def test_what_is_remembered_stays_bounded() -> None:
    """A feed of monstrous segments, or of ten million patients, must not fill the memory."""
    recall = Recall(2)

    for number in range(5):
        recall.keep((b"%d" % number,), number)
    recall.keep((b"x" * (KEY_BYTES_MAX + 1),), "large")

    assert list(recall.values()) == [4]
