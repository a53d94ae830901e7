"""The views of the crisis cell: what was declared, by whom, confirmed by whom."""

from releve.views.columns import Told, instant, text

__all__ = ["Declaration"]


class Declaration(Told):
    """One declaration: these applications have this status in these places since then. `id` is "LOG#INDEX"."""

    applications = text()  # JSON list of codes
    places = text()  # JSON list of {"kind": "all|building|ward", "code": ""}
    status = text()  # down, restored, live
    since_at = instant()
    declared_at = instant()
    reason = text()  # attack, breakdown, planned, exercise
    note = text()
    declared_by = text()  # account code
    confirmed_by = text()
    confirmed_at = instant()
    withdrawn_by = text()
    withdrawn_at = instant()
    order = text()  # canonical order key

    class Meta:
        db_table = "crisis_declaration"

    @property
    def is_confirmed(self) -> bool:
        """Tell whether a second person stood by it."""
        return self.confirmed_by is not None
