"""What every page says: mode, horizon, exercise, language; and what no page may do."""

import logging
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client, override_settings
from web_island import NOW_MS, PASSWORD, Island

from releve.views.database import new_generation, open_views, put_in_force
from releve.web import shell
from releve.web.logs import PlacesOnly
from releve.web.words import NBSP

AT_0244 = NOW_MS - 26 * 60_000
AT_0247 = NOW_MS - 23 * 60_000
Show = Callable[..., None]


def text_of(answer: object) -> str:
    """Return the words of a page, tags and doubled spaces gone."""
    return re.sub(r"[ \n\t]+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))  # type: ignore[attr-defined]


def test_every_page_sets_the_three_times_side_by_side(client: Client, show: Show, at_three: int) -> None:
    """Time is the interface: how far we know, since when we know nothing, what time it is."""
    show(data_until_ms=AT_0244, overdue=True)

    words = text_of(client.get("/sign-in/"))

    assert "Données jusqu’à 02:44" in words
    assert f"sans nouvelles 26{NBSP}min" in words
    assert "Il est 03:10" in words


@pytest.mark.parametrize(
    ("said", "mode", "words"),
    [
        ({"mode": "watch"}, "watch", ["Veille", "On lit seulement."]),
        (
            {"mode": "watch", "silent": 5, "silent_since_ms": AT_0244, "overdue": True},
            "watch",
            ["5 flux se taisent depuis 02:44"],
        ),
        (
            {"mode": "downtime", "since_ms": AT_0247, "down": 8, "writes": frozenset({"releve"})},
            "downtime",
            ["Mode dégradé", f"depuis 02:47, 23{NBSP}min", "On écrit ici.", "8 applications coupées"],
        ),
        (
            {"mode": "downtime", "down": 8, "writes": frozenset({"paper"})},
            "downtime",
            [
                "On écrit sur les formulaires numérotés du classeur.",
                "les autres s’utilisent comme d’habitude",
            ],
        ),
        (
            {"mode": "downtime", "down": 2, "writes": frozenset({"paper", "application"})},
            "downtime",
            ["Tout ne s’écrit pas au même endroit"],
        ),
        (
            {"mode": "downtime", "down": 124, "down_all": "here"},
            "downtime",
            ["Toutes les applications sont coupées"],
        ),
        (
            {"mode": "downtime", "down": 124, "down_all": "in places"},
            "downtime",
            ["dans certains services", "ailleurs, elles s’utilisent comme d’habitude"],
        ),
        ({"mode": "downtime", "down": 1}, "downtime", ["Rien ne change pour ce qu’écrivent les services."]),
        ({"mode": "downtime", "since_ms": AT_0247, "down": 1}, "downtime", ["1 application coupée"]),
        (
            {"mode": "recovery", "since_ms": AT_0247, "down": 5},
            "recovery",
            ["Reprise", "5 applications encore coupées"],
        ),
    ],
)
def test_the_mode_is_a_word_before_it_is_a_colour(
    client: Client, show: Show, at_three: int, said: dict[str, object], mode: str, words: list[str]
) -> None:
    """Seen from the door, printed in black and white, or read aloud: each must suffice."""
    show(**said)

    page = client.get("/sign-in/")

    assert f'data-mode="{mode}"' in page.content.decode()
    for word in words:
        assert word in text_of(page)


def test_an_island_that_never_heard_anything_says_so(client: Client, show: Show) -> None:
    """An empty horizon would read as a broken page; a zero as good news."""
    show(data_until_ms=None)

    words = text_of(client.get("/sign-in/"))

    assert "rien reçu" in words
    assert "aucune donnée encore reçue" in words


def test_an_exercise_says_so_in_words_on_every_page(nurse: Client, show: Show) -> None:
    """An order given in an exercise and carried out on a real patient is the worst that an exercise can do."""
    show(exercise=True)
    for address in ("/sign-in/", "/post/", "/post/code/", "/no-such-page/", "/shell/"):
        assert "EXERCICE" in nurse.get(address).content.decode(), address

    show(exercise=False)
    assert "EXERCICE" not in nurse.get("/post/").content.decode()


def test_the_printed_page_carries_the_exercise_in_its_margin() -> None:
    """The second sheet out of the printer has no band."""
    style = (Path(shell.__file__).parent / "static/web/releve.css").read_text()

    assert re.search(r"@page exercise \{[^}]*@top-center \{ content: \"EXERCICE", style)
    assert ".is-exercise { page: exercise; }" in style
    assert ".is-exercise.on-landscape { page: exercise-landscape; }" in style


def test_no_page_runs_or_styles_anything_inline(nurse: Client, show: Show) -> None:
    """What the policy refuses would silently not work; what it allowed, an attacker could use."""
    show(mode="downtime", down=8, since_ms=AT_0247, exercise=True, data_until_ms=AT_0244)
    for address in ("/sign-in/", "/post/", "/post/code/", "/no-such-page/"):
        answer = nurse.get(address)
        page, policy = answer.content.decode(), answer["Content-Security-Policy"]
        assert "style=" not in page
        assert not re.search(r"\son[a-z]+=", page), address
        assert not re.search(r"<script(?![^>]*\ssrc=\"/static/)", page)
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page), "nothing comes from outside the island"
        assert "unsafe" not in policy
        assert "script-src 'self'" in policy
        assert answer["Cache-Control"] == "no-store"


