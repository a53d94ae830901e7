"""What a page offers its reader: where its links lead, what its forms do; held against the table of `every_page.py`."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from every_page import ROWS

from releve.exercise.browser import Form, _read

__all__ = ["in_vain", "leads", "name_of"]


def name_of(address: str) -> str:
    """Return the name of an address of the island, "" of any other."""
    from django.urls import Resolver404, resolve

    try:
        return resolve(urlsplit(address).path).url_name or ""
    except Resolver404:
        return ""


def leads(path: str, text: str) -> list[str]:
    """Return where the links of a page lead within the island."""
    parts = [urlsplit(link) for link in _read(200, path, text).links]
    return [
        one._replace(fragment="").geturl() for one in parts if not one.scheme and one.path.startswith("/")
    ]


def in_vain(role: str, path: str, text: str) -> Iterator[str]:
    """Yield each link and form of a page that answers its very reader "your role does not open this"."""
    here = name_of(path)
    for link in leads(path, text):
        row = ROWS.get(name := name_of(link))
        if row is not None and not row.public and role not in row.who:
            yield f"{role} on {here}: a link to {name}"
    for form in _read(200, path, text).forms:
        row = ROWS.get(name := name_of(form.action))
        if row is None or row.public or form.method == "get" or _of_own_ward(name, form):
            continue
        if role not in (row.who if row.writes is None else row.writes):
            yield f"{role} on {here}: a form to {name}"


def _of_own_ward(name: str, form: Form) -> bool:
    # All packs are printed by the crisis cell; those of one ward by whoever works in it.
    return name == "packs-print" and bool(form.fields.get("ward"))
