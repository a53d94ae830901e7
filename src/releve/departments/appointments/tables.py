"""The views of appointments."""

from releve.views.columns import RetoldRow, instant, text

__all__ = ["Appointment"]


class Appointment(RetoldRow):
    """An appointment. `id` is "PERSON/PLACER or FILLER"; a change changes this row."""

    visit = text()
    number = text()  # SCH-1 or SCH-2
    label = text()
    place = text()
    with_whom = text()
    start_at = instant(db_index=True)
    end_at = instant()
    status = text()  # booked, moved, cancelled, noshow
    note = text()

    class Meta:
        db_table = "appointments_appointment"
