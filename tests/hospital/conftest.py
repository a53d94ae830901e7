"""A small hospital folder, right in everything, that each test spoils in one place."""

import pytest

SMALL = {
    "hospital.toml": """\
name = "Hôpital d’essai"
finess = "010000016"
zone = "Europe/Paris"

[identity]
feed = "ADT"
namespace = "IPP"

[confidential]
wards = ["0204"]

[confidential.values]
"PV1-16" = ["I"]
""",
    "sites.csv": "code;name\nNORD;Site Nord\n",
    "buildings.csv": "code;name;site\nA;Bâtiment A;NORD\n",
    "wards.csv": "code;name;building;kind\n0201;Cardiologie;A;inpatient\n0204;Psychiatrie;A;inpatient\n",
    "rooms.csv": "code;ward;name\n0201-12;0201;12\n0204-01;0204;1\n",
    "beds.csv": "code;room;name;kind\n0201-12P;0201-12;P;bed\n0201-12F;0201-12;F;bed\n0204-01;0204-01;;\n",
    "staff.csv": "code;family;given;role;rpps;wards\nM001;N’Guyen;Zoé;physician;10000023084;0201 0204\n",
    "printers.csv": (
        "code;name;ward;second_for;kind;address\n"
        "P1;Poste;0201;0204;a4;10.4.9.1:9100\n"
        "P2;Bureau;0204;0201;a4;cups:BUREAU\n"
    ),
    "applications.csv": (
        "code;name;care_functions;needs;mtpd_hours\n"
        "AD;Annuaire;authenticate;;2\n"
        "GAM;Admissions;identity admit;AD;4\n"
        "DPI;Dossier;prescribe document;AD GAM;2\n"
    ),
    "feeds.csv": (
        "code;name;application;sending_application;sending_facility;addresses;kinds\n"
        "ADT;Identités;GAM;GAM;VAL;10.4.2.20;ADT\n"
        "RX;Prescription;DPI;DPI;VAL;;OMP^O09\n"
    ),
    "phones.csv": "code;name;number;ward\nSTD;Standard;01 02 03 04 05;\n",
    "on-call.csv": "code;nom;rôle;numéro;service;début;fin\n"
    "G1;Interne;physician;45 12;0201;21/11/2026 20:00;2026-11-22 08:00\n",
}


@pytest.fixture
def folder() -> dict[str, bytes]:
    """Return the files of a valid folder."""
    return {name: text.encode() for name, text in SMALL.items()}
