"""What French asks of a name that stands behind "de". Pure."""

import unicodedata

__all__ = ["of_name"]

_VOWELS = frozenset("aeiouœæ")
# The h that is mute. Of all others one says "de": wrong of none that begins a foreign name or a German one.
_MUTE = (
    "harmoni", "heli", "hema", "hemo", "hepat", "herb", "heritag", "heure", "hexa", "hipp", "histo", "homm", "homo",
    "honor", "hopita", "horizo", "horlog", "hospi", "hote", "huma", "humi", "hydr", "hygi", "hyper", "hypo",
)  # fmt: skip
# Words one does not elide before.
_NOT_ELIDED = ("onz", "oui ", "ouist", "uhlan", "ululement", "one ")


def of_name(name: str) -> str:
    """Return a name with the "de" before it, elided where French elides.

    >>> of_name("Arche Sauvegarde"), of_name("Hélianthe"), of_name("Clairval"), of_name("Éprouvette"), of_name("Yaourt")
    ('d’Arche Sauvegarde', 'd’Hélianthe', 'de Clairval', 'd’Éprouvette', 'de Yaourt')
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).lower()
    first, second = bare[:1], bare[1:2]
    if first == "y":
        # "d’Yves", "d’Ypres", but "de Yaourt".
        elided = bool(second) and second.isalpha() and second not in _VOWELS
    elif first == "h":
        elided = bare.startswith(_MUTE)
    else:
        elided = first in _VOWELS and not f"{bare} ".startswith(_NOT_ELIDED)
    return f"d’{name}" if elided else f"de {name}"
