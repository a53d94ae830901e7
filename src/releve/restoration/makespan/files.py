"""Which reader reads which file: by the end of its name."""

from pathlib import PurePath

from releve.restoration.makespan.minizinc import DatedProject, SkilledProject, read_minizinc
from releve.restoration.makespan.patterson import read_patterson
from releve.restoration.makespan.project import Project, ProjectError
from releve.restoration.makespan.psplib import read_psplib

__all__ = ["read_project"]

_READERS = {".sm": read_psplib, ".rcp": read_patterson, ".dzn": read_minizinc}


def read_project(name: str, data: bytes) -> Project | DatedProject | SkilledProject:
    """Return the project of a file of that name.

    Raises:
        ProjectError: the message names the line and what was expected there.
    """
    reader = _READERS.get(PurePath(name).suffix.lower())
    if reader is None:
        raise ProjectError(f"name: expected one that ends in {', '.join(_READERS)}")
    return reader(data)
