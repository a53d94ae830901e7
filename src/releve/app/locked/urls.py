"""Addresses of a locked island: whatever is asked, the answer is its one page."""

from django.urls import path, re_path

from releve.app.locked import pages

urlpatterns = [
    path("locked/passphrase/", pages.passphrase, name="locked-passphrase"),
    path("locked/cards/", pages.cards, name="locked-cards"),
    path("locked/state/", pages.state, name="locked-state"),
    re_path(r"^.*$", pages.locked, name="locked"),
]

handler400 = "releve.app.locked.pages.bad_request"
handler500 = "releve.app.locked.pages.server_error"