def test_the_language_is_the_browser_s_when_the_island_speaks_it_until_a_person_chooses(
    nurse: Client, island: Island
) -> None:
    """A volunteer from abroad reads the first page before she finds the two letters at its head."""

    def read_by(accepted: str) -> str:
        page = nurse.get("/post/", headers={"accept-language": accepted} if accepted else {})
        return str(page["Content-Language"])

    assert read_by("en-GB,en;q=0.9,fr;q=0.8") == "en"
    assert read_by("fr-CH, en;q=0.9") == "fr"
    # None of ours, none at all, or no language at all: the island's.
    assert {read_by("de-DE,de;q=0.9"), read_by(""), read_by("*"), read_by("\"';;q=x")} == {"fr"}

    chosen = nurse.post("/choose/", {"language": "en", "next": "/post/"})
    assert chosen["Location"] == "/post/"
    page = nurse.get("/post/")
    assert "My post" in page.content.decode()
    assert '<html lang="en"' in page.content.decode()
    assert page["Content-Language"] == "en"
    assert read_by("fr-FR,fr") == "en", "the choice of the head wins"

    # The same workstation, another person: her own language.
    island.account("hvasseur", role="physician", given="Hélène", family="VASSEUR")
    nurse.post("/sign-in/", {"badge": "hvasseur", "pin": PASSWORD})
    assert "Mon poste" in nurse.get("/post/").content.decode()


def test_night_is_kept_without_losing_the_language(client: Client) -> None:
    """At 3 a.m. a white page wakes a whole room."""
    client.post("/choose/", {"language": "en"})
    client.post("/choose/", {"theme": "night"})

    page = client.get("/sign-in/").content.decode()

    assert 'data-theme="night"' in page
    assert '<html lang="en"' in page
    client.post("/choose/", {"theme": "purple", "language": "xx"})
    assert "purple" not in client.get("/sign-in/").content.decode()


