"""Bytes ↔ values: MLLP, HL7 v2, FHIR, identifiers; nothing here opens, waits or remembers.

Read `mllp.py` first (a protocol without a socket), then `hl7v2/reader.py`.
Every file of this room is pure: no clock, socket, file, database or Django may be imported here, and no other
room of Relève; time arrives as an argument. Errors name a place and an expectation, never a patient's value.
"""
