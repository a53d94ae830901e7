"""How a name sounds in French, so that a name heard at a counter finds the one that was written. Pure.

A small key of our own: what is not heard goes (H, final consonants, doubled letters), what sounds the same becomes the
same. It only proposes; nobody is taken for another by it.
"""

import re
from functools import lru_cache

from releve.record.identity import search_letters

__all__ = ["sounds"]

# In this order: longer groups before the letters they are made of.
_GROUPS = (
    (r"[^A-Z]", ""),
    (r"^MAC", "MK"),
    (r"SCH|CH|SH", "5"),
    (r"PH", "F"),
    (r"QU|Q", "K"),
    (r"GU(?=[EIY])", "G"),
    (r"G(?=[EIY])", "J"),
    (r"GN", "NI"),
    (r"C(?=[EIY])", "S"),
    (r"[CK]", "K"),
    (r"EAUX|EAU|AUX|AULTS?$|AUTS?$|AUDS?$|AU|OT$|OS$|OD$|OH", "O"),
    (r"AIN|EIN|AIM|YM|YN|IM(?=[^AEIOUYMN]|$)|IN(?=[^AEIOUYN]|$)|UN(?=[^AEIOUYN]|$)", "1"),
    (r"[AE][MN](?=[^AEIOUYMN]|$)", "2"),
    (r"O[MN](?=[^AEIOUYMN]|$)", "3"),
    (r"OEU|OE|EU", "E"),
    (r"AI|EI|AY|EY|ER$|EZ$|ET$|EZE$", "E"),
    (r"Y", "I"),
    (r"W", "V"),
    (r"Z", "S"),
    (r"X$", ""),
    (r"H", ""),
    (r"OUX|OU", "U"),
    (r"TION", "S3"),
    (r"(.)\1+", r"\1"),
    (r"(?<=.)[ES]+$", ""),
    (r"(?<=..)[TDPSX]$", ""),
)
_RULES = tuple((re.compile(pattern), becomes) for pattern, becomes in _GROUPS)


@lru_cache(maxsize=65_536)
def sounds(name: str) -> str:
    """Return the key under which names that sound alike in French are the same; "" for no letters.

    >>> sounds("Lefèvre") == sounds("LEFEBVRE"), sounds("Thibault") == sounds("Tibaud")
    (True, True)
    >>> sounds("Bernard") == sounds("Bertrand")
    False
    """
    # The B of Lefebvre and Febvay is written and not heard.
    key = search_letters(name).replace(" ", "").replace("BV", "V")
    for pattern, becomes in _RULES:
        key = pattern.sub(becomes, key)
    return key
