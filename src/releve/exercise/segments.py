"""HL7 v2 text, made fast: escaping, segments from fields, the parts that every application writes alike.

A message is built as text and encoded once; the codecs' writer checks more and is for messages we answer for.
Source: HL7 v2.5 chapter 2 (encoding); IHE France PAM 2.11 for PID, PV1 and the Z segments.
"""

from releve.hospital.map import HospitalMap, Staff

_ESCAPES = str.maketrans(
    {"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\", "\r": "\\X0D\\", "\n": "\\.br\\"}
)


def escaped(text: str) -> str:
    r"""Return the text with the standard separators escaped; a line break becomes `\.br\`."""
    return text.translate(_ESCAPES)


def segment(name: str, *fields: str | int) -> str:
    """Return a segment; fields are already escaped, and empty ones at the end are left out."""
    return "|".join((name, *map(str, fields))).rstrip("|")


def placed(name: str, **fields: str) -> str:
    """Return a segment from its numbered fields: `placed("PV1", _2="I", _44=...)`."""
    numbered = {int(key[1:]): value for key, value in fields.items() if value}
    last = max(numbered, default=0)
    return "|".join((name, *(numbered.get(number, "") for number in range(1, last + 1))))


def coded(code: str, label: str, system: str) -> str:
    """Return a CE/CWE."""
    return f"{code}^{escaped(label)}^{system}"


def professional(staff: Staff) -> str:
    """Return an XCN: RPPS when the profession has one, else the hospital's own number."""
    name = f"{escaped(staff.family)}^{escaped(staff.given)}"
    if staff.rpps:
        return f"{staff.rpps}^{name}^^^DR^^^ASIP-SANTE-PS&1.2.250.1.71.4.2.1&ISO^L^^^RPPS"
    return f"{staff.code}^{name}^^^^^^SIH^L^^^EI"


class Authority:
    """How the hospital's identifiers are written: IPP, visit, account and movement numbers."""

    def __init__(self, hospital: HospitalMap) -> None:
        identity = hospital.identity
        assigner = identity.namespace or "SIH"
        self.hd = f"{assigner}&{identity.oid}&ISO" if identity.oid else assigner
        self._entity = f"{assigner}^{identity.oid}^ISO" if identity.oid else assigner
        self._facility = f"{assigner}&{hospital.finess}&M" if hospital.finess else ""

    def ipp(self, number: str) -> str:
        """Return the CX of a patient number (PI)."""
        return f"{number}^^^{self.hd}^PI"

    def account(self, number: str) -> str:
        """Return the CX of an account (AN, PID-18)."""
        return f"{number}^^^{self.hd}^AN"

    def visit(self, number: str) -> str:
        """Return the CX of a visit (VN, PV1-19)."""
        return f"{number}^^^{self.hd}^VN"

    def movement(self, number: str) -> str:
        """Return the EI of a movement (ZBE-1)."""
        return f"{number}^{self._entity}"

    def location(self, ward: str, room: str, bed: str) -> str:
        """Return the PL of a place: UF, room, bed, facility."""
        return (
            f"{ward}^{room}^{bed}^{self._facility}" if self._facility else f"{ward}^{room}^{bed}".rstrip("^")
        )
