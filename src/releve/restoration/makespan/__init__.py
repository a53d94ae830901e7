"""The shortest duration of a project (RCPSP): where our engines are measured against what is published (PSPLIB)."""
