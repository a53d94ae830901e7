"""What waits in a browser when the network is gone: sealed to its author, counted on every page, sent once.

Read `sealing.py` first (who can open what), then `late.py` (what a form that waited says of itself), then
`middleware.py` (how an act that is sent again is answered). The browser's half is `static/web/outbox*.js`; what a
form has to carry is in `docs/reference/outbox.md`.
"""
