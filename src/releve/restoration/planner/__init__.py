"""Finding a plan: `grid.py` (the case as arrays), then the decoder (an order becomes dates), then the search."""
