"""One room for each department, all with the same furniture; departments do not import one another.

What they share is in `releve.record` and `releve.hospital`. Each declares what it offers in `offer.py`.
"""
