"""An island of one small hospital whose views a test fills row by row: two wards, three feeds, a clock that stands."""

import json
import re
from base64 import b64encode
from pathlib import Path
from typing import Any

import msgspec
from django.test import Client

from releve.hospital.map import (
    Application,
    Bed,
    Building,
    ConfidentialRules,
    Feed,
    HospitalMap,
    IdentityAuthority,
    Room,
    Site,
    Ward,
)

# Saturday 21 November 2026, 03:10 in Paris: the hour of the mock.
NOW_MS = 1_795_227_000_000
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
PASSWORD = "lanterne-22"


def small_hospital(**changes: Any) -> HospitalMap:
    """Return a hospital of two wards: 2140 with four beds and a cot, 4140 with one bed."""
    rooms = [Room(code=f"R{number}", ward="2140", name=str(number)) for number in (201, 202, 203, 204)]
    beds = [Bed(code=f"2140-{room.name}", room=room.code, ward="2140", name=room.name) for room in rooms]
    beds.insert(2, Bed(code="2140-202B", room="R202", ward="2140", name="202B", kind="cot"))
    rooms.append(Room(code="R401", ward="4140", name="401"))
    beds.append(Bed(code="4140-401", room="R401", ward="4140", name="401"))
    hospital = HospitalMap(
        name="Centre hospitalier de Valombre",
        identity=IdentityAuthority(feed="ADT", namespace="CHV"),
        sites=(Site(code="S", name="Valombre"),),
        buildings=(
            Building(code="B", name="Les Tilleuls", site="S"),
            Building(code="D", name="Les Charmes", site="S"),
        ),
        wards=(
            Ward(code="2140", name="Chirurgie polyvalente", building="B", floor="2"),
            Ward(code="4140", name="SSR", building="D"),
        ),
        rooms=tuple(rooms),
        beds=tuple(beds),
        applications=(
            Application(code="GAM", name="Identité et mouvements", care_functions=("identity", "admit")),
            Application(code="PRESC", name="Prescription", care_functions=("prescribe", "administer")),
            Application(code="SGL", name="Laboratoire", care_functions=("results-laboratory",)),
        ),
        feeds=tuple(
            Feed(code=code, name=name, application=application, sending_application=application)
            for code, name, application in (
                ("ADT", "Identité et mouvements", "GAM"),
                ("RX", "Prescription", "PRESC"),
                ("BIO", "Laboratoire", "SGL"),
            )
        ),
        confidential=ConfidentialRules(cover_name="CONFIDENTIEL"),
    )
    return msgspec.structs.replace(hospital, **changes)


