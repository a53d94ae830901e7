"""Names given to people nobody can name: words that are nobody's name and do not sound alike. Pure.

Source: RNIV 1 asks for a fictitious name that cannot be taken for another patient's; the status is PROV with FICT.
"""

from collections.abc import Collection
from hashlib import blake2b

__all__ = ["PREFIX", "WORDS", "name_for"]

PREFIX = "INCONNU"
WORDS = tuple(
    """
    ABRICOT ACAJOU ALOUETTE AMARANTE ANEMONE ANTILOPE ARDOISE ARGILE AZUR BALEINE BAMBOU BANQUISE BASALTE BISON
    BOREAL BOUSSOLE BROUETTE CACTUS CADRAN CALCAIRE CAMPHRE CANNELLE CARIBOU CASCADE CHARDON COBALT COQUILLAGE
    CORAIL CRISTAL DAUPHIN DIABOLO DUNE ECUREUIL EPERVIER ESCALE ETINCELLE FALAISE FANION FOUGERE GALET GAZELLE
    GEYSER GIROUETTE GLACIER GOELETTE GRANIT HARPON HIBOU HORIZON IBIS IGLOO INDIGO JAGUAR JONQUILLE KAYAK KIWI
    LAGON LANTERNE LICHEN LUCIOLE MAGNOLIA MANGUE MARMOTTE METEORE MIMOSA MOULIN NACELLE NEBULEUSE NICKEL NUAGE
    OASIS OBSIDIENNE ORAGE OTARIE PAGODE PAPYRUS PHARE PLATINE POLLEN QUARTZ QUENOTTE RADEAU RIVAGE ROITELET RUBIS
    SABLIER SAFRAN SEQUOIA SILEX TAMARIN TOPAZE TOUCAN TUNDRA TURQUOISE VANILLE VERGLAS VOILIER XENON YUCCA ZEBRE
    ZENITH ZEPHYR
    """.split()
)


def name_for(act: str, taken: Collection[str]) -> str:
    """Return the family name for whoever is admitted by this act: the same again for the same act.

    `taken` are the names in use. When every word is, a figure goes with it: nobody is ever left without a name.

    >>> name_for("k1", ()) == name_for("k1", ()), name_for("k1", {name_for("k1", ())}) == name_for("k1", ())
    (True, False)
    """
    start = int.from_bytes(blake2b(act.encode(), digest_size=8).digest(), "big")
    for round_ in range(1, 1000):
        for step in range(len(WORDS)):
            word = WORDS[(start + step) % len(WORDS)]
            name = f"{PREFIX} {word}" if round_ == 1 else f"{PREFIX} {word} {round_}"
            if name not in taken:
                return name
    raise AssertionError("a hundred thousand unidentified persons")
