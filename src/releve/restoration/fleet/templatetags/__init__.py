"""Tags of the fleet's pages: `{% load fleet_words %}`."""
