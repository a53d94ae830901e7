"""What all departments say of one person or one ward, put together: board, patient page, search.

Read `census.py` first (who is where), then `horizon.py` (how far our knowledge goes), `doses.py` (what is due)
and `board.py`. Screens and paper read the same answers from here. Paper stands above this room, departments below.
"""
