"""What is said of islands stands in a table of `releve.hospital`: rooms below ask which island keeps which ward."""

from releve.hospital.tables import IslandStatement

__all__ = ["IslandStatement"]
