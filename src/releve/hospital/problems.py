"""What is wrong with a folder, where, and what was expected instead, in words for whoever filled the spreadsheet.

Pure. A problem names file, line and column, never the value that stood there.
"""

from typing import Literal

import msgspec

Severity = Literal["error", "warning"]
FoundKind = Literal[
    "nothing", "text", "number", "repeated", "unreadable", "formula", "file", "secret", "table"
]

# Each sentence is what was expected, in English and in French; `{names}` are filled from `Problem.details`.
EXPECTED: dict[str, tuple[str, str]] = {
    "file-missing": (
        "this file is needed in the folder",
        "ce fichier est nécessaire dans le dossier",
    ),
    "file-absent": (
        "this file is not in the folder: {without}",
        "ce fichier n’est pas dans le dossier\u202f: {without}",
    ),
    "file-unknown": (
        "a file of this folder is one of {allowed}; this one is not read",
        "un fichier de ce dossier est l’un de\u00a0: {allowed}\u202f; celui-ci n’est pas lu",
    ),
    "file-empty": (
        "a first line with the names of the columns",
        "une première ligne avec le nom des colonnes",
    ),
    "file-not-text": (
        "a CSV file, not a workbook: in the spreadsheet, save as CSV UTF-8",
        "un fichier CSV, pas un classeur\u00a0: dans le tableur, enregistrer au format CSV UTF-8",
    ),
    "encoding": ("text in UTF-8 or Windows-1252", "un texte en UTF-8 ou Windows-1252"),
    "quotes": (
        "a quotation mark opened in a cell is closed in the same cell",
        "un guillemet ouvert dans une cellule est fermé dans la même cellule",
    ),
    "toml": ("a valid TOML file", "un fichier TOML valide"),
    "column-missing": ("this column is needed", "cette colonne est nécessaire"),
    "column-repeated": ("a column named once", "une colonne nommée une seule fois"),
    "column-unknown": (
        "one of the columns {allowed}; this one is not read",
        "l’une des colonnes {allowed}\u202f; celle-ci n’est pas lue",
    ),
    "secret": (
        "no password, code or key in this folder: take this column out, and change what was written in it",
        "aucun mot de passe, code ni clé dans ce dossier\u00a0: retirez cette colonne, et changez ce qui y était écrit",
    ),
    "cell-outside": (
        "no value after the last named column",
        "aucune valeur après la dernière colonne nommée",
    ),
    "required": ("a value", "une valeur"),
    "code": (
        "a code of letters, digits, “.”, “_”, “/” or “-”, 40 signs at most, without spaces",
        "un code en lettres, chiffres, «\u00a0.\u00a0», «\u00a0_\u00a0», «\u00a0/\u00a0» ou «\u00a0-\u00a0», "
        "40 signes au plus, sans espace",
    ),
    "text": ("text on one line, 200 signs at most", "un texte sur une ligne, 200 signes au plus"),
    "sign": (
        "readable text: a sign was lost when the file was saved, or a control sign is hidden in the cell",
        "un texte lisible\u00a0: un signe a été perdu à l’enregistrement, ou un signe invisible est dans la cellule",
    ),
    "formula": (
        "a value, not an error of the spreadsheet",
        "une valeur, pas une erreur du tableur",
    ),
    "scientific": (
        "all the digits: the spreadsheet shortened this number; set the column to text and write it again",
        "tous les chiffres\u00a0: le tableur a abrégé ce nombre\u202f; mettez la colonne en texte et récrivez-le",
    ),
    "integer": (
        "a whole number from {low} to {high}",
        "un nombre entier de {low} à {high}",
    ),
    "boolean": ("true or false", "true ou false"),
    "list": ("a list of texts", "une liste de textes"),
    "choice": ("one of {allowed}", "l’un de\u00a0: {allowed}"),
    "choice-near": (
        "one of {allowed}; perhaps {nearest}",
        "l’un de\u00a0: {allowed}\u202f; peut-être {nearest}",
    ),
    "duplicate": (
        "each code once: this one stands already on line {line}",
        "chaque code une seule fois\u00a0: celui-ci est déjà à la ligne {line}",
    ),
    "account-taken": (
        "a code without an account: this one has one already",
        "un code sans compte\u00a0: celui-ci en a déjà un",
    ),
    "duplicate-case": (
        "codes that differ by more than capital letters: see line {line}",
        "des codes qui diffèrent par plus que des majuscules\u00a0: voir la ligne {line}",
    ),
    "same-place": (
        "one name for each place: {where} and this name stand already on line {line}",
        "un nom par emplacement\u00a0: {where} et ce nom sont déjà à la ligne {line}",
    ),
    "reference": ("a code that stands in {file}", "un code qui figure dans {file}"),
    "reference-zero": (
        "a code that stands in {file}; with a zero in front it does: the spreadsheet removed it; "
        "set the column to text",
        "un code qui figure dans {file}\u202f; avec un zéro devant il y figure\u00a0: le tableur l’a retiré, "
        "mettez la colonne en texte",
    ),
    "cycle": (
        "no application that needs itself in the end: {path}",
        "aucune application qui finit par avoir besoin d’elle-même\u00a0: {path}",
    ),
    "other-ward": (
        "a bed of the same ward as its room; accepted, for some units share rooms",
        "un lit de la même unité que sa chambre\u202f; accepté, car des unités partagent des chambres",
    ),
    "same-sender": (
        "senders that differ by application, facility or address: see line {line}",
        "des émetteurs distincts par l’application, l’établissement ou l’adresse\u00a0: voir la ligne {line}",
    ),
    "zone": (
        "a time zone such as Europe/Paris",
        "un fuseau horaire tel que Europe/Paris",
    ),
    "shape": (
        "a regular expression such as 80[0-9]{{8}}, 60 signs at most, without a repeated group",
        "une expression régulière telle que 80[0-9]{{8}}, 60 signes au plus, sans groupe répété",
    ),
    "moment": (
        "a day and an hour such as 2026-11-21 20:00, or nothing",
        "un jour et une heure tels que 21/11/2026 20:00, ou rien",
    ),
    "after-start": ("an end after the start", "une fin après le début"),
    "address": ("an IP address such as 10.4.2.20", "une adresse IP telle que 10.4.2.20"),
    "printer-address": (
        "HOST:PORT such as 10.4.9.12:9100, or cups:NAME",
        "HÔTE:PORT tel que 10.4.9.12:9100, ou cups:NOM",
    ),
    "hl7-address": (
        "an HL7 address such as PV1-16 or ZFA-1",
        "une adresse HL7 telle que PV1-16 ou ZFA-1",
    ),
    "finess": (
        "a FINESS number: nine signs, the last one a check digit; accepted as it is",
        "un numéro FINESS\u00a0: neuf signes, le dernier étant une clé\u202f; accepté tel quel",
    ),
    "rpps": (
        "an RPPS number: eleven digits, the last one a check digit; accepted as it is",
        "un numéro RPPS\u00a0: onze chiffres, le dernier étant une clé\u202f; accepté tel quel",
    ),
    "rpps-twice": (
        "one RPPS number for one person: see line {line}; accepted as it is",
        "un numéro RPPS pour une seule personne\u00a0: voir la ligne {line}\u202f; accepté tel quel",
    ),
    "drug-code": (
        "thirteen figures with a right check digit, for a UCD or CIP code",
        "treize chiffres dont une clé juste, pour un code UCD ou CIP",
    ),
    "usual-dose": (
        "a dose, a unit, a rhythm and perhaps days, such as “1 g /6 5j”, “40 mg 8,14” or “1 g 1x”",
        "une dose, une unité, un rythme et au besoin des jours, tels que «\u00a01 g /6 5j\u00a0», "
        "«\u00a040 mg 8,14\u00a0» ou «\u00a01 g 1x\u00a0»",
    ),
    "decimal": ("a number such as 0.5", "un nombre tel que 0,5"),
    "a-limit": (
        "at least one limit: for a dose or for a day, by kg or not",
        "au moins une limite\u00a0: par prise ou par jour, par kg ou non",
    ),
    "no-beds": (
        "at least one bed in an inpatient ward: its board and pack would be empty",
        "au moins un lit dans une unité d’hospitalisation\u00a0: son tableau et son classeur seraient vides",
    ),
    "no-printer": (
        "a printer for this ward: its pack would come out nowhere",
        "une imprimante pour cette unité\u00a0: son classeur ne sortirait nulle part",
    ),
    "no-second-printer": (
        "a second printer for this ward, for the day when the first fails",
        "une seconde imprimante pour cette unité, pour le jour où la première lâche",
    ),
    "identity-kinds": (
        "a feed that sends ADT: the identity authority speaks by ADT messages",
        "un flux qui envoie ADT\u00a0: l’autorité d’identité parle par messages ADT",
    ),
    "second-carrier": (
        "one application in which all wards do “{function}”: see line {line}; when that one is down, wards will be "
        "told to write in this one",
        "une seule application où toutes les unités font «\u00a0{function}\u00a0»\u00a0: voir la ligne {line}\u202f; "
        "quand celle-là sera coupée, les unités seront priées d’écrire dans celle-ci",
    ),
    "no-function": (
        "a care function: without one, nobody knows what the loss of this application means",
        "une fonction de soin\u00a0: sans elle, personne ne sait ce que coûte la perte de cette application",
    ),
}

