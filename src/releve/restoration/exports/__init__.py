"""Plans and cases for other tools, and back: CSV, MSPDI XML (Microsoft Project), iCalendar."""
