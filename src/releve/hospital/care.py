"""The care functions: what an application does for care, and what stands in for it when it is down.

A stable code names each function in maps, journals and plans; codes are never reused for something else.
"""

from typing import Literal

import msgspec

Language = Literal["fr", "en"]


class CareFunction(msgspec.Struct, frozen=True, kw_only=True):
    """What an application does for care, such as prescribing.

    `department` is the room of Relève that stands in for it, empty when none does.
    `form` is the kind of numbered paper form bound into the packs, empty for what is not written in a ward.
    """

    code: str
    english: str
    french: str
    department: str = ""
    form: str = ""
    at_ward: bool = False  # written by the people of a ward, so shown on its board and its pages

    def label(self, language: str) -> str:
        """Return the words people read: French for `fr`, English otherwise."""
        return self.french if language.startswith("fr") else self.english


def _function(code: str, english: str, french: str, department: str = "", form: str = "") -> CareFunction:
    return CareFunction(
        code=code, english=english, french=french, department=department, form=form, at_ward=bool(form)
    )


# The order is the one in which a ward reads them: who, where, drugs, tests, notes, then the other services.
CARE_FUNCTIONS: dict[str, CareFunction] = {
    function.code: function
    for function in (
        _function("identity", "Patient identity", "Identité du patient", "admissions", "identity"),
        _function("admit", "Admissions and movements", "Admissions et mouvements", "admissions", "movement"),
        _function("prescribe", "Prescribing", "Prescription", "prescribing", "prescription"),
        _function("administer", "Administration of drugs", "Administration", "prescribing", "administration"),
        _function(
            "observe", "Vital signs and charts", "Constantes et surveillance", "observations", "observation"
        ),
        _function(
            "order-laboratory", "Laboratory requests", "Demandes de biologie", "laboratory", "laboratory"
        ),
        _function("results-laboratory", "Laboratory results", "Résultats de biologie", "laboratory"),
        _function("order-imaging", "Imaging requests", "Demandes d’imagerie", "imaging", "imaging"),
        _function("results-imaging", "Imaging reports", "Comptes rendus d’imagerie", "imaging"),
        _function("images", "Images", "Images", "imaging"),
        _function("document", "Notes and documents", "Notes et documents", "documents", "note"),
        _function("appoint", "Appointments", "Rendez-vous", "appointments", "appointment"),
        _function("transfuse", "Transfusion", "Transfusion", "", "transfusion"),
        _function("theatre", "Operating theatre", "Bloc opératoire", "theatre"),
        _function("anaesthesia", "Anaesthesia", "Anesthésie", "theatre"),
        _function("emergency", "Emergency department", "Urgences", "emergency"),
        _function("regulate", "Emergency call regulation", "Régulation médicale", "emergency"),
        _function("dispense", "Dispensing", "Dispensation", "pharmacy"),
        _function("stock", "Stock of drugs and supplies", "Stocks", "pharmacy"),
        _function("chemotherapy", "Chemotherapy", "Chimiothérapie", "pharmacy"),
        _function("dialysis", "Dialysis", "Dialyse", "documents"),
        _function("maternity", "Pregnancy and birth record", "Dossier obstétrical", "documents"),
        _function("intensive-care", "Intensive care record", "Dossier de réanimation", "documents"),
        _function("pathology", "Pathology", "Anatomie pathologique", "laboratory"),
        _function("functional-tests", "Functional tests", "Explorations fonctionnelles", "documents"),
        _function("radiotherapy", "Radiotherapy", "Radiothérapie", "appointments"),
        _function("monitor", "Bedside monitoring and alarms", "Surveillance et alarmes", "", ""),
        _function("sterilise", "Sterilisation tracking", "Stérilisation", "theatre"),
        _function("rehabilitate", "Rehabilitation", "Rééducation", "documents"),
        _function("cater", "Meals and diets", "Restauration", "supply"),
        _function("transport", "Transport of patients", "Brancardage et transports", "appointments"),
        _function("hygiene", "Infection control", "Hygiène et infectiologie", "documents"),
        _function(
            "vigilance", "Vigilance and incidents", "Vigilances et évènements indésirables", "documents"
        ),
        _function("dictate", "Dictation", "Dictée", "documents"),
        _function("archive", "Archives and procedures", "Archives et procédures", "documents"),
        _function("share", "Shared record and letters", "Dossier partagé et courriers", "documents"),
        _function("onward", "Onward care after the stay", "Orientation vers l’aval", "appointments"),
        _function("message", "Messaging", "Messagerie", ""),
        _function("telephone", "Telephones and calls", "Téléphonie et appels", ""),
        _function("authenticate", "Signing in", "Authentification", ""),
        _function("network", "Network and names", "Réseau et noms", ""),
        _function("host", "Servers and storage", "Serveurs et stockage", ""),
        _function("back-up", "Backup", "Sauvegarde", ""),
        _function("protect", "Security of the information system", "Sécurité du système d’information", ""),
        _function("integrate", "Exchange of messages", "Échanges entre applications", ""),
        _function("workplace", "Workstations and printing", "Postes de travail et impression", ""),
        _function("building", "Building and technical control", "Gestion technique du bâtiment", ""),
        _function("code", "Coding of activity", "Codage de l’activité", "activity"),
        _function("bill", "Billing", "Facturation", "activity"),
        _function("buy", "Orders and suppliers", "Achats et fournisseurs", "supply"),
        _function("account", "Accounting", "Comptabilité", "payroll"),
        _function("pay", "Payroll", "Paie", "payroll"),
        _function("roster", "Rosters and time", "Plannings et temps de travail", "payroll"),
        _function("inform", "Information and reporting", "Information et pilotage", ""),
    )
}

