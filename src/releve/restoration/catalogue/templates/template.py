"""What a template is: an application as most hospitals have it, with the tasks that bring it back. Pure.

All hours are estimates by the project, to be corrected by the hospital: no published table of recovery efforts by
application was found. They are working hours of the team together, or hours of a machine.
"""

from typing import Literal

import msgspec

from releve.restoration.case import TaskKind

__all__ = ["TaskTemplate", "Template", "Words", "machines", "server", "task"]


class Words(msgspec.Struct, frozen=True):
    """The same words in English and in French."""

    english: str
    french: str

    def said(self, language: str) -> str:
        """Return the words: French for `fr`, English otherwise."""
        return self.french if language.startswith("fr") else self.english


class TaskTemplate(msgspec.Struct, frozen=True, kw_only=True):
    """A task of a template. `team` names skills; `vendor` among them is the vendor of the application."""

    key: str
    kind: TaskKind
    name: Words
    work_hours: int
    after: tuple[str, ...] = ()  # keys of the same template
    team: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    evidence: Words = Words("", "")
    fail_probability: float = 0.0
    rework: tuple[str, ...] = ()


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """An application as most hospitals have it.

    `functions` are codes of `releve.hospital.care`, `needs` codes of other templates, `words` what its name or code
    contains in a hospital's map, folded (small letters, no accents, single spaces).
    """

    code: str
    name: Words
    kind: Literal["application", "technical", "workstations"] = "application"
    tier: int = 3
    functions: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    owner: Words
    tasks: tuple[TaskTemplate, ...]


SCANNED = Words(
    "report of the scan of the restored machines and data, without any alert, and the digest of the images used",
    "rapport d’analyse des machines et données restaurées, sans aucune alerte, et empreinte des images utilisées",
)


def task(
    kind: TaskKind,
    english: str,
    french: str,
    hours: int,
    *team: str,
    key: str = "",
    after: tuple[str, ...] = (),
    uses: tuple[str, ...] = (),
    evidence: Words = Words("", ""),  # noqa: B008 (frozen)
    fails: float = 0.0,
    rework: tuple[str, ...] = (),
) -> TaskTemplate:
    """Return one task; its key is its kind when none is given."""
    return TaskTemplate(
        key=key or kind,
        kind=kind,
        name=Words(english, french),
        work_hours=hours,
        after=after,
        team=team,
        uses=uses,
        evidence=evidence,
        fail_probability=fails,
        rework=rework,
    )


def machines(
    *,
    rebuild: int,
    restore: int,
    scan: int,
    harden: int = 4,
    skill: str = "systems",
    evidence: Words = SCANNED,
) -> tuple[TaskTemplate, ...]:
    """Return what every server goes through: contained, rebuilt, restored, scanned, passed by a gate, hardened.

    Source of the order: ANSSI, cyberattaques et remédiation (contain, evict, eradicate, then rebuild).
    """
    return (
        task(
            "contain",
            "Isolate the servers, keep an image as evidence",
            "Isoler les serveurs, garder une image comme preuve",
            2,
            "security",
        ),
        task(
            "rebuild",
            "Rebuild the servers on clean ground",
            "Reconstruire les serveurs sur un socle sain",
            rebuild,
            skill,
            after=("contain",),
        ),
        task(
            "restore",
            "Restore the data from a backup made before the intrusion",
            "Restaurer les données d’une sauvegarde antérieure à l’intrusion",
            restore,
            after=("rebuild",),
            uses=("restore-bandwidth",),
        ),
        task(
            "scan",
            "Scan the machines and the data",
            "Analyser les machines et les données",
            scan,
            after=("restore",),
            uses=("scan-bench",),
        ),
        task(
            "gate",
            "Clean: recorded evidence",
            "Assaini\u00a0: preuve enregistrée",
            0,
            after=("scan",),
            evidence=evidence,
            fails=0.1,
            rework=("restore", "scan"),
        ),
        task(
            "harden",
            "Harden: accounts, updates, protection, logs",
            "Durcir\u00a0: comptes, mises à jour, protection, journaux",
            harden,
            "security",
            after=("gate",),
        ),
    )


def server(
    code: str,
    english: str,
    french: str,
    *,
    tier: int = 3,
    functions: tuple[str, ...],
    needs: tuple[str, ...],
    words: tuple[str, ...],
    owner: tuple[str, str],
    rebuild: int = 8,
    restore: int = 8,
    scan: int = 6,
    install: int = 8,
    test: int = 4,
    reopen: int = 3,
    catch_up: int = 0,
    evidence: Words = SCANNED,
) -> Template:
    """Return an application of a vendor on servers of its own; all sizes are hours."""
    tasks = [
        *machines(rebuild=rebuild, restore=restore, scan=scan, evidence=evidence),
        task(
            "other",
            "Start and check the application with its vendor",
            "Démarrer et vérifier l’application avec l’éditeur",
            install,
            "vendor",
            "application",
            key="install",
            after=("gate",),
        ),
        task(
            "test",
            "Test with people of the departments who use it",
            "Tester avec les référents des services",
            test,
            "application",
            "key-user",
            after=("harden", "install"),
        ),
        task(
            "reopen",
            "Reopen the interfaces, one at a time",
            "Rouvrir les interfaces, une à une",
            reopen,
            "interfaces",
            after=("test",),
        ),
    ]
    if catch_up:
        tasks.append(
            task(
                "catch-up",
                "Take back what was done without it, close the account",
                "Reprendre ce qui a été fait sans elle, arrêter le compte",
                catch_up,
                "key-user",
                after=("reopen",),
            )
        )
    return Template(
        code=code,
        name=Words(english, french),
        tier=tier,
        functions=functions,
        needs=needs,
        words=words,
        owner=Words(*owner),
        tasks=tuple(tasks),
    )
