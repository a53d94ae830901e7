"""The islands of the scenarios; `tests/simulation` takes the same."""

from island_fixtures import island, island_in, made

__all__ = ["island", "island_in", "made"]
