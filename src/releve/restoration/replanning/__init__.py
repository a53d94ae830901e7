"""A plan after something happened: what must move, what may, why this order, and what if."""
