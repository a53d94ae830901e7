"""The shortest schedule of a project: files of the field read, a good schedule soon, and how far it is from the best.

The planner's engine measured against what the field publishes (PSPLIB, RG300): precedence, renewable resources, the
last job as early as can be. Read `project.py` first, then `solver.py`. The readers are pure (bytes in, a project
out); numba and OR-Tools are loaded only by what searches, and neither is needed. Nothing here knows a restoration
case; calendars, people and care lost are the planner's (`planner/`).
"""
