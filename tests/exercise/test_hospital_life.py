"""The simulated hospital: the same for a seed, valid for others' readers, never ahead of its own time."""

from base64 import b64decode
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import hl7
import pypdfium2
import pytest

from releve.exercise.demo import demo_hospital
from releve.exercise.hospital_life import HospitalLife, live, stream
from releve.exercise.night import smaller
from releve.exercise.pictures import PICTURES
from releve.exercise.stays import Stay
from releve.exercise.who_fits import admits, age_of, suits
from releve.exercise.world import Emission, Outlet, Stamps, World
from releve.hospital.map import HospitalMap
from thinned import whole

# The change to winter time, from the Saturday: 25 October 2026 has a doubled hour.
START = datetime(2026, 10, 24, 6, tzinfo=UTC)
HOURS = 26
PARIS = ZoneInfo("Europe/Paris")
CODECS = {"8859/1": "iso8859-1", "8859/15": "iso8859-15", "UNICODE UTF-8": "utf-8"}

Sent = tuple[Emission, list[list[str]]]


@pytest.fixture(scope="module")
def hospital() -> HospitalMap:
    """The demonstration hospital, everybody in it invented."""
    return demo_hospital()


@pytest.fixture(scope="module")
def life(hospital: HospitalMap) -> tuple[HospitalLife, list[Emission]]:
    """A day and a night of it, over the change to winter time."""
    lived = HospitalLife(hospital, seed=13, start=START, keep_truth=True)
    return lived, list(lived.run(HOURS))


@pytest.fixture(scope="module")
def sent(life: tuple[HospitalLife, list[Emission]]) -> list[Sent]:
    """Every message with its segments, split plainly: the readers under test are others' business."""
    return [(emission, fields(emission.payload)) for emission in life[1]]


def fields(payload: bytes) -> list[list[str]]:
    """Segments and fields, in the charset the message declares."""
    charset = payload.split(b"|", 18)[17].decode()
    return [line.split("|") for line in payload.decode(CODECS[charset]).rstrip("\r").split("\r")]


def find(segments: list[list[str]], name: str) -> Iterator[list[str]]:
    """The segments of one name."""
    return (segment for segment in segments if segment[0] == name)


def kind(segments: list[list[str]]) -> str:
    """The first two components of MSH-9."""
    return "^".join(segments[0][8].split("^")[:2])


def at(text: str) -> datetime:
    """The instant of a stamp."""
    if "+" in text:
        return datetime.strptime(text, "%Y%m%d%H%M%S%z")
    return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=PARIS)


def test_the_same_seed_lives_the_same_life(hospital: HospitalMap) -> None:
    """A failure seen once can be seen again, and two sites can compare what they measured."""
    of_some = smaller(hospital, 100)
    first = list(live(of_some, seed=3, start=START, hours=1))
    again = list(live(of_some, seed=3, start=START, hours=1))
    other = list(live(of_some, seed=4, start=START, hours=1))

    assert first == again
    assert first != other
    assert [emission.at_us for emission in first] == sorted(emission.at_us for emission in first)


