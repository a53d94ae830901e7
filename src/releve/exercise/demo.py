"""The demonstration hospital, “Centre hospitalier de Valombre”, written as the folder a real hospital would fill in.

Everybody and everything in it is invented; `exercise = true` makes an island made of it print EXERCICE everywhere.
"""

from pathlib import Path

from releve.exercise.demo_applications import FACILITY, IDENTITY_FEED, demo_applications, demo_feeds
from releve.exercise.demo_formulary import formulary_files
from releve.exercise.demo_places import BUILDINGS, SITE, demo_rooms_and_beds, demo_wards, ward_phone
from releve.exercise.demo_staff import demo_staff
from releve.hospital.folder import write_folder
from releve.hospital.map import (
    ConfidentialRule,
    ConfidentialRules,
    HospitalMap,
    IdentityAuthority,
    OnCall,
    Phone,
    Printer,
    StaffRole,
    Ward,
)

SEED = 20220821  # the night of Corbeil-Essonnes, in whose memory this was begun

# The arc 2.999 is kept for examples by ISO/IEC: no authority will ever be given it.
_NAMESPACE_OID = "2.999.7001.1"


def demo_hospital(*, seed: int = SEED) -> HospitalMap:
    """Return the map of the demonstration hospital; the seed changes its people only."""
    wards = demo_wards()
    rooms, beds = demo_rooms_and_beds()
    return HospitalMap(
        name="Centre hospitalier de Valombre",
        finess="990000010",
        exercise=True,
        identity=IdentityAuthority(feed=IDENTITY_FEED, namespace=FACILITY, oid=_NAMESPACE_OID),
        sites=(SITE,),
        buildings=BUILDINGS,
        wards=wards,
        rooms=rooms,
        beds=beds,
        staff=demo_staff(seed),
        printers=_printers(wards),
        applications=demo_applications(),
        feeds=demo_feeds(),
        phones=_phones(wards),
        on_call=_ON_CALL,
        confidential=ConfidentialRules(
            rules=(
                ConfidentialRule(address="PV1-16", value="I"),
                ConfidentialRule(address="PV1-16", value="Y"),
                ConfidentialRule(address="PID-32", value="CACH"),
            ),
            cover_name="CONFIDENTIEL",
        ),
    )


def write_demo(directory: Path, *, seed: int = SEED) -> HospitalMap:
    """Write the demonstration hospital as a folder and return its map; files of the same names are replaced."""
    hospital = demo_hospital(seed=seed)
    directory.mkdir(parents=True, exist_ok=True)
    for name, data in {**write_folder(hospital), **formulary_files()}.items():
        (directory / name).write_bytes(data)
    return hospital


def _printers(wards: tuple[Ward, ...]) -> tuple[Printer, ...]:
    """A sheet printer and a label printer in each ward; each stands in for the next ward of its building."""
    printers: list[Printer] = []
    for building in BUILDINGS:
        here = [ward for ward in wards if ward.building == building.code]
        network = 40 + ord(building.code) - ord("A")
        for position, ward in enumerate(here):
            helped = here[(position + 1) % len(here)].code
            for kind, prefix, name, host in (
                ("a4", "IMP", "Imprimante du poste de soins", 11 + position),
                ("label", "ETI", "Imprimante d’étiquettes", 111 + position),
            ):
                printers.append(
                    Printer(
                        code=f"{prefix}-{ward.code}",
                        name=f"{name}, {ward.name}",
                        ward=ward.code,
                        second_for=helped,
                        kind="a4" if kind == "a4" else "label",
                        address=f"10.{network}.9.{host}:9100",
                        building=building.code,
                    )
                )
    return tuple(printers)


# Functions and not names: whoever holds the telephone that night.
_TELEPHONES: tuple[tuple[str, str, StaffRole, str], ...] = (
    ("G-SENIOR", "Médecin senior", "physician", "45 01"),
    ("G-MED", "Interne de médecine", "physician", "45 12"),
    ("G-CHIR", "Interne de chirurgie", "physician", "45 13"),
    ("G-CADRE", "Cadre de santé de nuit", "nurse", "45 20"),
    ("G-PHARMA", "Interne de pharmacie", "pharmacist", "45 30"),
    ("G-BIO", "Technicien de nuit", "laboratory", "45 40"),
    ("G-RADIO", "Manipulateur de nuit", "radiographer", "45 50"),
)
_ON_CALL = tuple(
    OnCall(code=code, name=name, role=role, number=number) for code, name, role, number in _TELEPHONES
)

# What is called when no screen answers; numbers from the range that is given to nobody.
_HOSPITAL_PHONES = (
    ("STANDARD", "Standard", "01 99 00 44 00", "standard"),
    ("CRISE", "Cellule de crise", "01 99 00 44 10", "crisis"),
    ("INFO", "Informatique d’astreinte", "01 99 00 44 20", "it"),
    ("DIRECTION", "Directeur de garde", "01 99 00 44 30", "management"),
    ("REA", "Urgence vitale interne", "01 99 00 15 15", "emergency"),
    ("INCENDIE", "Sécurité incendie", "01 99 00 18 18", "emergency"),
    ("LABO", "Laboratoire", "01 99 00 50 10", "laboratory"),
    ("EFS", "Dépôt de sang", "01 99 00 50 20", "laboratory"),
    ("IMAGERIE", "Imagerie", "01 99 00 50 30", "imaging"),
    ("PHARMACIE", "Pharmacie de garde", "01 99 00 50 40", "pharmacy"),
    ("BLOC", "Bloc opératoire", "01 99 00 50 50", "theatre"),
    ("ANESTH", "Anesthésiste de garde", "01 99 00 50 60", "theatre"),
    ("BRANC", "Brancardage", "01 99 00 50 70", "transport"),
    ("ADMISSION", "Bureau des admissions", "01 99 00 50 80", "admissions"),
    ("CHAMBRE", "Chambre mortuaire", "01 99 00 50 90", "other"),
)


def _phones(wards: tuple[Ward, ...]) -> tuple[Phone, ...]:
    hospital = [
        Phone(code=code, name=name, number=number, kind=kind) for code, name, number, kind in _HOSPITAL_PHONES
    ]
    own = [
        Phone(
            code=f"UF-{ward.code}", name=ward.name, number=ward_phone(ward.code), ward=ward.code, kind="ward"
        )
        for ward in wards
    ]
    return (*hospital, *own)
