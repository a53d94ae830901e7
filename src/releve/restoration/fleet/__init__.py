"""The fleet of machines: suspect, isolated, collected, wiped, re-imaged, checked, returned; never without evidence.

Read `facts.py` first (what people say of machines), then `state.py` (what holds when all of it is put together),
`rules.py` (what may be said next) and `pace.py` (when a ward has its machines again). Pages stand in `pages/`.
May not import the planner: the fleet works without a plan. Nothing here imports a room above restoration.
"""
