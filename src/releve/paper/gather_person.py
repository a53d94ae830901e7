"""One present person, from the views to her sheet."""

from typing import NamedTuple

import msgspec

from releve.bedside.census import Present
from releve.bedside.files import PersonFile
from releve.paper.gather_frame import Frame, Neighbour
from releve.paper.gather_results import (
    appointments_of,
    contacts_of,
    measures_of,
    pending_of,
    plan_of,
    results_of,
)
from releve.paper.gather_treatment import lines_of
from releve.paper.pack import Alert, Allergies, Allergy, NameKind, PatientSheet, Sex
from releve.record.tables import Person
from releve.web.words import age_of
from releve.web.words import birth as said_birth

__all__ = ["Ties", "name_of", "sheet_of"]

SEXES: dict[str, Sex] = {"F": "F", "M": "M"}
# Table 0445 and the French use of PID-32: what makes an identity doubtful goes before what vouches for it.
DOUBTS = {"DOUB": "DOUT", "DOUT": "DOUT", "FICT": "FICT"}
ADMISSION_KIND = "A"  # DG1-6
NAMESAKES_MAX = 4  # told one by one on a sheet; of more, three and how many others


class Tie(msgspec.Struct, frozen=True, kw_only=True):
    """A link between persons as it was received."""

    other: str
    kind: str
    status: str
    recorded_at: int


class Ties(msgspec.Struct, frozen=True, kw_only=True):
    """How the persons of a ward are tied to others, each list by key of a person."""

    links: dict[str, tuple[Tie, ...]] = {}
    mothers: dict[str, tuple[str, ...]] = {}
    children: dict[str, tuple[str, ...]] = {}
    homonyms: dict[str, list[Present]] = {}


def sheet_of(
    file: PersonFile,
    present: Present,
    ties: Ties,
    frame: Frame,
    *,
    heard_ms: int | None,
    appointments_received: bool,
    covered: bool = False,
) -> PatientSheet:
    """Return the sheet of one person; `covered` when this ward is not in charge of a confidential stay.

    `heard_ms` is the latest message of the feed that charts doses in this ward.
    """
    person, stay = present.person, present.encounter
    called = name_of(present, frame, covered=covered)
    others = _others(present, ties.mothers, frame)
    return PatientSheet(
        key=stay.id,
        ipp=present.ipp,
        visit=stay.visit or "",
        bed=frame.bed_words(present),
        name=called.name,
        given=called.given,
        used_name=called.used,
        name_kind=called.kind,
        birth_name=None if covered else person.birth_name,
        birth_date=person.birth_date,
        age_words=_age_words(person.birth_date, frame),
        sex=SEXES.get(person.sex or "", "U"),
        identity_status=_identity_status(person),
        admitted=frame.day(stay.admitted_at),
        reason=_reason(file),
        doctor=stay.attending or "",
        mother=_mother(others, present, frame),
        last_change=frame.local_or_none(file.last_change_at()),
        allergies=_allergies(file, frame),
        alerts=_alerts(file, present, ties, frame, placeholder=called.kind == "placeholder"),
        measures=measures_of(file, frame),
        results=results_of(file, frame),
        pending=pending_of(file, frame),
        plan=plan_of(file, frame),
        appointments=appointments_of(file, frame, received=appointments_received),
        contacts=() if covered else contacts_of(file, frame),
        lines=lines_of(file, frame, heard_ms=heard_ms),
    )


class Called(NamedTuple):
    """How somebody is named on paper: the birth name first, the name in use only where it is another."""

    kind: NameKind
    name: str
    given: str = ""
    used: str = ""

    def spoken(self, frame: Frame) -> str:
        """Return the name in one line, as another's sheet writes it."""
        whole = " ".join(part for part in (self.name, self.given) if part)
        return frame.words("also_called", name=whole, used=self.used) if self.used else whole


