"""The examples in the docstrings of the codecs are what newcomers read first: they must be true."""

import doctest
import importlib
import pkgutil

import pytest

import releve.codecs

MODULES = [
    module.name
    for module in pkgutil.walk_packages(releve.codecs.__path__, "releve.codecs.")
    if not module.name.startswith("releve.codecs.fhir")
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_run(name: str) -> None:
    """An example that lies costs more than none."""
    results = doctest.testmod(importlib.import_module(name))

    assert results.failed == 0


def test_what_others_call_has_an_example() -> None:
    """The ways in: a wire, a message, a time, an answer, a file, an identifier."""
    with_example = {name for name in MODULES if doctest.testmod(importlib.import_module(name)).attempted}

    assert {
        "releve.codecs.mllp",
        "releve.codecs.hl7v2.reader",
        "releve.codecs.hl7v2.timestamp",
        "releve.codecs.hl7v2.acknowledge",
        "releve.codecs.hl7v2.writer",
        "releve.codecs.hl7v2.batch",
        "releve.codecs.identifiers.ins",
        "releve.codecs.identifiers.products",
    } <= with_example
