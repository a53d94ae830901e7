"""Tags of acts on paper: `{% load paper_before %}`."""