def name_of(present: Present, frame: Frame, *, covered: bool) -> Called:
    """Return how somebody is named on paper; under the cover name when `covered`."""
    person = present.person
    if covered:
        return Called("cover", frame.directory.map.confidential.cover_name)
    name, given = person.birth_name or person.used_name or "", person.given_name or person.given_names or ""
    if not name and not given:
        return Called("placeholder", frame.words("no_name"))
    used = person.used_name or ""
    return Called("real", name, given, used if used.casefold() != name.casefold() else "")


def _identity_status(person: Person) -> str:
    for doubt, status in DOUBTS.items():
        if doubt in person.doubts:
            return status
    return person.identity_status or ""


def _reason(file: PersonFile) -> str | None:
    """Return why she is here, as said of the stay, else by the admission diagnosis of this stay."""
    stay = file.present.encounter
    if stay.reason:
        return stay.reason
    said = [
        problem.label
        for problem in file.problems
        if problem.kind == ADMISSION_KIND and problem.visit in (stay.visit, None) and problem.label
    ]
    return " ; ".join(said) or None


def _allergies(file: PersonFile, frame: Frame) -> Allergies:
    stated = [allergy for allergy in file.allergies if allergy.state == "stated"]
    if stated:
        items = []
        for allergy in stated:
            label = allergy.label or allergy.code or "?"
            severity = f"severity_{allergy.severity}"
            words = frame.words(severity) if severity in frame.words else allergy.severity or ""
            items.append(
                Allergy(
                    text=frame.words("colon", what=label, said=allergy.reaction)
                    if allergy.reaction
                    else label,
                    detail=frame.words("as_entered", severity=words) if words else "",
                    source=frame.directory.told_by(allergy.source),
                    date=allergy.since_text if _is_date(allergy.since_text) else frame.day(allergy.stated_at),
                )
            )
        return Allergies(state="listed", items=tuple(items))
    none = next((allergy for allergy in file.allergies if allergy.state == "none-known"), None)
    if none is not None:
        return Allergies(
            state="none_stated",
            source=frame.directory.told_by(none.source),
            date=frame.day(none.stated_at or none.stamp),
        )
    return Allergies(state="not_recorded")


def _is_date(text: str | None) -> bool:
    parts = (text or "").split("-")
    return [len(part) for part in parts] in ([4], [4, 2], [4, 2, 2]) and all(part.isdigit() for part in parts)


def _alerts(
    file: PersonFile, present: Present, ties: Ties, frame: Frame, *, placeholder: bool
) -> tuple[Alert, ...]:
    """Return what to know at the door, what could put somebody at risk first."""
    words, person, stay = frame.words, present.person, present.encounter
    found: list[Alert] = []
    if placeholder or _identity_status(person) == "FICT":
        found.append(Alert(kind="unidentified"))
    family = {*_keys(present, ties.mothers), *_keys(present, ties.children)}
    # A newborn bears her mother's name.
    alike = [other for other in ties.homonyms.get(present.head, ()) if not family & set(other.persons)]
    told = alike if len(alike) <= NAMESAKES_MAX else alike[: NAMESAKES_MAX - 1]
    for other in told:
        birth = other.person.birth_date
        found.append(
            Alert(
                kind="homonym",
                note=words(
                    "homonym",
                    name=name_of(other, frame, covered=False).spoken(frame),
                    birth=said_birth(birth, frame.today(), frame.language) if birth else words("no_birth"),
                    bed=_in_bed(frame.bed_words(other), frame),
                ),
            )
        )
    if len(told) < len(alike):
        found.append(Alert(kind="homonym", note=words("homonyms_more", n=len(alike) - len(told))))
    found += _merges(present, ties, frame)
    for kind, tied, here, elsewhere in (
        ("newborn", ties.mothers, "mother_here", "mother_elsewhere"),
        ("with_child", ties.children, "child_here", "child_elsewhere"),
    ):
        for one in _others(present, tied, frame):
            found.append(
                Alert(kind=kind, note=_whereabouts(one, present, frame, here, elsewhere))  # type: ignore[arg-type]
            )
    alone = _keys(present, ties.mothers) and not any(alert.kind == "newborn" for alert in found)
    if alone and _is_infant(person, frame):
        found.append(Alert(kind="newborn", note=words("mother_gone")))
    for alert in sorted(file.alerts, key=lambda alert: not alert.strong):
        found.append(Alert(text=alert.label or alert.code or "?"))
    if stay.status == "leave":
        since = words("on_leave_note", at=frame.said(stay.stamp)) if stay.stamp else ""
        found.append(Alert(text=words("on_leave"), note=since))
    if person.died_at is not None:
        found.append(Alert(text=words("died", at=frame.said(person.died_at))))
    if present.confidential or (stay.ward or "") in frame.directory.map.confidential.wards:
        found.append(Alert(kind="confidential"))
    return tuple(found)


