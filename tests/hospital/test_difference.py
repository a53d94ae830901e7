"""What a new map changes is shown before it is imported."""

import msgspec

from releve.hospital.difference import Count, compare_maps
from releve.hospital.facts import HospitalMapImported, read_map, write_map
from releve.hospital.folder import read_folder
from releve.hospital.map import HospitalMap

Files = dict[str, bytes]


def read(files: Files) -> HospitalMap:
    """Return the map of a folder known to be right."""
    hospital = read_folder(files).map
    assert hospital is not None
    return hospital


def without_psychiatry(folder: Files) -> HospitalMap:
    """Return the map once ward 0204 is gone everywhere."""
    files = {
        name: b"\n".join(line for line in data.split(b"\n") if not line.startswith(b"0204"))
        for name, data in folder.items()
    }
    files["hospital.toml"] = files["hospital.toml"].replace(b'wards = ["0204"]', b"")
    files["staff.csv"] = files["staff.csv"].replace(b"0201 0204", b"0201")
    files["printers.csv"] = files["printers.csv"].replace(b"0204", b"")
    return read(files)


def test_the_same_folder_twice_changes_nothing(folder: Files) -> None:
    """Importing again by mistake must be seen to be harmless."""
    difference = compare_maps(read(folder), read(folder))

    assert difference.empty
    assert difference.lines() == []


def test_each_kind_is_counted(folder: Files) -> None:
    """Whoever agrees must see that 3,000 people are about to vanish because a file was cut short."""
    before = read(folder)
    folder["staff.csv"] += b"M002;Le Bris;Anna;nurse;;0201\n"
    folder["wards.csv"] = folder["wards.csv"].replace(b"Cardiologie", b"Cardiologie A")

    difference = compare_maps(before, read(folder))

    assert difference.counts["staff"] == Count(added=1, same=1)
    assert difference.counts["wards"] == Count(changed=1, same=1)
    assert [change.fields for change in difference.changes if change.how == "changed"] == [("name",)]
    assert difference.lines("fr") == ["unités\u00a0: 1 changés", "personnes\u00a0: 1 ajoutés"]


def test_a_ward_where_patients_lie_cannot_vanish_unnoticed(folder: Files) -> None:
    """Patients of a ward that no longer exists would stand on no board and in no pack."""
    difference = compare_maps(
        read(folder), without_psychiatry(folder), patients_by_ward={"0204": 3}, patients_by_bed={"0204-01": 1}
    )

    assert difference.blocked
    assert [(removal.kind, removal.code, removal.patients) for removal in difference.removals] == [
        ("ward", "0204", 3),
        ("bed", "0204-01", 1),
    ]
    assert "0204" in difference.removals[0].text("fr")


def test_an_empty_ward_may_be_closed(folder: Files) -> None:
    """Hospitals do close wards."""
    difference = compare_maps(read(folder), without_psychiatry(folder))

    assert not difference.blocked
    assert difference.counts["wards"].removed == 1


def test_a_new_identity_authority_is_told(folder: Files) -> None:
    """Its merges apply at once, so a wrong one links strangers."""
    before = read(folder)
    folder["hospital.toml"] = folder["hospital.toml"].replace(b'feed = "ADT"', b'feed = "RX"')

    difference = compare_maps(before, read(folder))

    assert difference.settings == ("identity.feed",)
    assert [removal.kind for removal in difference.removals] == ["identity"]


def test_the_map_travels_whole_through_the_journal(folder: Files) -> None:
    """An island that holds this entry alone must know its hospital."""
    hospital = read(folder)
    fact = HospitalMapImported(map=hospital, folder_sha256="00")

    assert read_map(write_map(fact)) == fact
    assert msgspec.json.decode(msgspec.json.encode(hospital), type=HospitalMap) == hospital
