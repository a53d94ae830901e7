# ruff: noqa: E501 - a row of a table stays on one line
"""Imaging in the simulated hospital: requests, reports, addenda.

Source: HL7 v2.5 chapters 4 and 7: OMI^O23 with IPC, OMG^O19, ORM^O01 (older senders), ORU^R01.
"""

from typing import NamedTuple

from releve.exercise.house import House
from releve.exercise.stays import Stay
from releve.exercise.tales import Named, OrderTold
from releve.exercise.world import DAY, HOUR, MINUTE, World


class Exam(NamedTuple):
    """An examination of the catalogue."""

    code: str  # CE
    modality: str
    title: str
    normal: str
    found: str


def _exam(row: str) -> tuple[str, Exam]:
    key, modality, title, normal, found = row.split(";")
    return key, Exam(f"{key}^{title}^99EXA", modality, title, normal, found)


EXAMS: dict[str, Exam] = dict(
    _exam(row)
    for row in """
RXT;DX;Radiographie du thorax de face;Pas de foyer. Culs-de-sac pleuraux libres. Silhouette cardiaque normale.;Opacité alvéolaire de la base droite avec bronchogramme aérien, compatible avec un foyer infectieux.
RXB;DX;Radiographie du bassin et de la hanche;Pas de fracture visible. Interlignes coxo-fémoraux conservés.;Fracture cervicale vraie du fémur gauche, Garden III.
RXR;DX;Radiographie du rachis ou d’un membre;Pas de lésion osseuse traumatique.;Tassement cunéiforme de L1 de 40 %, sans recul du mur postérieur.
TDMC;CT;Scanner cérébral sans injection;Pas d’hémorragie intracrânienne. Structures médianes en place.;Hypodensité sylvienne superficielle gauche récente, sans remaniement hémorragique.
TDMT;CT;Scanner thoracique injecté;Parenchyme pulmonaire sans lésion suspecte. Pas d’adénomégalie.;Masse spiculée du lobe supérieur droit de 34 mm, adénomégalies hilaires homolatérales.
TDMAP;CT;Scanner abdomino-pelvien injecté;Pas d’épanchement. Organes pleins sans particularité.;Appendice de 11 mm à paroi rehaussée, infiltration de la graisse, pas de collection.
IRMC;MR;IRM cérébrale;Pas d’anomalie de signal du parenchyme.;Hypersignal de diffusion du territoire sylvien gauche avec baisse de l’ADC.
ECHA;US;Échographie abdominale;Foie homogène, voies biliaires fines, pas de lithiase.;Vésicule à paroi épaissie (6 mm), calcul infundibulaire de 14 mm, signe de Murphy échographique.
ECHR;US;Échographie rénale;Reins de taille normale, cavités fines.;Dilatation pyélocalicielle droite modérée en amont d’un obstacle urétéral.
ECHO;US;Échographie obstétricale;Vitalité fœtale bonne. Liquide en quantité normale.;Col à 18 mm, vitalité fœtale bonne.
ETT;US;Échocardiographie transthoracique;FEVG 62 %. Pas de valvulopathie significative.;FEVG 35 %, hypokinésie globale, pressions de remplissage élevées.
CORO;XA;Coronarographie;Réseau coronaire sans sténose significative.;Occlusion de l’IVA moyenne, désobstruction et pose d’un stent actif.
ANGIO;CT;Angioscanner;Pas de thrombus visible.;Thrombus des artères lobaires inférieures, rapport VD/VG supérieur à 1.
MAMMO;MG;Mammographie bilatérale;ACR 2 bilatéral.;Opacité ACR 4 du quadrant supéro-externe gauche.
""".strip().splitlines()
)
_USUAL = ("RXT", "RXT", "ECHA", "TDMAP", "TDMC", "ETT")  # what a stay may need whatever its reason
_ROOMS = {"DX": "SALLE-RX1", "CT": "SCAN-2", "MR": "IRM-1", "US": "ECHO-3", "XA": "KT-1", "MG": "MAM-1"}


