"""Migrations of `runtime.sqlite3`, the only database that has any."""
