"""Logs travel: to a screen in a corridor, a supplier, a court. No patient may be in them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from living_island import LivingIsland, Visitor, lived, releve, send, wait_until


def test_an_hour_of_messages_leaves_no_patient_in_any_log_or_file_name(
    island: LivingIsland,
) -> None:
    """Rule 7 of the house, over messages that are well, ill and broken, pages, packs and every command."""
    island.serve()
    whole = list(lived(1, patients=12))
    broken = [spoil(message) for message in whole[:25] for spoil in SPOILS]
    answers = send(island, [*whole, *broken])
    assert sum(b"MSA|AA|" in answer for answer in answers) >= len(whole)
    island.wait_until_folded(60)
    visitor = Visitor(island)
    wait_until(lambda: visitor.get("/sign-in/")[0] == 200, "the page to sign in")
    visitor.sign_in()
    wards = [
        ward for (ward,) in island.ask("SELECT DISTINCT ward FROM record_encounter WHERE status = 'present'")
    ]
    for ward in wards[:4]:
        page = visitor.get(f"/ward/{ward}/")[1]
        for address in re.findall(r'href="(/patient/[^"]+)"', page)[:3]:
            visitor.get(address)
    assert visitor.statuses[200] > 5
    island.kill("fold")
    island.kill("gateway")
    wait_until(lambda: {"fold", "gateway"} <= island.processes().keys(), "fold and gateway")
    said = [
        releve(*command, "--data", str(island.data)).stderr
        for command in (
            ("journal", "verify"), ("views", "rebuild"), ("packs", "print", "--ward", wards[0]),
        )
    ]  # fmt: skip
    island.stop()

    values = {value for message in whole for value in values_of(message)}
    assert len(values) > 40
    text = "\n".join(
        [island.said(), *said, *(str(path.relative_to(island.data)) for path in island.data.rglob("*"))]
    )
    reasons = "\n".join(str(reason) for (reason,) in island.ask("SELECT reason FROM views_not_understood"))
    assert reasons  # something was broken, and is said
    found = sorted(
        value for value in values if re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text + reasons)
    )
    assert not found, (
        f"{len(found)} values of patients in logs, such as: {lines_with(found[0], text + reasons)}"
    )


def values_of(message: bytes) -> set[str]:
    """Return what may not be said of a patient: numbers, family and given names, in every writing."""
    text = message.decode("latin-1" if b"8859" in message[:200] else "utf-8", "replace")
    found: set[str] = set()
    for line in text.split("\r"):
        fields = line.split("|")
        if fields[0] == "PID":
            found |= {part.split("^")[0] for part in fields[3].split("~")}
            for name in fields[5].split("~"):
                found |= set(name.split("^")[:2])
        elif fields[0] == "PV1" and len(fields) > 19:
            found.add(fields[19].split("^")[0])
    return {value for value in found if len(value) >= 4 and value != '""'}


def lines_with(value: str, text: str) -> list[str]:
    """Return where a value was said."""
    return [line for line in text.splitlines() if value in line][:3]


def cut(message: bytes) -> bytes:
    """Return the message cut in the middle of a segment."""
    return message[: len(message) * 2 // 3]


def without_header(message: bytes) -> bytes:
    """Return the message without MSH."""
    return message.split(b"\r", 1)[-1]


def unknown_kind(message: bytes) -> bytes:
    """Return the message as one of a kind that nobody reads."""
    fields = message.split(b"|")
    fields[8] = b"ZZZ^Z99^ZZZ_Z99"
    return b"|".join(fields)


def wrong_numbers(message: bytes) -> bytes:
    """Return the message with a name where dates stand."""
    return re.sub(rb"\|(19|20)\d{6,12}", b"|LEFEBVRE", message)


SPOILS = (cut, without_header, unknown_kind, wrong_numbers)


MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00) ([A-Za-z. ]+): ")


def test_whichever_process_wrote_a_line_its_moment_reads_the_same(
    island: LivingIsland, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the processes follow the hospital's zone, half the machine's: a night could not be put in order."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")  # neither the hospital's nor that of the form
    began = datetime.now(UTC)
    island.serve()
    for name in ("gateway", "fold", "recorder"):
        island.kill(name)
    wait_until(lambda: {"gateway", "fold", "recorder"} <= island.processes().keys(), "all of them again")
    Visitor(island).get("/sign-in/")
    island.stop()

    lines = [line for line in island.said().splitlines() if re.search(r"\d\d:\d\d:\d\d", line)]
    found = [(line, MOMENT.match(line)) for line in lines]
    assert not [line for line, moment in found if moment is None]
    moments = [(moment[2], datetime.fromisoformat(moment[1])) for _, moment in found if moment]
    assert {"releve", "recorder", "web"} <= {name for name, _ in moments}
    assert all(began - timedelta(seconds=1) <= at <= datetime.now(UTC) for _, at in moments)