@pytest.mark.parametrize("messages", [200, whole(10_000)])
def test_every_message_is_read_by_an_independent_library(
    life: tuple[HospitalLife, list[Emission]], messages: int
) -> None:
    """If only we could read our messages, the exercise would prove nothing about real senders."""
    emissions = life[1]
    for emission in emissions[:: max(1, len(emissions) // messages)]:
        charset = emission.payload.split(b"|", 18)[17].decode()

        message = hl7.parse(emission.payload.decode(CODECS[charset]))

        segments = fields(emission.payload)
        assert str(message.segment("MSH")[9]) == segments[0][8]
        assert [str(segment[0]) for segment in message] == [segment[0] for segment in segments]
        assert all(segment[0].isalnum() and len(segment[0]) == 3 for segment in segments)


def test_control_ids_are_unique_for_each_sender(sent: list[Sent]) -> None:
    """An acknowledgement names the message by its control id alone; only a message sent twice bears it twice."""
    payloads: dict[tuple[str, str], set[bytes]] = defaultdict(set)
    for emission, segments in sent:
        payloads[segments[0][2], segments[0][9]].add(emission.payload)

    assert all(len(bytes_sent) == 1 for bytes_sent in payloads.values())


def test_no_stamp_of_the_past_lies_in_the_future(sent: list[Sent]) -> None:
    """Boards sort by these stamps: one from tomorrow would stand above everything else."""
    past = {
        "EVN": (2, 6),
        "ZBE": (2,),
        "OBR": (7, 14, 22),
        "OBX": (14,),
        "RXA": (3, 4, 22),
        "RXD": (3,),
        "TXA": (4, 6, 7),
    }
    ambiguous = timedelta(hours=1)  # an hour without offset, on the night it comes twice
    for emission, segments in sent:
        now = emission.at
        assert at(segments[0][6]) <= now + ambiguous
        for segment in segments:
            for place in past.get(segment[0], ()):
                text = segment[place] if len(segment) > place else ""
                if len(text) >= 14:
                    assert at(text) <= now + ambiguous, (segment[0], place)
        if "20261025" not in segments[0][6]:
            assert at(segments[0][6]) <= now


def test_a_day_looks_like_the_day_of_such_a_hospital(sent: list[Sent], hospital: HospitalMap) -> None:
    """Measures made on an impossible day would say nothing of a real one."""
    day = [pair for pair in sent if START <= pair[0].at < START + timedelta(hours=24)]
    kinds = Counter(kind(segments) for _, segments in day)
    hours = Counter(emission.at.astimezone(PARIS).hour for emission, _ in day)

    assert 9_000 <= len(day) <= 20_000
    assert kinds["RAS^O17"] > kinds["ORU^R01"] > kinds["OML^O21"] > kinds["ADT^A01"] > 50
    assert kinds["ADT^A04"] > 80
    assert hours[9] > 2 * hours[3]
    wanted = {f"ADT^A{n}" for n in "01 02 03 04 05 06 08 11 12 21 22 28 31 40 47".split()}
    wanted |= {
        "RDE^O11",
        "OMP^O09",
        "RAS^O17",
        "RDS^O13",
        "OML^O21",
        "ORU^R01",
        "OMI^O23",
        "ORM^O01",
        "OMG^O19",
    }
    wanted |= {"SIU^S12", "SIU^S13", "SIU^S14", "SIU^S15", "MDM^T02", "MDM^T10"}
    assert wanted <= {kind(segments) for _, segments in sent}
    feeds = {emission.feed_code for emission, _ in day}
    assert {feed.code for feed in hospital.feeds if feed.code not in ("MAT",)} <= feeds


def test_every_transfer_leads_from_where_the_patient_was(
    life: tuple[HospitalLife, list[Emission]], sent: list[Sent]
) -> None:
    """An island that trusts PV1-6 would otherwise lose somebody between two beds."""
    once = {segments[0][9]: segments for _, segments in sent if any(find(segments, "ZBE"))}
    adt = [segments for _, segments in sorted(once.items())]  # as they were written, late ones too
    place: dict[str, list[str]] = defaultdict(list)
    checked = Counter()
    for segments in adt:
        trigger = segments[0][8].split("^")[1]
        pv1, zbe = next(find(segments, "PV1")), next(find(segments, "ZBE"))
        visit = pv1[19]
        if trigger in ("A02", "A06", "A07"):
            assert pv1[6] == place[visit][-1]
            checked[trigger] += 1
        if trigger == "A12":
            place[visit].pop()
            assert pv1[3] == place[visit][-1]
            checked[trigger] += 1
        elif trigger in ("A01", "A04", "A02", "A06", "A07"):
            place[visit].append(pv1[3])
        elif trigger in ("A03", "A13", "A21", "A22"):
            assert pv1[3] == place[visit][-1]
        assert zbe[4] == ("CANCEL" if trigger in ("A11", "A12", "A13") else "INSERT")
        assert zbe[5] == "N"
        assert len(zbe) == 10

    assert checked["A02"] > 30
    assert checked["A06"] > 10
    assert checked["A12"] >= 1


def test_nobody_lies_in_a_bed_that_is_taken(
    life: tuple[HospitalLife, list[Emission]], hospital: HospitalMap
) -> None:
    """Two patients in one bed on a board means that one of them gets the other's drugs."""
    lived, _ = life
    truth = lived.truth_at(START + timedelta(hours=HOURS))

    beds = Counter((where.ward, where.room, where.bed) for where in truth.present().values() if where.bed)

    assert max(beds.values()) <= 1
    places = sum(1 for bed in hospital.beds if bed.kind in ("bed", "incubator"))
    assert 0.85 * places <= len(truth.present()) <= 1.1 * places


def test_some_messages_come_late_and_some_twice(sent: list[Sent]) -> None:
    """Queues and broken links do both every day, and an island must live with them."""
    late = [
        segments for emission, segments in sent if emission.at - at(segments[0][6]) > timedelta(minutes=3)
    ]
    twice = [
        payload for payload, count in Counter(emission.payload for emission, _ in sent).items() if count == 2
    ]

    assert 20 <= len(late) <= 400
    assert 10 <= len(twice) <= 200


def test_allergies_are_stated_denied_or_not_spoken_of(sent: list[Sent]) -> None:
    """“None known” and “nobody asked” must never look alike, so both have to occur."""
    said = Counter()
    for _, segments in sent:
        if kind(segments) == "ADT^A01":
            rows = list(find(segments, "AL1"))
            said["silent" if not rows else "none" if rows[0][3].startswith("716186003^") else "stated"] += 1

    assert all(said[way] > 50 for way in ("silent", "none", "stated"))


def test_people_are_as_awkward_as_people_are(sent: list[Sent]) -> None:
    """Accents, namesakes, twins' mothers, unknown and half-known persons are where identity goes wrong."""
    pids = {}
    for _, segments in sent:
        if segments[0][8].startswith("ADT"):
            pid = next(find(segments, "PID"))
            pids[pid[3].split("^")[0]] = pid
    statuses = Counter(pid[32].split("~")[0] for pid in pids.values())
    names = Counter((pid[5].split("~")[0], pid[8]) for pid in pids.values())

    assert {"QUAL", "VALI", "PROV", "RECUP"} <= set(statuses)
    assert any("~FICT" in pid[32] for pid in pids.values())
    assert any(len(pid[7]) in (4, 6) for pid in pids.values())
    assert any(len(pid) > 21 and pid[21] for pid in pids.values())
    assert any(count > 1 for count in names.values())
    assert any(letter in pid[5] for pid in pids.values() for letter in "ÉÈÇŒÏ")
    assert any(
        "-" in pid[5] and "'" in other[5] for pid in pids.values() for other in list(pids.values())[:400]
    )
    for pid in pids.values():
        for identifier in pid[3].split("~")[1:]:
            number, *_, authority, kind_of = identifier.split("^")[:5]
            assert (kind_of, "1.2.250.1.213.1.4.10" in authority) == ("INS", True)
            body = number[:13].replace("2A", "19").replace("2B", "18")
            assert int(number[13:]) == 97 - int(body) % 97
            assert number[1:5] == pid[7][2:6]


def test_only_the_letters_a_charset_lacks_are_written_plainer(hospital: HospitalMap) -> None:
    """OEUVRARD and ŒUVRARD are one person: every application writes what its charset allows, and says so."""
    world = World(hospital, seed=1, start=0)
    outlets = {
        charset: Outlet(hospital.feeds[0], charset=charset, run="1", stamps=world.stamps)
        for charset in CODECS
    }

    written = {
        charset: outlet.encode("ŒUVRARD d’Haÿ é 5 ≥ 4").decode(CODECS[charset])
        for charset, outlet in outlets.items()
    }

    assert written["UNICODE UTF-8"] == "ŒUVRARD d’Haÿ é 5 ≥ 4"
    assert written["8859/15"] == "ŒUVRARD d'Haÿ é 5 >= 4"
    assert written["8859/1"] == "OEUVRARD d'Haÿ é 5 >= 4"


def test_confidential_stays_are_marked_as_the_map_says(sent: list[Sent]) -> None:
    """A stay that nobody may see by name is only hidden if its sender says so in the words of this hospital."""
    marks = Counter(
        pv1[16]
        for _, segments in sent
        if kind(segments) in ("ADT^A01", "ADT^A04")
        for pv1 in find(segments, "PV1")
        if len(pv1) > 16
    )

    assert marks["I"] >= 1
    assert marks["I"] < 0.05 * sum(marks.values())


def test_a_correction_follows_what_it_corrects(sent: list[Sent]) -> None:
    """A corrected potassium that replaces nothing would stand beside the wrong one."""
    said: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    once = {segments[0][9]: segments for emission, segments in sent if emission.feed_code == "BIO"}
    for _, segments in sorted(once.items()):
        filler = ""
        for segment in segments:
            if segment[0] == "OBR":
                filler = segment[3]
            elif segment[0] == "OBX" and segment[2] == "NM":
                said[filler, segment[3]].append((segment[11], segment[5]))
    orders = Counter("".join(status for status, _ in rows) for rows in said.values())

    assert set(orders) <= {"P", "F", "PF", "FC", "PFC"}
    assert orders["PF"] > 100
    assert orders["FC"] + orders["PFC"] >= 3


def test_flags_agree_with_the_ranges_sent(sent: list[Sent]) -> None:
    """A high potassium without its flag is not seen at three in the morning."""
    flags = Counter()
    for emission, segments in sent:
        if emission.feed_code != "BIO":
            continue
        for obx in find(segments, "OBX"):
            if obx[2] == "NM":
                value, bounds, flag = float(obx[5]), obx[7], obx[8]
                low, high = (0.0, float(bounds[1:])) if bounds[0] == "<" else map(float, bounds.split("-"))
                wanted = "H" if value > high else "L" if value < low else ""
                assert flag.replace("HH", "H").replace("LL", "L") == wanted
                flags[flag] += 1

    assert all(flags[flag] for flag in ("", "H", "L", "HH", "LL"))


def test_values_that_depend_on_one_another_agree(sent: list[Sent]) -> None:
    """A laboratory that says nonsense trains people not to believe it."""
    counted = Counter()
    for emission, segments in sent:
        if emission.feed_code == "BIO":
            values = {obx[3].split("^")[3]: float(obx[5]) for obx in find(segments, "OBX") if obx[2] == "NM"}
            corrected = any(obx[11] == "C" for obx in find(segments, "OBX"))
            if "HB" in values and not corrected:
                assert 2.6 < values["HT"] / values["HB"] < 3.3
                assert values["NEU"] + values["LYM"] <= values["WBC"] + 0.1
                counted["blood"] += 1
            if "TP" in values and values["TP"] != 60 and not corrected:  # 59.96 is sent as 60
                assert (values["TP"] < 60) == (values["INR"] > 1.42)
                counted["clotting"] += 1

    assert counted["blood"] > 300
    assert counted["clotting"] > 50


def test_documents_are_real_pdf_files_that_name_their_patient(sent: list[Sent]) -> None:
    """A pack binds them; a file that does not open would be found out in the worst night."""
    sizes, opened = [], 0
    for _, segments in sent:
        for obx in find(segments, "OBX"):
            if obx[2] == "ED":
                content = b64decode(obx[5].split("^")[4])
                sizes.append(len(content))
                if opened < 25:
                    opened += 1
                    text = pypdfium2.PdfDocument(content)[0].get_textpage().get_text_range()
                    pid = next(find(segments, "PID"))
                    assert pid[3].split("^")[0] in text

    assert opened == 25
    assert min(sizes) > 2_000
    assert max(sizes) > 60_000


@pytest.mark.whole
def test_as_many_messages_as_asked_for_and_the_hospital_stays_full(hospital: HospitalMap) -> None:
    """A measure of a million messages must not end in a hospital that filled up or emptied on the way."""
    count = 60_000

    messages = list(stream(hospital, 1, count))

    assert len(messages) == count
    moves = Counter(payload.split(b"|", 9)[8][:7] for _, payload in messages[count // 2 :])
    came = moves[b"ADT^A01"] + moves[b"ADT^A04"] - moves[b"ADT^A11"]
    left = moves[b"ADT^A03"] - moves[b"ADT^A13"]
    assert abs(came - left) < 0.12 * came


def test_stamps_follow_the_wall_clock_through_the_doubled_hour() -> None:
    """On that night two different instants bear the same hour; only the offset tells them apart."""
    stamps = Stamps("Europe/Paris")
    first = int(datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp())

    texts = [
        stamps.zoned(first),
        stamps.zoned(first + 3600),
        stamps.second(first),
        stamps.second(first + 3600),
    ]

    assert texts == ["20261025023000+0200", "20261025023000+0100", "20261025023000", "20261025023000"]
    assert stamps.at_clock(first, 8) == int(datetime(2026, 10, 25, 7, tzinfo=UTC).timestamp())


def test_everybody_lies_where_age_and_sex_allow(hospital: HospitalMap) -> None:
    """A child in geriatrics or a man in maternity, and whoever looks at the demonstration believes nothing of it."""
    lived, year = HospitalLife(hospital, seed=3, start=START), START.year
    stays: list[Stay] = []  # of whoever came, also who left since
    lived.admissions.settled_in.append(stays.append)
    for _ in lived.run(12):
        pass

    wrong = [
        (stay.place.code, stay.person.birth, stay.person.sex)
        for stay in stays
        if not stay.baby_of and not admits(stay.place.kind, age_of(stay.person, year), stay.person.sex)
    ]
    ill = [
        (stay.picture.code, stay.person.birth, stay.person.sex)
        for stay in stays
        if not suits(stay.picture, age_of(stay.person, year), stay.person.sex)
    ]

    assert len(stays) > 700
    wards = {stay.place.kind for stay in stays}
    assert wards > {"neonatal", "paediatrics", "geriatrics", "maternity", "day-surgery", "emergency"}
    assert wrong == []
    assert ill == []


def test_a_newborn_lies_in_a_cot_of_its_mothers_room_while_there_is_one(hospital: HospitalMap) -> None:
    """A board that parts them sends whoever feeds the child to another door."""
    house = HospitalLife(hospital, seed=1, start=START).house
    place = next(place for place in house.wards if place.kind == "maternity")
    mother = next(bed for bed in place.beds if bed.room == place.free_cots[0].room)
    cots = len(place.free_cots)

    first, second = place.take_cot(mother), place.take_cot(mother)

    assert first is not None
    assert first.room == mother.room
    assert second is not None
    assert second.room != mother.room
    assert len(place.free_cots) == cots - 2


def test_newborns_in_a_neonatal_ward_are_days_old(life: tuple[HospitalLife, list[Emission]]) -> None:
    """Ten months of age in an incubator, or a birth announced for December."""
    stays = [stay for stay in life[0].admissions.stays.values() if stay.place.kind == "neonatal"]

    days = [
        datetime.fromtimestamp(stay.admitted, PARIS).date() - date.fromisoformat(stay.person.birth)
        for stay in stays
    ]

    assert len(stays) > 5
    assert all(timedelta(0) <= old <= timedelta(days=13) for old in days)


def test_nobody_is_followed_for_a_pregnancy_that_cannot_be(sent: list[Sent]) -> None:
    """Nor a man, nor a child, nor her grandmother."""
    seen = []
    for _, segments in sent:
        if "Surveillance de grossesse" in next(find(segments, "SCH"), [""] * 8)[7]:
            pid = next(find(segments, "PID"))
            seen.append((pid[8], START.year - int(pid[7][:4]) if pid[7] else None))

    assert len(seen) > 5
    assert all(sex == "F" and (age is None or 18 <= age <= 42) for sex, age in seen), seen


@pytest.mark.parametrize("kind", sorted(PICTURES))
def test_whoever_may_lie_in_a_ward_has_an_illness_of_it(kind: str) -> None:
    """Otherwise the last resort would give somebody what cannot be."""
    for sex in "FM":
        for age in range(100):
            if admits(kind, age, sex) and (kind != "emergency" or age > 1):
                assert any(suits(picture, age, sex) for picture in PICTURES[kind]), (sex, age)
