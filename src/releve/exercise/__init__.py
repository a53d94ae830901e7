"""A simulated hospital that lives through time, and staged attacks, speaking to an island only through its sockets.

Read `hospital_life.py` first: `live()` yields what the hospital's applications would send, in order of time, and
`truth.py` keeps what is true in it, so that a test can hold an island's views against it. `feed.py` carries the
messages over MLLP, `night.py` stages a night. Everyone here is invented; identifiers come from the ranges kept for
tests. The files of the simulation are pure (same map, seed and start: same bytes): no clock, socket, file, database
or Django may be imported there; only `feed.py` and `night.py` touch the world, and never an island's own files.
"""
