"""One person as her page shows her: identity as this reader may know it, stay, file, where her data come from."""

import msgspec
from django.http import HttpRequest

from releve.bedside.census import HERE, Present, identifiers_of, is_lodged, persons_behind
from releve.bedside.cover import Traits, claimed, confidential_of, is_covered, traits_of
from releve.bedside.files import PersonFile, files_of
from releve.bedside.horizon import Source, sources_of
from releve.bedside.now import IslandNow, island_now
from releve.bedside.provenance import Origin, Provenance
from releve.hospital.map import Ward
from releve.record.crossed import side_by_side
from releve.record.sayings import sayings_of
from releve.record.tables import Encounter, Identifier, Link, Measure, Person

__all__ = ["Known", "Patient", "hide", "known_of", "patient_from", "patient_of", "stay_of"]

# The stay to show when several are known: who is here, then who is expected, then who left last.
RANK = {"present": 0, "leave": 0, "planned": 1, "left": 2}


class Patient(msgspec.Struct, kw_only=True):
    """Everything a patient's page says."""

    now: IslandNow
    present: Present
    traits: Traits
    confidential: bool
    file: PersonFile
    ward: Ward | None
    sources: dict[str, Source]
    members: list[Person]
    identifiers: list[Identifier]
    links: list[Link]
    provenance: Provenance
    allergy_origin: Origin | None = None
    weight: Measure | None = None
    height: Measure | None = None
    claims: tuple[Traits, ...] = ()  # identities that stand side by side until a person settles them

    @property
    def names(self) -> list[tuple[str, str, str]]:
        """Each name (birth name, given, used) that stands: one, or several while corrections contradict."""
        return list(dict.fromkeys((one.name, one.given, one.used) for one in self.claims or (self.traits,)))

    @property
    def births(self) -> list[str | None]:
        """Each birth date that stands."""
        return list(dict.fromkeys(one.birth_date for one in self.claims or (self.traits,)))

    @property
    def sexes(self) -> list[str | None]:
        """Each sex that stands."""
        return list(dict.fromkeys(one.sex for one in self.claims or (self.traits,)))

    @property
    def only_sex(self) -> str:
        """The sex, when one alone stands; "" otherwise."""
        return self.sexes[0] or "" if len(self.sexes) == 1 else ""

    @property
    def covered(self) -> bool:
        """This reader sees the stay under its cover name."""
        return self.traits.covered

    @property
    def here(self) -> bool:
        """The person is in the hospital now."""
        return self.present.encounter.status in ("present", "leave")

    @property
    def bed(self) -> str:
        """The bed as people call it, "" when nobody said."""
        stay = self.present.encounter
        return stay.bed or stay.room or ""

    @property
    def also(self) -> list[str]:
        """The wards, by name, where another stay of this person is open: one of the two is wrong."""
        shown = self.present.encounter
        if not self.here or self.covered or not is_lodged(shown):
            return []
        codes = {
            stay.ward or ""
            for stay in self.file.encounters
            if stay.status in HERE and stay.visit != shown.visit and is_lodged(stay)
        }
        wards = {code: self.now.directory.ward(code) for code in sorted(codes)}
        return [code if ward is None else ward.name for code, ward in wards.items()]

    @property
    def other_numbers(self) -> int:
        """How many further numbers are read together with the one shown."""
        return len(self.members) - 1

    @property
    def linked_after_attack(self) -> bool:
        """A link that stands was received after the moment from which the attack is suspected."""
        attack = self.provenance.attack_ms
        return attack is not None and any(
            link.status == "active" and link.kind != "mother" and (link.recorded_at or 0) > attack
            for link in self.links
        )

    @property
    def silent_on(self) -> list[str]:
        """What this page does not know, as codes of `unknown.html`: asked of the data, never guessed."""
        missing: list[str] = []
        if self.covered:  # what is hidden is not missing
            return ["allergies"] if self.file.allergy_state == "not-said" else missing
        if self.file.allergy_state == "not-said":
            missing.append("allergies")
        if self.weight is None:
            missing.append("weight")
        if not self.file.contacts:
            missing.append("contact")
        if not self.file.problems:
            missing.append("problems")
        if self.present.encounter.attending is None:
            missing.append("attending")
        return missing

    @property
    def not_received(self) -> list[str]:
        """The care functions of which this island receives nothing here: unknown, never "none"."""
        return [function for function, source in self.sources.items() if source.feed is None]

    @property
    def never_heard(self) -> list[str]:
        """The care functions whose feed is announced and was never heard."""
        return [
            function
            for function, source in self.sources.items()
            if source.feed is not None and source.feed.never
        ]


