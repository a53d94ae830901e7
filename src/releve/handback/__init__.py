"""What each application that was down is owed: read `account.py` first.

Today it writes the account of a downtime, to be keyed by hand: everything recorded here, by patient and by
application, in order, on paper, as a table and as FHIR. It decides nothing and changes nothing. May not import
`releve.crisis`, `releve.gateway`, `releve.exercise` nor `releve.app`.
"""