class BedsideIsland:
    """A data folder with views that a test writes; `default` reads them, as the pages do."""

    def __init__(self, data: Path) -> None:
        from releve.views.database import new_generation, open_views, put_in_force
        from releve.web.accounts import verifier
        from releve.web.database import prepare_runtime, use_data_folder

        self.data = data
        verifier.make_key(data)
        use_data_folder(data)
        prepare_runtime()
        generation = new_generation(data)
        self.views = open_views(generation, "fold")
        put_in_force(data, generation)
        self._version = 0
        self.map(small_hospital())
        for application in ("GAM", "PRESC", "SGL"):
            self.heard(application, NOW_MS - MINUTE)

    def row(self, model: Any, **columns: Any) -> Any:
        """Write one row, with the columns every told row has."""
        names = {field.name for field in model._meta.fields}
        told = {
            "log": "a/1",
            "index": 1,
            "source": "GAM",
            "stamp": NOW_MS - HOUR,
            "recorded_at": NOW_MS - HOUR,
        }
        values = {name: value for name, value in told.items() if name in names} | columns
        if "person" in names and "person" not in values:
            values["person"] = ""
        return model.objects.using("fold").update_or_create(id=values.pop("id"), defaults=values)[0]

    def map(self, hospital: HospitalMap) -> None:
        """Put a map in force."""
        from releve.hospital.tables import MapTold

        self._version += 1
        body = msgspec.json.encode(hospital).decode()
        self.row(MapTold, id=f"a/1#{self._version}", person="hospital:map", body=body, index=self._version)

    def heard(self, application: str, at: int, *, first: int = NOW_MS - 5 * DAY) -> None:
        """Say when a sender was heard last."""
        from releve.hospital.tables import Sender

        Sender.objects.using("fold").update_or_create(
            id=f"{application}|CHV",
            defaults={
                "application": application,
                "facility": "CHV",
                "messages": 9,
                "first_at": first,
                "last_at": at,
            },
        )

    def changed(self, ward: str) -> None:
        """Say that a ward's board changed."""
        from releve.record.tables import WardChange

        self._version += 1
        WardChange.objects.using("fold").update_or_create(ward=ward, defaults={"version": self._version})

    def person(self, number: str, name: str = "DELORME", given: str = "Élise", **columns: Any) -> str:
        """Write a person and her IPP; return her key."""
        from releve.record.identity import search_letters
        from releve.record.tables import Identifier, Person

        key = f"CHV:{number}"
        traits = {
            "birth_name": name, "given_name": given, "birth_date": "1945-07-14", "sex": "F", "cluster": key,
            "identity_status": "VALI", "search_name": search_letters(name, given),
        }  # fmt: skip
        self.row(Person, id=key, person=key, **(traits | columns))
        self.row(Identifier, id=f"{key}/PI", person=key, value=number, system="CHV", type="PI")
        return key

    def stay(self, person: str, bed: str | None = "201", *, ward: str = "2140", **columns: Any) -> str:
        """Put a person in a bed; return the visit number."""
        from releve.record.tables import Encounter

        visit = columns.pop("visit", f"V{person.partition(':')[2]}")
        values = {
            "visit": visit, "status": "present", "ward": ward, "room": bed, "bed": bed, "care_ward": ward,
            "medical_ward": ward, "admitted_at": NOW_MS - 3 * DAY, "reason": "col du fémur", "class_code": "I",
        }  # fmt: skip
        self.row(Encounter, id=f"{person}/{visit}", person=person, **(values | columns))
        self.changed(ward)
        return visit

    def patient(self, number: str, bed: str | None = "201", **columns: Any) -> str:
        """Write a person in a bed of 2140; return her key."""
        stay = {
            name: columns.pop(name)
            for name in ("ward", "confidential", "expected_discharge_at")
            if name in columns
        }
        key = self.person(number, **columns)
        self.stay(key, bed, **stay)
        return key

    def drug(self, person: str, label: str = "Furosémide 20 mg", **columns: Any) -> str:
        """Prescribe a medication line; return its id."""
        from releve.departments.prescribing.tables import MedicationRequest

        key = f"{person}/{columns.pop('placer', 'P1')}"
        times = columns.pop("times", None)
        values = {"label": label, "status": "active", "start_at": NOW_MS - 2 * DAY, "source": "PRESC"}
        self.row(
            MedicationRequest,
            id=key,
            person=person,
            times=json.dumps(times) if times else None,
            **(values | columns),
        )
        return key

    def result(self, person: str, label: str = "Potassium", value: str = "6.4", **columns: Any) -> None:
        """Report a result."""
        from releve.departments.laboratory.tables import Result

        at = columns.pop("at", NOW_MS - 39 * MINUTE)
        values = {
            "series": label, "sample": f"S{at}", "label": label, "value": value, "number": float(value),
            "unit": "mmol/L", "range": "3.5-5.1", "sampled_at": at, "issued_at": at, "current": True,
            "status": "final", "source": "SGL",
        }  # fmt: skip
        self.row(Result, id=f"{person}/{label}/{at}", person=person, **(values | columns))

    def declare(
        self, *applications: str, at: int = NOW_MS - 23 * MINUTE, status: str = "down", **columns: Any
    ) -> None:
        """Declare the status of applications in the whole hospital, confirmed."""
        from releve.hospital.tables import Declaration

        self._version += 1
        values = {
            "applications": json.dumps(applications), "places": json.dumps([{"kind": "all", "code": ""}]),
            "status": status, "since_at": at, "declared_at": at, "reason": "attack", "declared_by": "x",
            "confirmed_by": "y", "confirmed_at": at, "order": f"{at:014d} {self._version}",
        }  # fmt: skip
        self.row(Declaration, id=f"a/1#{self._version}", **(values | columns))

    def account(self, code: str, role: str = "nurse", wards: tuple[str, ...] = ("2140",)) -> None:
        """Make an account that enters with PASSWORD."""
        from releve.web.accounts.draft import draft_account
        from releve.web.tables import Account

        draft = draft_account(
            self.data, code=code, family="KERVELLA", given="Nadia", role=role, wards=wards, password=PASSWORD
        )
        sealed = msgspec.msgpack.decode(draft.body)["verifier_sealed"]
        self.row(
            Account, id=code, person=f"account:{code}", code=code, family="KERVELLA", given="Nadia", role=role,
            wards=json.dumps(wards), verifier_sealed=b64encode(sealed).decode(), state="active",
        )  # fmt: skip


def page_of(client: Client, ward: str = "2140", **query: str) -> str:
    """Return the board's HTML, spaces made plain."""
    answer = client.get(f"/ward/{ward}/", query)
    assert answer.status_code == 200
    return re.sub(r"[\u00a0\u202f\s]+", " ", answer.content.decode())


def row_of(html: str, anchor: str) -> str:
    """Return one line of the board."""
    found = re.search(rf'<tr id="{anchor}".*?</tr>', html)
    assert found, anchor
    return found[0]