class Imaging:
    """Asks for examinations and reports them."""

    def __init__(self, world: World, house: House) -> None:
        self._world = world
        self._house = house
        self._requests = 0

    def begin(self, stay: Stay) -> None:
        """The examinations of a stay."""
        rng = self._world.rng
        for key in stay.picture.exams:
            if rng.random() < (0.55 if stay.klass == "E" else 0.75):
                self._world.after(
                    rng.randint(15 * MINUTE, (2 if stay.klass == "E" else 14) * HOUR), self.ask, stay, key
                )
        if stay.klass == "I" and not stay.baby_of and rng.random() < 0.35:
            self._world.after(rng.randint(1, 4) * DAY, self.ask, stay, rng.choice(_USUAL))

    def ask(self, stay: Stay, key: str) -> None:
        """Ask for an examination, to be done in a few hours."""
        world, house, rng = self._world, self._house, self._world.rng
        if not stay.here:
            return
        exam = EXAMS[key]
        self._requests += 1
        number = f"{world.run_number:04d}{self._requests:06d}"
        placer, accession = f"I{number}", f"A{number}"
        urgent = stay.klass == "E" or stay.place.kind == "critical" or rng.random() < 0.1
        planned = world.now + (rng.randint(10, 70) * MINUTE if urgent else rng.randint(2, 30) * HOUR)
        outlet = house.outlet("imaging-order", stay.place.code)
        if outlet is not None:
            now, begin = outlet.stamp(world.now), outlet.stamp(planned)
            why = f"{stay.picture.label}. Question : évolution ?"
            orc = f"ORC|NW|{placer}^PRESC|{accession}^RIS||SC||||{now}|||{stay.doctor}||||^{why}"
            timing = f"TQ1|1||||||{begin}||{'S' if urgent else 'R'}"
            obr = (
                f"OBR|1|{placer}^PRESC|{accession}^RIS|{exam.code}|||||||||{why}|||{stay.doctor}||{accession}||||||"
                f"{exam.modality}|O"
            )
            chance = rng.random()
            if chance < 0.55:
                ipc = (
                    f"IPC|{accession}|{placer}|2.999.{number}|{accession}-1|{exam.modality}|{exam.code}|||"
                    f"{_ROOMS[exam.modality]}"
                )
                kind, rows = "OMI^O23^OMI_O23", [orc, timing, obr, ipc]
            elif chance < 0.80:
                kind, rows = "ORM^O01^ORM_O01", [orc, obr]
            else:
                kind, rows = "OMG^O19^OMG_O19", [orc, timing, obr]
            told = OrderTold(world.now * 1_000_000, stay.person.ipp, placer, "imaging", "requested")
            world.send(outlet, kind, f"{stay.other_prefix(house)}\r" + "\r".join(rows), told)
            if not urgent and rng.random() < 0.04:
                world.after(rng.randint(10, 90) * MINUTE, self._cancel, stay, placer, accession, exam)
                return
        world.at(planned, self._perform, stay, placer, accession, exam)

    def _cancel(self, stay: Stay, placer: str, accession: str, exam: Exam) -> None:
        world, house = self._world, self._house
        outlet = house.outlet("imaging-order", stay.place.code)
        if outlet is None:
            return
        now = outlet.stamp(world.now)
        body = (
            f"{stay.other_prefix(house)}\rORC|CA|{placer}^PRESC|{accession}^RIS||CA||||{now}|||{stay.doctor}||||"
            f"^Examen non justifié\rOBR|1|{placer}^PRESC|{accession}^RIS|{exam.code}"
        )
        told = OrderTold(world.now * 1_000_000, stay.person.ipp, placer, "imaging", "cancelled")
        world.send(outlet, "ORM^O01^ORM_O01", body, told)

    def _perform(self, stay: Stay, placer: str, accession: str, exam: Exam) -> None:
        world, rng = self._world, self._world.rng
        if stay.state != "present":
            return
        done = world.now
        normal = rng.random() < 0.5
        wait = rng.randint(25 * MINUTE, 5 * HOUR)
        if stay.klass == "E" and rng.random() < 0.3:
            world.after(wait // 3, self._report, stay, placer, accession, exam, done, normal, "P")
        world.after(wait, self._report, stay, placer, accession, exam, done, normal, "F")
        if rng.random() < 0.02:
            world.after(
                wait + rng.randint(1, 20) * HOUR,
                self._report,
                stay,
                placer,
                accession,
                exam,
                done,
                not normal,
                "C",
            )

    def _report(
        self, stay: Stay, placer: str, accession: str, exam: Exam, done: int, normal: bool, status: str
    ) -> None:  # fmt: skip
        world, house = self._world, self._house
        outlet = house.outlet("imaging", stay.place.code)
        if outlet is None:
            return
        stamp, now = outlet.stamp(done), outlet.stamp(world.now)
        author = house.somebody(house.radiologists)
        tail = f"||||||{status}|||{stamp}||{author}"
        words = [
            f"Indication : {stay.picture.label}.",
            f"Technique : {exam.title}.",
            f"Résultat : {exam.normal if normal else exam.found}",
            "Conclusion : examen sans anomalie notable." if normal else "Conclusion : anomalie décrite ci-dessus, "
            "à confronter à la clinique.",
        ]  # fmt: skip
        if status == "C":
            words.insert(0, "ADDENDUM : ce compte rendu annule et remplace le précédent.")
        rows = [
            f"ORC|RE|{placer}^PRESC|{accession}^RIS||{'IP' if status == 'P' else 'CM'}",
            f"OBR|1|{placer}^PRESC|{accession}^RIS|{exam.code}|||{stamp}|||||||||{stay.doctor}||{accession}||||{now}||"
            f"{exam.modality}|{status}|||||||{author.split('^')[0]}",
            *(
                f"OBX|{rank}|TX|18748-4^Compte rendu d'imagerie^LN||{text}{tail}"
                for rank, text in enumerate(words, start=1)
            ),
        ]
        at_us, ipp = world.now * 1_000_000, stay.person.ipp
        told = Named(at_us, ipp) if status == "P" else OrderTold(at_us, ipp, placer, "imaging", "completed")
        world.send(outlet, "ORU^R01^ORU_R01", f"{stay.other_prefix(house)}\r" + "\r".join(rows), told)
