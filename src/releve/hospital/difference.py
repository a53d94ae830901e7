"""What a new map changes to the one in force, shown before it is imported.

Pure. A ward, a bed or a feed that disappears is dangerous while something still lies, writes or speaks there.
"""

from collections.abc import Mapping, Set
from typing import Literal

import msgspec

from releve.hospital.columns import SETTINGS, TABLES
from releve.hospital.map import HospitalMap

KINDS: dict[str, tuple[str, str]] = {
    "sites": ("sites", "sites"),
    "buildings": ("buildings", "bâtiments"),
    "wards": ("wards", "unités"),
    "rooms": ("rooms", "chambres"),
    "beds": ("beds", "lits"),
    "staff": ("people", "personnes"),
    "printers": ("printers", "imprimantes"),
    "applications": ("applications", "applications"),
    "feeds": ("feeds", "flux"),
    "phones": ("phone numbers", "numéros de téléphone"),
    "on_call": ("lines of the on-call list", "lignes de la liste de garde"),
}


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One thing added, removed or changed; `fields` are the ones that changed."""

    kind: str
    code: str
    how: Literal["added", "removed", "changed"]
    fields: tuple[str, ...] = ()


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """How many things of one kind were added, removed, changed, and how many stay as they are."""

    added: int = 0
    removed: int = 0
    changed: int = 0
    same: int = 0


class Removal(msgspec.Struct, frozen=True, kw_only=True):
    """A disappearance that matters: `patients` lie in the ward, or on the beds, that the new map no longer has."""

    kind: Literal["ward", "bed", "feed", "application", "identity"]
    code: str
    patients: int = 0
    blocks: bool = False

    def text(self, language: str = "en") -> str:
        """Return what disappears and why it matters, in French for `fr`, in English otherwise."""
        french = language.startswith("fr")
        return _REMOVALS[self.kind][french].format(code=self.code, patients=self.patients)


_REMOVALS: dict[str, tuple[str, str]] = {
    "ward": (
        "ward {code} disappears: {patients} patients lie there",
        "l’unité {code} disparaît\u00a0: {patients}\u00a0patients y sont",
    ),
    "bed": (
        "bed {code} disappears: {patients} patients lie there",
        "le lit {code} disparaît\u00a0: {patients}\u00a0patients y sont",
    ),
    "feed": (
        "feed {code} disappears: its messages will come from an unknown sender",
        "le flux {code} disparaît\u00a0: ses messages viendront d’un émetteur inconnu",
    ),
    "application": (
        "application {code} disappears while it is declared down",
        "l’application {code} disparaît alors qu’elle est déclarée coupée",
    ),
    "identity": (
        "the identity authority changes to {code}: its merges will apply at once",
        "l’autorité d’identité devient {code}\u00a0: ses fusions s’appliqueront aussitôt",
    ),
}


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """All that a new map changes; `settings` are the keys of `hospital.toml` that change."""

    counts: dict[str, Count]
    changes: tuple[Change, ...]
    settings: tuple[str, ...] = ()
    removals: tuple[Removal, ...] = ()
    first: bool = False

    @property
    def empty(self) -> bool:
        """Whether the two maps are the same."""
        return not self.changes and not self.settings

    @property
    def blocked(self) -> bool:
        """Whether patients would lie in a place that no longer exists: never without saying so expressly."""
        return any(removal.blocks for removal in self.removals)

    def lines(self, language: str = "en") -> list[str]:
        """Return one sentence for each kind that changes, then the removals that matter."""
        french = language.startswith("fr")
        words = ("ajoutés", "retirés", "changés") if french else ("added", "removed", "changed")
        colon = "\u00a0: " if french else ": "
        lines = [
            KINDS[kind][french]
            + colon
            + ", ".join(
                f"{number} {word}"
                for number, word in zip((count.added, count.removed, count.changed), words, strict=True)
                if number
            )
            for kind, count in self.counts.items()
            if count.added or count.removed or count.changed
        ]
        if self.settings:
            lines.append(f"hospital.toml{colon}{', '.join(self.settings)}")
        return lines + [removal.text(language) for removal in self.removals]


def compare_maps(
    before: HospitalMap | None,
    after: HospitalMap,
    *,
    patients_by_ward: Mapping[str, int] | None = None,
    patients_by_bed: Mapping[str, int] | None = None,
    applications_down: Set[str] = frozenset(),
) -> Difference:
    """Return what `after` changes to `before` (None: nothing was imported yet).

    `patients_by_ward` and `patients_by_bed` count the patients present, `applications_down` are those declared down.
    """
    counts: dict[str, Count] = {}
    changes: list[Change] = []
    for table in TABLES:
        old = {item.code: item for item in getattr(before, table.field)} if before else {}
        new = {item.code: item for item in getattr(after, table.field)}
        of_kind = [Change(kind=table.field, code=code, how="removed") for code in old if code not in new]
        of_kind += [Change(kind=table.field, code=code, how="added") for code in new if code not in old]
        for code, item in new.items():
            if code in old and old[code] != item:
                names = tuple(
                    name for name in item.__struct_fields__ if getattr(item, name) != getattr(old[code], name)
                )
                of_kind.append(Change(kind=table.field, code=code, how="changed", fields=names))
        tally = {how: sum(change.how == how for change in of_kind) for how in ("added", "removed", "changed")}
        counts[table.field] = Count(**tally, same=len(new) - tally["added"] - tally["changed"])
        changes += of_kind
    settings = tuple(key for key in SETTINGS if before and _setting(before, key) != _setting(after, key))
    removals = _removals(changes, patients_by_ward or {}, patients_by_bed or {}, applications_down)
    if "identity.feed" in settings:
        removals.append(Removal(kind="identity", code=after.identity.feed))
    return Difference(
        counts=counts,
        changes=tuple(changes),
        settings=settings,
        removals=tuple(removals),
        first=before is None,
    )


def _removals(
    changes: list[Change],
    patients_by_ward: Mapping[str, int],
    patients_by_bed: Mapping[str, int],
    applications_down: Set[str],
) -> list[Removal]:
    removals: list[Removal] = []
    for change in changes:
        if change.how != "removed":
            continue
        if change.kind == "wards" and (patients := patients_by_ward.get(change.code, 0)):
            removals.append(Removal(kind="ward", code=change.code, patients=patients, blocks=True))
        elif change.kind == "beds" and (patients := patients_by_bed.get(change.code, 0)):
            removals.append(Removal(kind="bed", code=change.code, patients=patients, blocks=True))
        elif change.kind == "feeds":
            removals.append(Removal(kind="feed", code=change.code))
        elif change.kind == "applications" and change.code in applications_down:
            removals.append(Removal(kind="application", code=change.code, blocks=True))
    return removals


def _setting(hospital: HospitalMap, key: str) -> object:
    if key == "confidential.values":
        return hospital.confidential.rules
    value: object = hospital
    for part in key.split("."):
        value = getattr(value, part)
    return value
