"""A long, thin cable between two network interfaces: `cable.py FIRST SECOND SECONDS BITS_PER_SECOND`, until killed.

Each direction holds a frame for so long, and lets through so much a second; when a second's worth waits, what comes is
dropped, as a router does.
"""

import heapq
import select
import socket
import sys
import time

ETH_P_ALL = 3
FRAME_BYTES_MAX = 65_536


def main(first: str, second: str, seconds: float, bits_per_second: float) -> None:
    """Carry frames both ways."""
    ends = [_end(first), _end(second)]
    free = [0.0, 0.0]  # from when on each direction has room
    under_way: list[tuple[float, int, int, bytes]] = []
    count = 0
    while True:
        wait = max(0.0, under_way[0][0] - time.monotonic()) if under_way else None
        for ready in select.select(ends, [], [], wait)[0]:
            frame, address = ready.recvfrom(FRAME_BYTES_MAX)
            if address[2] == socket.PACKET_OUTGOING:
                continue
            to, now = 1 - ends.index(ready), time.monotonic()
            if free[to] > now + 1.0:
                continue
            free[to] = max(free[to], now) + 8 * len(frame) / bits_per_second
            count += 1
            heapq.heappush(under_way, (free[to] + seconds, count, to, frame))
        while under_way and under_way[0][0] <= time.monotonic():
            _, _, to, frame = heapq.heappop(under_way)
            ends[to].send(frame)


def _end(interface: str) -> socket.socket:
    opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    opened.bind((interface, 0))
    return opened


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4]))