def _merges(present: Present, ties: Ties, frame: Frame) -> list[Alert]:
    """Return what is to be doubted in the links of a person: received after the suspected attack, or not confirmed."""
    found = []
    seen: set[tuple[str, str]] = set()
    for key in present.persons:
        for tie in ties.links.get(key, ()):
            pair = (min(key, tie.other), max(key, tie.other))
            if pair in seen:
                continue
            seen.add(pair)
            if tie.status == "proposed":
                other = tie.other if tie.other not in present.persons else key
                text = frame.words("proposed_merge", number=other.partition(":")[2])
                found.append(Alert(text=text))
            elif frame.attack_ms is not None and tie.recorded_at >= frame.attack_ms:
                numbers = ", ".join(one.partition(":")[2] for one in pair)
                note = frame.words("after_attack_merge", numbers=numbers, at=frame.said(tie.recorded_at))
                found.append(Alert(kind="after_attack", note=note))
    return found


def _keys(present: Present, tied: dict[str, tuple[str, ...]]) -> list[str]:
    return [other for key in present.persons for other in tied.get(key, ())]


def _others(present: Present, tied: dict[str, tuple[str, ...]], frame: Frame) -> list[Neighbour]:
    """Return the tied persons who are present somewhere, each once."""
    found = {id(one): one for key in _keys(present, tied) if (one := frame.everyone.get(key)) is not None}
    return list(found.values())


def _whereabouts(one: Neighbour, present: Present, frame: Frame, here: str, elsewhere: str) -> str:
    bed = _in_bed(one.bed, frame)
    same = one.ward == (present.encounter.ward or "")
    name = _spoken(one, frame, same_ward=same)
    if same:
        return frame.words(here, name=name, bed=bed)
    return frame.words(elsewhere, name=name, bed=bed, ward=frame.ward_name(one.ward))


def _in_bed(bed: str, frame: Frame) -> str:
    return frame.words("in_bed", bed=bed) if bed else frame.words("no_bed")


def _spoken(one: Neighbour, frame: Frame, *, same_ward: bool) -> str:
    """Return somebody's name as another's sheet may write it: under its cover outside the ward in charge."""
    confidential = one.present.confidential or one.ward in frame.directory.map.confidential.wards
    return name_of(one.present, frame, covered=bool(confidential) and not same_ward).spoken(frame)


def _age_words(birth: str | None, frame: Frame) -> str:
    """Return the age on the day of the sheet; paper is read on another day too, so it never says "today"."""
    if not birth:
        return ""
    if birth.replace("-", "") == frame.today().strftime("%Y%m%d"):
        return frame.words("newborn")
    return age_of(birth, frame.today(), frame.language) or ""


def _mother(mothers: list[Neighbour], present: Present, frame: Frame) -> str:
    same = [one.ward == (present.encounter.ward or "") for one in mothers]
    return ", ".join(_spoken(one, frame, same_ward=near) for one, near in zip(mothers, same, strict=True))


def _is_infant(person: Person, frame: Frame) -> bool:
    """Tell whether somebody is in her first four weeks."""
    try:
        born = frame.today().fromisoformat(person.birth_date or "")
    except ValueError:
        return False
    return 0 <= (frame.today() - born).days < 28