_WITHOUT: dict[str, tuple[str, str]] = {
    "staff.csv": ("no accounts can be proposed", "aucun compte ne pourra être proposé"),
    "printers.csv": ("packs come out as files only", "les classeurs ne sortiront qu’en fichiers"),
    "on-call.csv": (
        "packs do not say who is on call",
        "les classeurs ne diront pas qui est de garde",
    ),
    "phones.csv": ("packs carry no numbers to call", "les classeurs ne porteront aucun numéro à appeler"),
}

FOUND: dict[str, tuple[str, str]] = {
    "nothing": ("nothing", "rien"),
    "text": ("other text", "un autre texte"),
    "number": ("another number", "un autre nombre"),
    "repeated": ("a repetition", "une répétition"),
    "unreadable": ("something unreadable", "quelque chose d’illisible"),
    "formula": ("an error of the spreadsheet", "une erreur du tableur"),
    "file": ("another file", "un autre fichier"),
    "secret": ("a secret", "un secret"),
    "table": ("a table or list", "un tableau ou une liste"),
}


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to correct (`error`) or to look at (`warning`).

    `line` counts from 1 as a text editor does; 0 is the whole file. `expected` is a key of `EXPECTED`.
    """

    file: str
    expected: str
    line: int = 0
    column: str = ""
    found: FoundKind = "text"
    severity: Severity = "error"
    details: dict[str, str | int] = msgspec.field(default_factory=dict)

    def sentence(self, language: str = "en") -> str:
        """Return what was expected, in French for `fr`, in English otherwise."""
        french = language.startswith("fr")
        details = dict(self.details)
        if self.expected == "file-absent":
            details["without"] = _WITHOUT[self.file][french]
        return EXPECTED[self.expected][french].format(**details)

    def text(self, language: str = "en") -> str:
        """Return the whole line: file, line, column, what was expected, what kind of thing was found."""
        french = language.startswith("fr")
        place = self.file
        if self.line:
            place += f", {'ligne' if french else 'line'} {self.line}"
        if self.column:
            place += f", {'colonne' if french else 'column'} {self.column}"
        asked = "attendu\u00a0:" if french else "expected"
        found = f"trouvé\u00a0: {FOUND[self.found][1]}" if french else f"found {FOUND[self.found][0]}"
        separator = "\u00a0: " if french else ": "
        return f"{place}{separator}{asked} {self.sentence(language)} ({found})"

    def as_json(self, language: str = "en") -> dict[str, str | int]:
        """Return the problem for a script: the place, the key, and the sentence."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "severity": self.severity,
            "key": self.expected,
            "expected": self.sentence(language),
            "found": self.found,
        }
