"""The machines of the demonstration hospital: workstations, carts, printers of the wards, servers; always the same."""

import random

from releve.exercise.demo_places import BUILDINGS, WardPlan, ward_plans
from releve.restoration.fleet.facts import Machine, MachineKind

__all__ = ["demo_fleet"]

# A ward has a post and two carts, and a machine for every three beds; a hospital of 700 beds some 400 in all.
BEDS_A_MACHINE = 3
SERVERS = (
    "Annuaire", "Fichiers 1", "Fichiers 2", "Sauvegarde", "Dossier patient", "Dossier patient, base", "Laboratoire",
    "Imagerie, archive 1", "Imagerie, archive 2", "Pharmacie", "Identités", "Échanges HL7", "Messagerie",
    "Virtualisation 1", "Virtualisation 2", "Virtualisation 3", "Impression", "Supervision", "Téléphonie", "Paie",
)  # fmt: skip


def demo_fleet(seed: int = 1) -> tuple[Machine, ...]:
    """Return the machines of all wards and of the server room."""
    rng = random.Random(seed)
    machines: list[Machine] = []
    for plan in ward_plans():
        machines += _ward(plan, rng)
    for number, name in enumerate(SERVERS, 1):
        machines.append(
            Machine(
                tag=f"SRV-{number:03d}",
                name=f"Serveur {name}",
                kind="server",
                building="A",
                room="Salle des serveurs",
                network="10.40.1.0/24",
                serial=_serial(rng),
            )
        )
    return tuple(machines)


def _ward(plan: WardPlan, rng: random.Random) -> list[Machine]:
    network = 40 + next(place for place, one in enumerate(BUILDINGS) if one.code == plan.building)
    rooms: list[tuple[MachineKind, str, str]] = [
        ("workstation", "Poste de soins", "Poste de soins"),
        ("workstation", "Bureau médical", "Bureau médical"),
        ("workstation", "Chariot 1", "Couloir"),
        ("workstation", "Chariot 2", "Couloir"),
        *(
            ("workstation", f"Poste {number}", f"Local {plan.floor}{number:02d}")
            for number in range(1, plan.beds // BEDS_A_MACHINE + 1)
        ),
        ("printer", "Imprimante", "Poste de soins"),
        ("printer", "Imprimante d’étiquettes", "Poste de soins"),
    ]
    return [
        Machine(
            tag=f"CHV-{plan.code}-{number:02d}",
            name=f"{name}, {plan.name}",
            kind=kind,
            ward=plan.code,
            building=plan.building,
            room=room,
            network=f"10.{network}.{plan.floor}.0/24",
            serial=_serial(rng),
        )
        for number, (kind, name, room) in enumerate(rooms, 1)
    ]


def _serial(rng: random.Random) -> str:
    return f"5CG{rng.randint(1000, 9999)}{rng.choice('BCDFGHJKLM')}{rng.choice('BCDFGHJKLM')}"
