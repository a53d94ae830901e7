"""MSPDI, the XML of Microsoft Project, ProjectLibre and GanttProject: out and back.

What is kept and how stands in `docs/reference/restoration-catalogue.md`. Pure.
"""

from releve.restoration.exports.mspdi_read import MspdiReading, read_mspdi
from releve.restoration.exports.mspdi_write import write_mspdi
from releve.restoration.exports.xml_tree import XmlError

__all__ = ["MspdiReading", "XmlError", "read_mspdi", "write_mspdi"]
