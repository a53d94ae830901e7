"""Forms of doses as a browser sends them: read from the page, not guessed."""

import re
from html import unescape

from django.test import Client
from dose_island import MINUTE_MS, NOW_MS

from releve.bedside.dose_desk import dose_handle

THREE = NOW_MS - 10 * MINUTE_MS  # 03:00
LINE = "CHV:8000201/P1"


def form_of(page: str) -> dict[str, str]:
    """Return the hidden fields and first values of the form under the grid."""
    part = page[page.index('id="form"') :]
    found = {}
    for tag in re.findall(r"<input[^>]*>", part[: part.index("</form>")]):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="checkbox"' not in tag and 'type="radio"' not in tag:
            found[name[1]] = unescape(value[1]) if value else ""
    return found


def open_form(
    client: Client, handle: str, due: int | None = THREE, *, line: str = LINE, no: bool = False
) -> dict[str, str]:
    """Return the form of a dose, as the link of the grid opens it."""
    more = "&do=no" if no else ""
    answer = client.get(f"/patient/{handle}/grid/?dose={dose_handle(line, due)}{more}")
    assert answer.status_code == 200
    return form_of(answer.content.decode())
