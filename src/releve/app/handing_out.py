"""What people receive of their account: a CSV of one-time passwords, or a page each to print. Files of mode 0600.

These are the only places where a password is written; neither the journal nor any log has it.
"""

import csv
import html
import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import msgspec

from releve.paper.symbols import datamatrix
from releve.web.accounts.badges import symbol_of

__all__ = ["Handed", "write_csv", "write_sheets"]


class Handed(msgspec.Struct, frozen=True, kw_only=True):
    """What one person, or one envelope, receives."""

    code: str
    name: str
    role: str
    wards: tuple[str, ...]
    password: str
    badge: str = ""  # token
    pin: str = ""
    until: str = ""  # a sealed account's last day


def _new(path: Path) -> IO[str]:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    return os.fdopen(handle, "w", encoding="utf-8", newline="")


def write_csv(path: Path, handed: Sequence[Handed]) -> None:
    """Write one line a person.

    Raises:
        FileExistsError: the file is there already; it is not touched.
    """
    with _new(path) as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(["code", "name", "role", "wards", "password", "badge", "pin", "until"])
        for one in handed:
            symbol = symbol_of(one.badge) if one.badge else ""
            writer.writerow(
                [one.code, one.name, one.role, " ".join(one.wards), one.password, symbol, one.pin, one.until]
            )


_WORDS = {
    "fr": {
        "title": "Relève, votre compte de l’îlot",
        "sealed": "Relève, compte de secours scellé",
        "code": "Identifiant",
        "password": "Mot de passe",
        "once": "Mot de passe provisoire, à changer à la première entrée",
        "wards": "Services",
        "badge": "Badge des postes partagés",
        "typed": "Sans lecteur, tapez",
        "pin": "Code à six chiffres, avec le badge seulement",
        "until": "N’ouvre plus après le",
        "open": "À ouvrir à deux. Noms, jour et heure :",
        "told": "Prévenir ensuite le cadre de nuit : l’enveloppe ouverte est remplacée, son compte désactivé à la fin.",
        "keep": "Ne photographiez pas cette page. Détruisez-la quand le mot de passe est changé.",
        "none": "aucun en particulier",
    },
    "en": {
        "title": "Relève, your account on the island",
        "sealed": "Relève, sealed emergency account",
        "code": "Identifier",
        "password": "Password",
        "once": "First password, changed at the first entry",
        "wards": "Wards",
        "badge": "Badge for shared machines",
        "typed": "Without a reader, type",
        "pin": "Code of six figures, with the badge only",
        "until": "Opens nothing after",
        "open": "To be opened by two people. Names, day and hour:",
        "told": "Then tell the night manager: the envelope is replaced, its account is disabled in the end.",
        "keep": "Take no picture of this page. Destroy it once the password is changed.",
        "none": "none in particular",
    },
}

_STYLE = (
    # A machine with wide letters only (DejaVu) must keep a person on one page: the next is somebody else's.
    "@page{size:A5;margin:10mm}body{font:11pt/1.3 sans-serif;color:#000;margin:0}"
    "section{break-after:page;break-inside:avoid}section:last-child{break-after:auto}"
    "h1{font-size:15pt;margin:0 0 3mm}dl{margin:0}dt{font-size:9pt}"
    "dd{margin:0 0 2mm;font-size:13pt}.secret{font:bold 18pt/1.3 monospace}svg{width:24mm;height:24mm;margin:2mm}"
    "hr{border:0;border-top:1px solid;margin:8mm 0 0}"
)


def write_sheets(path: Path, handed: Sequence[Handed], *, hospital: str, language: str) -> None:
    """Write one page a person, ready for any browser's printer; nothing is fetched from anywhere.

    Raises:
        FileExistsError: the file is there already; it is not touched.
    """
    words = _WORDS["fr" if language.startswith("fr") else "en"]
    with _new(path) as file:
        file.write(
            f'<!doctype html><html lang="{html.escape(language)}"><meta charset="utf-8"><title>{words["title"]}</title>'
            f"<style>{_STYLE}</style>"
        )
        for one in handed:
            file.write(_page(one, words, hospital))
        file.write("</html>\n")


def _page(one: Handed, words: dict[str, str], hospital: str) -> str:
    def line(label: str, value: str, *, secret: bool = False) -> str:
        mark = ' class="secret"' if secret else ""
        return f"<dt>{words[label]}</dt><dd{mark}>{html.escape(value)}</dd>"

    parts = [f"<section><p>{html.escape(hospital)}</p><h1>{words['sealed' if one.until else 'title']}</h1>"]
    if one.name:
        parts.append(f"<p><b>{html.escape(one.name)}</b></p>")
    parts.append("<dl>" + line("code", one.code, secret=True))
    parts.append(line("password" if one.until else "once", one.password, secret=True))
    parts.append(line("wards", ", ".join(one.wards) or words["none"]))
    if one.until:
        year, month, day = one.until.split("-")
        parts.append(line("until", f"{day}/{month}/{year}" if words is _WORDS["fr"] else one.until))
    if one.badge:
        grouped = "-".join(one.badge[start : start + 4] for start in range(0, 16, 4))
        parts.append(f"<dt>{words['badge']}</dt><dd>{datamatrix(symbol_of(one.badge))}</dd>")
        parts.append(line("typed", grouped, secret=True) + line("pin", one.pin, secret=True))
    parts.append("</dl>")
    if one.until:
        parts.append(f"<p>{words['open']}</p><hr><hr><p>{words['told']}</p>")
    else:
        parts.append(f"<p>{words['keep']}</p>")
    return "".join([*parts, "</section>"])
