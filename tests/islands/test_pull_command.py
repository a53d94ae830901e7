"""`releve islands pull` against an island that is really served: certificates, proofs, and an island that is gone."""

import contextlib
from pathlib import Path

from house_of_islands import House
from published import opened, publishing

from releve.islands.exchange.identity import read_identity
from releve.journal import verify
from releve.journal.entry import Draft
from releve.journal.folder import log_path, own_log
from releve.journal.reader import LogReader


def test_one_round_by_hand_brings_what_the_other_recorded_and_says_when_it_is_not_reached(
    tmp_path: Path,
) -> None:
    """Where no exchange runs, somebody types this at 03:10 and must be able to believe what it says."""
    house = House.joined(tmp_path, "a", "b", wards=("2140", "4140"))
    for origin in house.origins:  # only their own logs, as before they were ever connected
        other = "b" if origin == "a" else "a"
        for file in log_path(house.data(origin), other, 1).parent.iterdir():
            file.unlink()
    house.say(
        "a", *(Draft(kind="message.hl7v2", body=b"MSH|%d" % number, source="mllp:x") for number in range(30))
    )
    with LogReader(own_log(house.data("a")).path) as reader:
        size = reader.size
    with publishing(house.data("a"), "a") as door:
        shown = str(house.root / "a-again.txt")
        house.run("a", "islands", "introduce", "--address", f"127.0.0.1:{door.port}", "--out", shown)
        house.run("b", "islands", "add", shown, "--yes", signed=True)

        identity = read_identity(house.data("a"))
        with contextlib.closing(door.source(identity.certificate_pem, house.data("b"))) as source:
            opened(source)
        first = house.run("b", "islands", "pull")
        again = house.run("b", "islands", "pull", "a")
        unknown = house.told("b", "islands", "pull", "z")
    gone = house.told("b", "islands", "pull")

    assert first["refused"] == []
    (line,) = first["islands"]
    assert (line["origin"], line["trouble"]) == ("a", "")
    assert line["entries"] >= size
    assert again["islands"][0]["entries"] == 0
    with LogReader(log_path(house.data("b"), "a", 1)) as mirrored:
        assert mirrored.size == size
    assert list(verify.verify_folder(house.data("b"))) == []
    assert unknown.exit_code == 1
    assert "expected islands that belong" in unknown.output
    assert gone.exit_code == 1
    assert "expected a connection" in gone.output
