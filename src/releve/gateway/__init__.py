"""The sockets of the hospital: what comes in over the wire becomes an entry, and is answered only once it is durable.

Read `mllp.py` first (HL7 v2 over TCP), then `process.py` (what the supervisor starts), `fhir_http.py` (FHIR over the
web process) and `intake.py` (files dropped in a folder). Nothing here understands what a message says: departments
do that in the fold. Never imported here: the fold, the departments, the pages; never logged: a value received.
"""
