"""FHIR R4 JSON as it arrives: read thinly, checked without changing a byte, kept as received.

Read `reader.py` first (bytes → resources with their address), then `values.py` (references, codings, quantities,
times) and `checker.py` (problems with their path). What a resource *means* belongs to the departments.
This room is pure: no clock, socket, file, database or Django may be imported here.
"""
