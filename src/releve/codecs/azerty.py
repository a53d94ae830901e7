"""What a scanner left on a US keyboard types on a French one, read back. Pure.

A wedge scanner sends keys, not letters: on a French layout its digits come out as signs and some letters change
places. Source: layouts "us" and "fr" (AZERTY) of ISO/IEC 9995 keyboards.
"""

__all__ = ["as_scanned"]

_FRENCH = "&é\"'(-è_çà)=azqwAZQWmM,?;.:/!§ù%^¨$£*µ<>²1234567890°+"
_US = "1234567890-=qwazQWAZ;:mM,<.>/?'\"[{]}\\|\\|`!@#$%^&*()_+"
_BACK = str.maketrans(_FRENCH, _US)


def as_scanned(text: str) -> str:
    """Return a scan typed on a French layout as the scanner meant it.

    >>> as_scanned("RLV&µPµ_ààà'&éè")
    'RLV1|P|80004127'
    """
    return text.translate(_BACK)