WARD_FUNCTIONS: tuple[CareFunction, ...] = tuple(f for f in CARE_FUNCTIONS.values() if f.at_ward)


def care_function(code: str) -> CareFunction:
    """Return the care function of `code`; an unknown one is kept as written, for a newer map may name it."""
    return CARE_FUNCTIONS.get(code) or CareFunction(code=code, english=code, french=code)


class Department(msgspec.Struct, frozen=True, kw_only=True):
    """A room of Relève that stands in for applications that are down."""

    code: str
    english: str
    french: str

    def label(self, language: str) -> str:
        """Return the words people read: French for `fr`, English otherwise."""
        return self.french if language.startswith("fr") else self.english


DEPARTMENTS: dict[str, Department] = {
    code: Department(code=code, english=english, french=french)
    for code, english, french in (
        ("admissions", "Admissions", "Admissions"),
        ("prescribing", "Prescribing", "Prescription"),
        ("pharmacy", "Pharmacy", "Pharmacie"),
        ("laboratory", "Laboratory", "Laboratoire"),
        ("imaging", "Imaging", "Imagerie"),
        ("observations", "Observations", "Surveillance"),
        ("documents", "Documents", "Documents"),
        ("appointments", "Appointments", "Rendez-vous"),
        ("theatre", "Theatre", "Bloc opératoire"),
        ("emergency", "Emergency", "Urgences"),
        ("activity", "Activity", "Activité"),
        ("supply", "Supply", "Approvisionnements"),
        ("payroll", "Payroll", "Paie"),
    )
}

# What the numbered forms of a pack are called on their first line and on the boards.
FORMS: dict[str, tuple[str, str]] = {
    "identity": ("Identity form", "Fiche d’identité"),
    "movement": ("Movement form", "Feuille de mouvement"),
    "prescription": ("Prescription form", "Feuille de prescription"),
    "administration": ("Administration form", "Feuille d’administration"),
    "observation": ("Observation chart", "Feuille de surveillance"),
    "laboratory": ("Laboratory request form", "Bon de biologie"),
    "imaging": ("Imaging request form", "Bon d’imagerie"),
    "note": ("Note form", "Feuille de note"),
    "appointment": ("Appointment form", "Feuille de rendez-vous"),
    "transfusion": ("Transfusion form", "Fiche de transfusion"),
    "": ("Blank form", "Feuille libre"),
}


def form_label(form: str, language: str) -> str:
    """Return the name of a kind of paper form, in French for `fr`, in English otherwise."""
    english, french = FORMS.get(form, FORMS[""])
    return french if language.startswith("fr") else english
