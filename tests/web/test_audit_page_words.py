"""What the audit calls the pages: in words, whatever room they stand in."""

from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.translation import override

from releve.web.audit.page_words import page_words
from screens import ISLAND_URLS, addresses_of_the_island


def _of_somebody(resolver: URLResolver, before: str = "") -> set[str]:
    """Return the names of the addresses that name a patient or a ward."""
    found: set[str] = set()
    for one in resolver.url_patterns:
        route = before + str(one.pattern)
        if not isinstance(one, URLPattern):
            found |= _of_somebody(one, route)
        elif one.name and ("<str:handle>" in route or route.startswith(("ward/<", "beds/<", "packs/<"))):
            found.add(one.name)
    return found


def test_each_page_that_names_a_patient_or_a_ward_has_words_in_the_audit() -> None:
    """Who audits has never seen the name of an address: "saved a file (handover-file)" tells her nothing."""
    with addresses_of_the_island():
        names = _of_somebody(get_resolver(ISLAND_URLS))

    with override("fr"):
        bare = {name for name in names if page_words(name) == name and name not in {"note", "notes"}}

    assert len(names) > 40
    assert not bare


def test_a_page_of_which_nothing_is_known_keeps_its_name() -> None:
    """A page of an older version is still told apart from the others."""
    assert page_words("gone-since") == "gone-since"