@override_settings(ROOT_URLCONF="web_specimen")
def test_an_error_is_told_in_words_without_the_patient(
    nurse: Client, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Logs travel; the page must say what to do."""
    nurse.raise_request_exception = False
    caplog.set_level(logging.ERROR, "django.request")

    broken, missing = nurse.get("/broken/"), nurse.get("/patient/DELORME/")

    assert broken.status_code == 500
    assert "Cette page a un défaut" in broken.content.decode()
    assert "DELORME" not in broken.content.decode()
    assert missing.status_code == 404
    assert "Cette page n’existe pas" in missing.content.decode()
    log = capsys.readouterr().err
    assert "DELORME" not in log


def test_the_log_names_places_and_never_values() -> None:
    """An exception's text holds what it choked on, which may be a name."""
    formatter = PlacesOnly()
    try:
        int("DELORME")
    except ValueError:
        record = logging.LogRecord("django.request", logging.ERROR, "", 0, "%s", ("DELORME",), sys.exc_info())
        record.request = type("Request", (), {"method": "GET", "resolver_match": None})()

    line = formatter.format(record)

    assert "ValueError" in line
    assert "test_shell.py" in line
    assert "DELORME" not in line


def test_pages_follow_the_views_when_they_are_swapped(nurse: Client, island: Island) -> None:
    """A rebuild moves a link; a page that went on reading the old file would show the past as the present."""
    assert "Nadia KERVELLA" in nurse.get("/post/").content.decode()

    generation = new_generation(island.data)
    island.views.close()
    island.views = open_views(generation, "fold")
    put_in_force(island.data, generation)
    assert nurse.get("/post/").status_code == 302, "the new views do not know this account"

    from releve.views.projector import Projector
    from releve.web.offer import OFFER

    island.projector = Projector(
        island.views, [OFFER], island.projector._interpreter, lambda log, at: island.entries[at]
    )
    island.fold(island.entries[0])
    assert "Nadia KERVELLA" in nurse.get("/post/").content.decode()


def test_without_views_the_island_says_that_it_is_reading(client: Client, island: Island) -> None:
    """The first minute after a loss: what is happening, and that nothing is lost."""
    (island.data / "views.sqlite3").unlink()

    answer = client.post("/sign-in/", {"badge": "nkervella", "pin": PASSWORD})

    assert answer.status_code == 503
    assert "relit encore son journal" in answer.content.decode()
    assert not (island.data / "views.sqlite3").exists()


def test_pages_cannot_write_the_views(island: Island) -> None:
    """Only what is folded from the journal may stand there."""
    from django.db import OperationalError

    from releve.web.tables import Account

    with pytest.raises(OperationalError):
        Account.objects.create(id="x", code="x")


def test_a_shell_that_fails_does_not_take_the_page_with_it(client: Client) -> None:
    """The page that says what is wrong needs the shell too."""

    def broken(request: object) -> shell.Shell:
        raise RuntimeError("no views")

    shell.set_provider(broken)

    assert client.get("/sign-in/").status_code == 200


def test_the_doubled_hour_leaves_the_clock_to_the_server(
    client: Client, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The browser does not know which 02:30 it is."""
    monkeypatch.setattr(shell, "now_ms", lambda: 1_792_891_800_000)  # 25 Oct 2026 02:30, second passage
    show()

    page = client.get("/sign-in/").content.decode()

    assert f"02:30{NBSP}B" in page
    assert 'data-clock-fixed="1"' in page


def test_what_cannot_be_recorded_is_on_the_band(client: Client, show: Show) -> None:
    """Told before the form is filled in, not after."""
    show(cannot_record="disk")
    assert "Le disque est plein" in client.get("/sign-in/").content.decode()

    show(cannot_record="recorder")
    assert "L’enregistreur ne répond pas" in client.get("/sign-in/").content.decode()


def test_the_refreshed_band_carries_a_fresh_dead_man_s_bar(nurse: Client, show: Show) -> None:
    """Forgotten in one answer, the bar fires on a healthy page and is never believed again."""
    show(mode="downtime", down=8)

    page = nurse.get("/shell/", headers={"hx-request": "true", "x-poll": "1"}).content.decode()

    assert page.count('class="deadman"') == 1
    assert 'id="shell"' in page
    assert 'hx-trigger="every 15s"' in page


def test_every_word_of_the_shell_is_french_in_french() -> None:
    """An English word in the middle of a French form is a word misread at night."""
    from babel.messages import pofile

    catalogue = Path(shell.__file__).parent / "locale/fr/LC_MESSAGES/django.po"
    with catalogue.open("rb") as source:
        messages = [message for message in pofile.read_po(source) if message.id]

    assert len(messages) > 150
    for message in messages:
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        for string in strings:
            assert string, message.id
            assert "'" not in string, f"typographic apostrophe: {string}"
            assert not re.search(r"[^\u00a0]:(?=\s|$)|[^\u202f][;?!](?=\s|$)", string), (
                f"no-break space: {string}"
            )
        assert not message.fuzzy


def test_over_tls_every_cookie_is_tied_to_this_island(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A session that leaves over plain HTTP, or is set by a neighbour of the same name, is anybody's."""
    import runpy

    monkeypatch.setenv("RELEVE_TLS", "1")
    monkeypatch.setenv("RELEVE_DATA", str(tmp_path))
    (tmp_path / "keys").mkdir()

    settings = runpy.run_path(str(Path(shell.__file__).with_name("settings.py")))

    assert settings["SESSION_COOKIE_SECURE"]
    assert settings["CSRF_COOKIE_SECURE"]
    assert settings["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert settings["CSRF_COOKIE_NAME"].startswith("__Host-")
    assert (tmp_path / "keys" / "web.key").read_text() == settings["SECRET_KEY"]
    assert (tmp_path / "keys" / "web.key").stat().st_mode & 0o777 == 0o600
