"""What each address answers, to whom: the table of `test_every_url_and_role.py`.

One row an address, by its name. A new address without a row fails the test, which prints the row it saw: read it,
ask whether it is right, put it here. `who` opens it; everybody else is refused (403). `get` and `post` are what those
who may open it are answered, the form posted empty; 405: not with this method. `writes` are those who may post, where
they are fewer. `of` says whom the page is about: then whoever works elsewhere is asked for a reason first.
"""

from typing import Literal, NamedTuple

from releve.web.accounts.facts import ROLES

__all__ = ["ALL", "CARE", "NOT_AUDITOR", "ROWS", "Row"]

ALL = frozenset(ROLES)
NURSING = frozenset({"nurse", "midwife", "assistant"})
CARE = NURSING | {"physician", "pharmacist", "radiographer", "laboratory", "clerk", "crisis"}
NOT_AUDITOR = ALL - {"auditor"}
IT = frozenset({"it"})
AUDITOR = frozenset({"auditor"})
REVIEWERS = frozenset({"auditor", "crisis"})
# Who declares a cut; who prescribes; who charts; who sees what a restored application is owed.
DECLARERS = frozenset({"crisis", "it", "midwife", "nurse", "pharmacist", "physician"})
PRESCRIBERS = frozenset({"physician", "midwife"})
CHARTING = NURSING | {"physician"}
OWED = frozenset({"clerk", "crisis", "pharmacist", "physician"})
# Who cleans machines and says in which order
FLEET = frozenset({"crisis", "it"})


# Who plans and reports the restoration; who may stand by the return of an application.
PLANNERS = frozenset({"crisis", "it"})
SIGNERS = PLANNERS | {"physician", "pharmacist", "laboratory", "radiographer", "clerk"}


class Row(NamedTuple):
    """What one address answers."""

    who: frozenset[str]
    get: int | tuple[int, ...]
    post: int | tuple[int, ...]
    of: Literal["", "patient", "ward", "file"] = ""
    writes: frozenset[str] | None = None
    public: bool = False  # opens without signing in
    locked: bool = False  # opens on a locked screen


