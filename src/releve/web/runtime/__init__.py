"""What the web keeps for itself in `runtime.sqlite3`: failed entries and form keys. It may be deleted at any time.

Read `tables.py`. Nothing about a patient may ever be written here.
"""
