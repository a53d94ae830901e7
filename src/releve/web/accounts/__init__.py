"""Who may enter: accounts as facts of the journal, verifiers sealed, sign-in with a limit and a human way out.

Read `facts.py` first, then `verifier.py` (what is stored instead of a password), then `signin.py`.
"""
