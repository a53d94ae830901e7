"""What the journal says about the hospital: its map, whole, in one entry."""

import msgspec

from releve.hospital.map import HospitalMap

MAP_KIND = "hospital.map.1"


class HospitalMapImported(msgspec.Struct, frozen=True, kw_only=True, tag=MAP_KIND):
    """The map that is in force from here on, replacing the one before.

    The whole map and not the difference: an island that holds this entry alone knows its hospital.
    `folder_sha256` is that of the files it was read from, so that anyone can tell which folder was imported.
    """

    map: HospitalMap
    folder_sha256: str = ""


_decoder = msgspec.msgpack.Decoder(HospitalMapImported)


def read_map(body: bytes) -> HospitalMapImported:
    """Return the fact written in the body of a `hospital.map.1` entry.

    Raises:
        msgspec.DecodeError: the body is not such a fact.
    """
    return _decoder.decode(body)


def write_map(fact: HospitalMapImported) -> bytes:
    """Return the body of a `hospital.map.1` entry."""
    return msgspec.msgpack.encode(fact)
