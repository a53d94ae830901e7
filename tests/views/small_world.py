"""A hospital too small to be kind: four persons, three visits, every event about everyone, all in a few minutes."""

import random

__all__ = ["messages_of"]

PERSONS = ("8001", "8002", "8003", "80/01")
VISITS = ("V1", "V2", "V/3")
WARDS = ("2140^201^P", "2150^7^F", "2160^^", "")
TRIGGERS = (
    "A01", "A02", "A03", "A04", "A05", "A06", "A07", "A08", "A11", "A12", "A13", "A14", "A16", "A21", "A22", "A25",
    "A27", "A28", "A31", "A38", "A52", "A53", "A54", "A60", "Z99",
)  # fmt: skip
SENDERS = ("GAM", "GAM", "LABO", "DPI")
SUBSTANCES = (
    "AL1|1|DA|P^Pénicilline^L|SV",
    "AL1|1|DA|P^Pénicilline^L|MO",
    "AL1|1|DA|NKA",
    "IAM|1|DA|P^Pénicilline^L|SV||D",
)
CONTROLS = ("NW", "XO", "DC", "HD", "RL", "RP", "RO", "CA", "OK")
TIMINGS = ("TQ1|1||Q6H||||20261120080000", "TQ1|1||BID|0800~2000", "TQ1|1||ONCE||||20261120090000", "")


def messages_of(seed: int, count: int) -> list[bytes]:
    """Return `count` messages; half of them share their second with another."""
    rng = random.Random(seed)
    return [_message(rng, number) for number in range(count)]


def _message(rng: random.Random, number: int) -> bytes:
    at = f"2026112008{rng.randrange(count_of_minutes):02d}{rng.choice(('00', '00', '30'))}"
    sender, person = rng.choice(SENDERS), rng.choice(PERSONS)
    kind = rng.choices(("adt", "identity", "oru", "rde", "ras", "oml"), (10, 3, 3, 3, 2, 1))[0]
    pid = f"PID|||{person}^^^CHV^PI||N{rng.randrange(3)}^P^^^^^L||{rng.choice(('1945', '19450714', '', chr(34) * 2))}|F"
    pid += f"|||||{rng.choice(('', '0601', '0702', chr(34) * 2))}"
    pid += f"|||||{rng.choice(('', '', 'V1', 'ACC'))}"
    segments = {"adt": _adt, "identity": _identity, "oru": _oru, "rde": _rde, "ras": _ras, "oml": _oml}[kind](
        rng, at, person
    )
    name, *rest = segments
    head = f"MSH|^~\\&|{sender}|CHV|R|R|{at}||{name}|{number}|P|2.5|||||FRA|UNICODE UTF-8"
    event = [f"EVN|{name.partition('^')[2]}|{at}"] if name.startswith("ADT") else []
    return ("\r".join([head, *event, pid, *rest]) + "\r").encode()


count_of_minutes = 12


def _pv1(rng: random.Random) -> str:
    fields = [""] * 46
    fields[0], fields[2], fields[3] = "PV1", rng.choice("IIIP"), rng.choice(WARDS)
    fields[19] = rng.choice((*VISITS, *VISITS, ""))
    fields[45] = rng.choice(("", "", "20261120081000"))
    return "|".join(fields)


def _adt(rng: random.Random, at: str, person: str) -> list[str]:
    trigger = rng.choice(TRIGGERS)
    segments = [f"ADT^{trigger}", _pv1(rng)]
    if rng.random() < 0.6:
        # Some are told ahead of their hour, which comes with a later message or never.
        moment = f"2026112008{rng.choice((*range(count_of_minutes), 19, 20, 40)):02d}00"
        action, of = (
            rng.choice(("INSERT", "INSERT", "UPDATE", "CANCEL")),
            rng.choice(("", "A01", "A02", "A03")),
        )
        segments.append(f"ZBE|{rng.choice('1234')}|{moment}||{action}|N|{of}|||H")
    if rng.random() < 0.3:
        segments.append(rng.choice(SUBSTANCES))
    return segments


def _identity(rng: random.Random, at: str, person: str) -> list[str]:
    trigger, other = rng.choice(("A40", "A47", "A44", "A24", "A37")), rng.choice(PERSONS)
    if trigger in ("A24", "A37"):
        return [f"ADT^{trigger}", f"PID|||{other}^^^CHV^PI"]
    return [f"ADT^{trigger}", f"MRG|{other}^^^CHV^PI||{rng.choice((*VISITS, 'ACC'))}"]


def _oru(rng: random.Random, at: str, person: str) -> list[str]:
    obx = f"OBX|1|NM|K^Potassium^L||{rng.choice(('4.0', '6.4', ''))}|mmol/L|||||{rng.choice('PFCX')}|||20261120080000"
    return ["ORU^R01", _pv1(rng), f"OBR|1|D{rng.randrange(2)}|L{rng.randrange(2)}|IONO^Iono^L", obx]


def _rde(rng: random.Random, at: str, person: str) -> list[str]:
    orc = f"ORC|{rng.choice(CONTROLS)}|P{rng.randrange(2)}"
    drug = [f"RXE||1^Produit|{rng.randrange(1, 4)}||g"] if rng.random() < 0.7 else []
    return ["RDE^O11", _pv1(rng), orc, *(line for line in (rng.choice(TIMINGS),) if line), *drug]


def _ras(rng: random.Random, at: str, person: str) -> list[str]:
    code = rng.choice(("CP", "RE", ""))
    rxa = f"RXA|0|1|20261120080{rng.randrange(3)}00||1^Produit|1|g|||||||||||||{code}|{rng.choice(('', '', 'D'))}"
    return ["RAS^O17", _pv1(rng), f"ORC|RE|P{rng.randrange(2)}", rxa]


def _oml(rng: random.Random, at: str, person: str) -> list[str]:
    return [
        "OML^O21",
        _pv1(rng),
        f"ORC|{rng.choice(('NW', 'CA'))}|D{rng.randrange(2)}",
        f"OBR|1|D{rng.randrange(2)}||IONO^Iono^L",
    ]
