"""The generator: N connections, each sends, waits for its answer, checks it, sends again. A process of its own.

`python -m bench.sender PORT CONNECTIONS SECONDS` prints one line of JSON. Plain sockets and epoll: the least work a
message, so that the servers are measured and not this.
"""

from __future__ import annotations

import json
import select
import socket
import sys
import time

# A report of about 4 KB as French laboratories send it; UTF-8, so that every peer can read it.
_HEAD = "MSH|^~\\&|LABO|CHU|DPI|CHU|20261121031000||ORU^R01^ORU_R01|"
_ANALYSES = (
    ("2823-3^Potassium^LN", "4,1", "mmol/L", "3,5-5,0"),
    ("2951-2^Sodium^LN", "139", "mmol/L", "136-145"),
    ("718-7^Hémoglobine^LN", "12,4", "g/dL", "11,5-15,0"),
    ("2160-0^Créatinine^LN", "84", "µmol/L", "45-84"),
    ("1988-5^Protéine C réactive^LN", "17", "mg/L", "<5"),
)


def body(control_id: str) -> bytes:
    """Return one message of about 4 KB, `control_id` in MSH-10."""
    return _build().replace(b"@ID@", control_id.encode())


def _build() -> bytes:
    lines = [
        f"{_HEAD}@ID@|P|2.5|||||FRA|UNICODE UTF-8|FRA",
        "PID|1||800123456^^^CHU&1.2.250.1.71.4.2.2&ISO^PI~255069312345678^^^ASIP&1.2.250.1.213.1.4.8&ISO^INS||"
        "LÉVÊQUE^ANAÏS^^^^^D~LÉVÊQUE^ZOÉ^^^^^L||19540228|F|||12 RUE DES ÉCOLES^^ÉVRY^^91000^FRA^H||0160000000",
        "PV1|1|I|2140^212^P^CHU||||10001234567^ÇELIK^ÖZGE^^^DR||||||||||||926000123^^^CHU^VN",
        "ORC|RE|26112100123^DPI|A2611210456^LABO||CM||||20261121023000",
        "OBR|1|26112100123^DPI|A2611210456^LABO|BIO^Bilan d’entrée^L|||20261121022500",
    ]
    place = 0
    while sum(map(len, lines)) < 3850:
        code, value, unit, normal = _ANALYSES[place % len(_ANALYSES)]
        place += 1
        lines.append(
            f"OBX|{place}|NM|{code}||{value}|{unit}|{normal}|N|||F|||20261121030500||10009876543^LEFÈVRE"
        )
    return ("\r".join(lines) + "\r").encode()


def run(port: int, connections: int, seconds: float) -> dict[str, object]:
    """Return counts, rates and waiting times (ms); every answer is checked."""
    before, after = (b"\x0b" + _build() + b"\x1c\r").split(b"@ID@")
    poll = select.epoll()
    sockets: dict[int, socket.socket] = {}
    for _ in range(connections):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sockets[connection.fileno()] = connection
        poll.register(connection, select.EPOLLIN)
    expected: dict[int, bytes] = {}
    sent_at: dict[int, float] = {}
    received: dict[int, bytes] = dict.fromkeys(sockets, b"")
    waits: list[float] = []
    number = bad = 0
    clock = time.perf_counter
    cpu_before = time.process_time()
    start = clock()
    end = start + seconds
    for place, connection in sockets.items():
        number += 1
        control_id = b"B%09d" % number
        expected[place] = b"MSA|AA|" + control_id
        sent_at[place] = clock()
        connection.sendall(before + control_id + after)
    now = start
    while expected:
        ready = poll.poll(5.0)
        if not ready:
            break
        for place, _ in ready:
            connection = sockets[place]
            data = connection.recv(65536)
            if not data:
                raise SystemExit("sender: expected an answer, the connection was closed")
            held = received[place] + data if received[place] else data
            if held[-2:] != b"\x1c\r":
                received[place] = held
                continue
            received[place] = b""
            now = clock()
            waits.append(now - sent_at[place])
            if held.find(expected[place]) < 0:
                bad += 1
            if now < end:
                number += 1
                control_id = b"B%09d" % number
                expected[place] = b"MSA|AA|" + control_id
                sent_at[place] = now
                connection.sendall(before + control_id + after)
            else:
                del expected[place]
    elapsed = now - start
    waits.sort()
    return {
        "messages": len(waits),
        "bad": bad,
        "unanswered": len(expected),
        "seconds": elapsed,
        "per_second": len(waits) / elapsed,
        "p50_ms": 1000 * waits[len(waits) // 2],
        "p99_ms": 1000 * waits[len(waits) * 99 // 100],
        "generator_cpu": (time.process_time() - cpu_before) / elapsed,
        "bytes": len(before) + len(after) + 10 - 3,
    }


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))))