def hide(file: PersonFile) -> None:
    """Take out of a file what would tell who it is or why she is here: a cover name over them covers nothing.

    What keeps her safe stays: allergies, alerts, weight, treatment and what was given. Rows are never saved from here.
    """
    file.contacts, file.documents, file.problems, file.reports = [], [], [], []
    file.results, file.requests, file.appointments, file.dispenses = [], [], [], []
    file.care = []
    for stay in {id(stay): stay for stay in (*file.encounters, file.present.encounter)}.values():
        stay.reason = stay.attending = None
    for line in file.lines:
        line.prescriber = None
    for doses in file.doses.values():
        for dose in doses:
            dose.by = None


def stay_of(persons: list[str]) -> Encounter | None:
    """Return the stay to show: present first, then planned, then the last one that ended."""
    stays = list(Encounter.objects.filter(person__in=persons).exclude(status__in=("cancelled", "moved")))
    stays.sort(key=lambda stay: -(stay.admitted_at or 0))
    return min(stays, key=lambda stay: RANK.get(stay.status or "", 3), default=None)


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Who a page is about, before anything of her file is read: enough for a form that is sent."""

    now: IslandNow
    present: Present
    members: list[Person]
    covered: bool

    @property
    def here(self) -> bool:
        """The person is in the hospital now."""
        return self.present.encounter.status in ("present", "leave")

    @property
    def bed(self) -> str:
        """The bed as people call it, "" when nobody said."""
        return self.present.encounter.bed or self.present.encounter.room or ""


def known_of(key: str, request: HttpRequest) -> Known | None:
    """Return who is known by a person's key, all linked persons together; None when nobody is."""
    now = island_now(request)
    behind = persons_behind([key]).get(key)
    if now is None or behind is None:
        return None
    head, members = behind
    keys = sorted(member.id for member in members)
    stay = stay_of(keys) or Encounter(id=f"{head}/", person=head, visit="", status="")
    traits_row = next((member for member in members if member.id == head), members[0])
    present = Present(
        head=head,
        persons=tuple(keys),
        person=traits_row,
        encounter=stay,
        ipp=head.partition(":")[2],
        visits=(stay.visit,),
    )
    reader = request.person  # type: ignore[attr-defined]
    return Known(
        now=now, present=present, members=members, covered=is_covered(present, reader, now.directory)
    )


def patient_of(key: str, request: HttpRequest, *, days: int = 10, dose_days: int = 3) -> Patient | None:
    """Return the patient of a person's key, all linked persons together; None when nobody is known by it.

    Results go back `days`, charted doses `dose_days`.
    """
    known = known_of(key, request)
    return None if known is None else patient_from(known, days=days, dose_days=dose_days)


def patient_from(known: Known, *, days: int = 10, dose_days: int = 3) -> Patient:
    """Return everything a patient's page says of whom is known."""
    now, present, members, covered = known.now, known.present, known.members, known.covered
    head, stay, keys = present.head, present.encounter, list(present.persons)
    cover = now.directory.map.confidential.cover_name if covered else ""
    ward = now.directory.ward(stay.ward) if stay.ward else None
    sources = sources_of(stay.ward or "", now.directory, now.feeds, now.statuses)
    provenance = Provenance(now, stay.ward or "", head, members)
    file = files_of([present], now_ms=now.now_ms, result_days=days, dose_days=dose_days)[head]
    stated = [allergy for allergy in file.allergies if allergy.state == "stated"] or file.allergies
    newest = max(stated, key=lambda allergy: allergy.recorded_at or 0, default=None)
    if covered:
        hide(file)
    return Patient(
        now=now,
        present=present,
        traits=traits_of(present.person, cover=cover),
        confidential=bool(confidential_of(present, now.directory)),
        file=file,
        ward=ward,
        sources=sources,
        members=members,
        identifiers=[] if covered else identifiers_of(keys),
        links=[] if covered else links_of(keys),
        provenance=provenance,
        allergy_origin=provenance.of(newest) if newest is not None else None,
        weight=file.latest("weight"),
        height=file.latest("height"),
        claims=() if covered else _claims(head, present.person),
    )


def _claims(head: str, row: Person) -> tuple[Traits, ...]:
    """Return the identities that colleagues wrote without having seen one another's; nothing when they agree."""
    if not row.disputed:
        return ()
    stand = sayings_of("identity.corrected.1", [head]).get(head, ())
    return tuple(claimed(one.words) for one in side_by_side(stand))


def links_of(persons: list[str]) -> list[Link]:
    """Return every link that touches these persons, withdrawn ones too."""
    led = Link.objects.filter(person__in=persons)
    leading = Link.objects.filter(other__in=persons)
    return sorted(
        {link.id: link for link in (*led, *leading)}.values(), key=lambda link: link.recorded_at or 0
    )
