"""Documents of the simulated hospital: letters, operation and emergency reports, as PDF or text.

Source: HL7 v2.6 chapter 9: MDM^T02 (new), MDM^T10 (replacement, TXA-13 names the parent); LOINC document types.
"""

from base64 import b64encode
from typing import NamedTuple

from releve.exercise.house import House
from releve.exercise.pdf import pages_of, pdf
from releve.exercise.segments import escaped
from releve.exercise.stays import Stay
from releve.exercise.tales import DocumentTold
from releve.exercise.world import HOUR, MINUTE, World


class Kind(NamedTuple):
    """A type of document."""

    code: str
    title: str


DISCHARGE = Kind("11490-0", "Lettre de liaison à la sortie")
EMERGENCY = Kind("34111-5", "Compte rendu de passage aux urgences")
OPERATION = Kind("11504-8", "Compte rendu opératoire")
CONSULTATION = Kind("11488-4", "Compte rendu de consultation")
NOTE = Kind("11506-3", "Note d'évolution")

_SENTENCES = (
    "Patient vu ce jour en visite avec l'équipe.", "Apyrétique depuis 24 heures, hémodynamique stable.",
    "L'examen cardio-pulmonaire est sans particularité.", "Le bilan biologique est en voie de normalisation.",
    "Antécédents : hypertension artérielle traitée, dyslipidémie, appendicectomie dans l'enfance.",
    "Le traitement a été repris progressivement, bien toléré.", "La douleur est contrôlée (EVA à 2/10).",
    "Une surveillance de la kaliémie est demandée à 48 heures.",
    "Marche avec une aide technique, sans dyspnée d'effort.",
    "La famille a été reçue et informée du projet de soins.", "Pas d'argument pour une complication thromboembolique.",
    "L'alimentation orale est reprise, transit présent.", "Avis spécialisé demandé, réponse dans le dossier.",
    "Ablation de la voie veineuse périphérique, pansement propre et sec.", "Sortie envisagée selon l'évolution.",
    "Rendez-vous de contrôle à un mois avec le bilan suivant : NFS, ionogramme, créatinine & CRP.",
)  # fmt: skip


class Documents:
    """Writes documents about stays."""

    def __init__(self, world: World, house: House) -> None:
        self._world = world
        self._house = house
        self._written = 0

    def begin(self, stay: Stay) -> None:
        """Plan what is written during a stay."""
        rng = self._world.rng
        if stay.klass != "I" or stay.baby_of:
            return
        if stay.place.kind == "surgery" and rng.random() < 0.8:
            self._world.after(rng.randint(8, 30) * HOUR, self.write_if_here, stay, OPERATION, "pdf")
        for _ in range(self._world.count(0.5)):
            self._world.after(rng.randint(4, 120) * HOUR, self.write_if_here, stay, NOTE, "text")

    def end(self, stay: Stay) -> None:
        """Write the letter of a stay that is over."""
        if stay.state != "left" or stay.baby_of:
            return
        rng = self._world.rng
        if stay.klass == "I":
            self._world.after(rng.randint(5, 400) * MINUTE, self.write, stay, DISCHARGE, "pdf")
        elif stay.klass == "E":
            self._world.after(
                rng.randint(2, 40) * MINUTE,
                self.write,
                stay,
                EMERGENCY,
                "pdf" if rng.random() < 0.5 else "text",
            )
        elif rng.random() < 0.5:
            self._world.after(rng.randint(10, 400) * MINUTE, self.write, stay, CONSULTATION, "pdf")

    def write_if_here(self, stay: Stay, kind: Kind, media: str) -> None:
        """Write a document about somebody present."""
        if stay.here:
            self.write(stay, kind, media)

    def write(self, stay: Stay, kind: Kind, media: str, parent: str = "") -> None:
        """Write a document, or its replacement when `parent` is given."""
        world, house, rng = self._world, self._house, self._world.rng
        outlet = house.outlet("document", stay.place.code)
        if outlet is None:
            return
        self._written += 1
        number = f"D{world.run_number:04d}{self._written:07d}"
        now = outlet.stamp(world.now)
        title = kind.title if not parent else f"{kind.title} (annule et remplace)"
        if media == "text":
            words = [
                f"{title}.",
                f"Motif : {stay.picture.label}.",
                *rng.sample(_SENTENCES, rng.randint(3, 8)),
            ]
            rows = [
                f"OBX|{rank}|TX|{kind.code}^{kind.title}^LN||{escaped(text)}||||||F"
                for rank, text in enumerate(words, start=1)
            ]
            content = "\r".join(rows)
        else:
            chance = rng.random()
            pages = (
                1
                if chance < 0.55
                else 2
                if chance < 0.85
                else rng.randint(3, 8)
                if chance < 0.985
                else rng.randint(20, 60)
            )
            head = [title, f"{stay.person.used or stay.person.family} {stay.person.first_given}",
                    f"Dossier {stay.person.ipp}, séjour {stay.visit}", f"Motif : {stay.picture.label}"]  # fmt: skip
            content = (
                f"OBX|1|ED|{kind.code}^{kind.title}^LN||^application^pdf^Base64^"
                f"{b64encode(pdf(pages_of(head, _SENTENCES, pages, rng))).decode()}||||||F"
            )
        presentation = "TX^Texte" if media == "text" else "AP^Données d'application"
        txa = (
            f"TXA|1|{kind.code}^{escaped(title)}^LN|{presentation.split('^')[0]}|{now}|{stay.doctor}|{now}|{now}||"
            f"{stay.doctor}|||{number}^DOSSIER|{parent + '^DOSSIER' if parent else ''}||||AU|"
            f"{'R' if stay.vip else 'U'}|AV"
        )
        trigger = "T10" if parent else "T02"
        body = f"EVN||{now}\r{stay.other_prefix(house)}\r{txa}\r{content}"
        told = DocumentTold(world.now * 1_000_000, stay.person.ipp, number, parent)
        world.send(outlet, f"MDM^{trigger}^MDM_{trigger}", body, told, version="2.6")
        if not parent and rng.random() < 0.04:
            world.after(rng.randint(1, 20) * HOUR, self.write, stay, kind, media, number)
