"""The same loops as `compiled.py` has, in pure Python: for a machine without numba."""

from releve.restoration.forecast.draw import draw_runs
from releve.restoration.forecast.play import play as play_one
from releve.restoration.forecast.play import play_runs
from releve.restoration.forecast.sums import sum_up

__all__ = ["draw_runs", "play_one", "play_runs", "sum_up"]
