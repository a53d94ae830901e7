"""HL7 v2: messages read where they lie in the received bytes, acknowledged, and written with care.

Read `reader.py` first (lazy, never alters a byte), then `acknowledge.py`, `timestamp.py`, `writer.py`, `batch.py`;
`charset.py` and `escape.py` serve them all. Pure, like the whole of `codecs`: only the standard library may be
imported here, because this code stands between the hospital's feeds and their acknowledgement.
"""