ROWS: dict[str, Row] = {
    # Machines: `/fhir` knows its senders by their address.
    "(fhir/)": Row(ALL, get=405, post=415, public=True),
    "(fhir/<str:kind>)": Row(ALL, get=405, post=415, public=True),
    "(fhir/<str:kind>/<str:name>)": Row(ALL, get=405, post=415, public=True),
    "fhir": Row(ALL, get=405, post=415, public=True),
    "fhir-metadata": Row(ALL, get=200, post=405, public=True),
    # Taking and leaving one's post
    "badge": Row(ALL, get=302, post=302, public=True),
    "choose": Row(ALL, get=405, post=302, public=True),
    "first": Row(ALL, get=200, post=200, public=True),
    "sign-in": Row(ALL, get=200, post=200, public=True),
    "sign-out": Row(ALL, get=405, post=302, locked=True),
    "switch": Row(ALL, get=405, post=422, public=True),
    "change-code": Row(ALL, get=200, post=200),
    "change-pin": Row(ALL, get=302, post=302),
    "home": Row(ALL, get=302, post=302),
    "lock": Row(ALL, get=302, post=302, locked=True),
    "post": Row(ALL, get=200, post=405),
    "shell": Row(ALL, get=200, post=405),
    # What waits in a browser
    "outbox": Row(ALL, get=200, post=405, public=True),
    "outbox-carry": Row(NOT_AUDITOR, get=405, post=400),
    "outbox-here": Row(ALL, get=200, post=405, public=True),
    "outbox-offline": Row(ALL, get=200, post=405, public=True),
    "outbox-worker": Row(ALL, get=200, post=405, public=True),
    # Accounts
    "account-rpps": Row(IT, get=404, post=404),
    "accounts": Row(IT, get=200, post=405),
    "act-on-account": Row(IT, get=405, post=404),
    "managers": Row(frozenset({"crisis", "it"}), get=200, post=405),
    "new-account": Row(IT, get=200, post=200),
    # Access and audit
    "audit": Row(AUDITOR, get=200, post=422),
    "audit-export": Row(AUDITOR, get=405, post=422),
    "audit-glass": Row(REVIEWERS, get=200, post=405),
    "audit-review": Row(REVIEWERS, get=404, post=404),
    "beyond-wards": Row(NOT_AUDITOR, get=302, post=302),
    # The whole hospital
    "applications": Row(NOT_AUDITOR, get=200, post=405),
    "declaration": Row(DECLARERS, get=404, post=404),
    "declare": Row(DECLARERS, get=200, post=422),
    "feed-entry": Row(frozenset({"crisis", "it"}), get=404, post=405),
    "feeds": Row(NOT_AUDITOR, get=200, post=405),
    "overview": Row(NOT_AUDITOR, get=200, post=405),
    "overview-live": Row(NOT_AUDITOR, get=200, post=405),
    "pack-document": Row(CARE, get=404, post=405, of="file"),
    "packs": Row(CARE | IT, get=200, post=405),
    "packs-forms": Row(CARE, get=405, post=422, of="ward"),
    "packs-print": Row(frozenset({"crisis", "it"}), get=405, post=302),
    # What colleagues carried in one's name
    "carried": Row(CARE, get=200, post=422),
    # The islands
    "island-suspect": Row(NOT_AUDITOR, get=200, post=405),
    "island-stick": Row(NOT_AUDITOR, get=200, post=405),
    "island-stick-live": Row(NOT_AUDITOR, get=200, post=405),
    "island-stick-read": Row(frozenset({"crisis", "it"}), get=405, post=422),
    "island-stick-write": Row(frozenset({"crisis", "it"}), get=405, post=422),
    "islands": Row(NOT_AUDITOR, get=200, post=405),
    "islands-live": Row(NOT_AUDITOR, get=200, post=405),
    # What restored applications are owed
    "account": Row(OWED, get=200, post=405),
    "account-file": Row(OWED, get=404, post=405),
    "account-late": Row(OWED, get=200, post=405),
    # Wards and search
    "find": Row(CARE, get=200, post=400),
    "scan": Row(CARE, get=405, post=400),
    "ward": Row(CARE, get=200, post=405, of="ward"),
    "ward-doses": Row(CARE, get=200, post=405, of="file"),
    "ward-live": Row(CARE, get=200, post=405, of="ward"),
    "ward-sheet": Row(CARE, get=404, post=405, of="file"),
    "ward-sheet-file": Row(CARE, get=404, post=405, of="file"),
    "ward-to-sign": Row(CARE, get=200, post=405, of="file"),
    "wards": Row(CARE, get=200, post=405),
    # Admissions; whoever admits a known person is not asked, she has no ward yet
    "admit": Row(CARE, get=200, post=422),
    "admit-known": Row(CARE, get=200, post=422),
    "admit-newborn": Row(CARE, get=200, post=422, of="patient"),
    "admit-unidentified": Row(CARE, get=200, post=422),
    "stay": Row(CARE, get=200, post=404, of="patient"),
    # A patient
    "patient": Row(CARE, get=200, post=405, of="patient"),
    "patient-document": Row(CARE, get=404, post=405, of="patient"),
    "patient-document-file": Row(CARE, get=404, post=405, of="patient"),
    "patient-dose": Row(CARE, get=405, post=404, of="patient"),
    "patient-dose-correct": Row(CARE, get=405, post=404, of="patient"),
    "patient-dose-scan": Row(CARE, get=405, post=422, of="patient"),
    "patient-grid": Row(CARE, get=200, post=405, of="patient"),
    "patient-identity": Row(CARE, get=200, post=405, of="patient"),
    "patient-results": Row(CARE, get=200, post=405, of="patient"),
    "patient-sheet": Row(CARE, get=404, post=405, of="patient"),
    "patient-sheet-file": Row(CARE, get=404, post=405, of="patient"),
    "patient-timeline": Row(CARE, get=200, post=405, of="patient"),
    "observations": Row(CARE, get=200, post=405, of="patient"),
    "observations-chart": Row(CHARTING, get=405, post=422, of="patient"),
    "observations-correct": Row(CHARTING, get=404, post=404, of="patient"),
    "observations-fluid": Row(CHARTING, get=405, post=422, of="patient"),
    "care-plan": Row(CARE, get=200, post=422, of="patient"),
    "line": Row(CARE, get=404, post=404, of="patient"),
    "line-change": Row(PRESCRIBERS | {"nurse", "pharmacist"}, get=404, post=404, of="patient"),
    "prescribe": Row(
        CARE, get=200, post=(200, 422), of="patient", writes=PRESCRIBERS | {"nurse", "pharmacist"}
    ),
    "prescribing-checks": Row(CARE, get=200, post=422, writes=frozenset({"physician", "pharmacist"})),
    "reconcile": Row(CARE, get=200, post=422, of="patient", writes=PRESCRIBERS),
    # Beds, duplicates
    "bed": Row(CARE, get=404, post=404, of="ward"),
    "bed-labels": Row(CARE, get=404, post=405),
    "beds": Row(CARE, get=200, post=404, of="ward"),
    "buildings": Row(CARE, get=200, post=405),
    "duplicates": Row(CARE, get=200, post=404),
    # The hand-over of a ward
    "handover": Row(CARE, get=200, post=405, of="file"),
    "handover-file": Row(CARE, get=200, post=405, of="file"),
    "handover-take": Row(CHARTING, get=405, post=422, of="file"),
    "handover-write": Row(CHARTING, get=405, post=422, of="patient"),
    # More of a patient
    "identity-correct": Row(CARE, get=200, post=422, of="patient"),
    "label-file": Row(CARE, get=200, post=405, of="patient"),
    "labels": Row(CARE, get=200, post=422, of="patient"),
    "note": Row(CARE, get=404, post=404, of="patient"),
    "note-file": Row(CARE, get=404, post=405, of="patient"),
    "note-print": Row(CARE, get=404, post=405, of="patient"),
    "note-write": Row(CHARTING, get=404, post=404, of="patient"),
    "notes": Row(CARE, get=200, post=405, of="patient"),
    "statements": Row(CARE, get=200, post=422, of="patient"),
    "stay-movement": Row(CARE, get=404, post=404, of="patient"),
    # The restoration; the crisis cell and the information systems write
    "restoration": Row(NOT_AUDITOR, get=200, post=405),
    "restoration-adopt": Row(PLANNERS, get=405, post=422),
    "restoration-application": Row(NOT_AUDITOR, get=404, post=405),
    "restoration-ask": Row(PLANNERS, get=405, post=422),
    "restoration-bring": Row(PLANNERS, get=405, post=422),
    "restoration-case": Row(NOT_AUDITOR, get=404, post=405),
    "restoration-catalogue": Row(NOT_AUDITOR, get=200, post=422, writes=PLANNERS),
    "restoration-check": Row(NOT_AUDITOR, get=200, post=422, writes=PLANNERS),
    "restoration-dates": Row(PLANNERS, get=200, post=422),
    "restoration-edit": Row(PLANNERS, get=404, post=422),
    "restoration-evidence": Row(NOT_AUDITOR, get=404, post=405),
    "restoration-file": Row(NOT_AUDITOR, get=404, post=405),
    "restoration-hours": Row(PLANNERS, get=200, post=422),
    "restoration-labels": Row(PLANNERS, get=200, post=422),
    "restoration-labels-file": Row(PLANNERS, get=404, post=405),
    "restoration-means": Row(NOT_AUDITOR, get=200, post=405),
    "restoration-paper-plan": Row(NOT_AUDITOR, get=404, post=405),
    "restoration-paper-report": Row(NOT_AUDITOR, get=(200, 404), post=405),
    "restoration-paper-tasks": Row(NOT_AUDITOR, get=200, post=405),
    "restoration-person": Row(PLANNERS, get=200, post=422),
    "restoration-plan": Row(NOT_AUDITOR, get=200, post=405),
    "restoration-planning": Row(NOT_AUDITOR, get=200, post=405),
    "restoration-publish": Row(PLANNERS, get=405, post=422),
    "restoration-report": Row(PLANNERS, get=405, post=422),
    "restoration-scan": Row(PLANNERS, get=405, post=422),
    "restoration-shared": Row(PLANNERS, get=200, post=422),
    "restoration-sign": Row(SIGNERS, get=405, post=422),
    "restoration-skill": Row(PLANNERS, get=200, post=422),
    "restoration-task": Row(NOT_AUDITOR, get=404, post=405),
    "restoration-tasks": Row(NOT_AUDITOR, get=200, post=405),
    "restoration-what-if": Row(PLANNERS, get=200, post=422),
    # The fleet of machines
    "fleet": Row(FLEET, get=200, post=405),
    "fleet-batch": Row(FLEET, get=404, post=404),
    "fleet-batch-labels": Row(FLEET, get=404, post=405),
    "fleet-batch-new": Row(FLEET, get=200, post=422),
    "fleet-batch-sheet": Row(FLEET, get=404, post=405),
    "fleet-batches": Row(FLEET, get=200, post=422),
    "fleet-label": Row(FLEET, get=404, post=405),
    "fleet-labels": Row(FLEET, get=404, post=404),
    "fleet-labels-file": Row(FLEET, get=404, post=405),
    "fleet-machine": Row(FLEET, get=404, post=404),
    "fleet-machines": Row(FLEET, get=200, post=422),
    "fleet-machines-add": Row(FLEET, get=405, post=422),
    "fleet-machines-file": Row(FLEET, get=200, post=405),
    "fleet-report": Row(FLEET, get=404, post=405),
    "fleet-scan": Row(FLEET, get=200, post=422),
    "fleet-stuck": Row(FLEET, get=200, post=405),
    "fleet-ward": Row(FLEET, get=404, post=405),
    # Trust in the island's certificate, tried before the crisis
    "trust": Row(ALL, get=200, post=405, public=True),
    "trust-certificate": Row(ALL, get=404, post=405, public=True),
    "trust-probe": Row(ALL, get=200, post=405, public=True),
}
