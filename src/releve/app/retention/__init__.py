"""How long the journal's epochs stay on this disk: begun anew, carried forward, proved, archived, dropped."""
