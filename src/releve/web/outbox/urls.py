"""Addresses of the outbox; the worker stands at the root, for it serves every page."""

from django.urls import URLPattern, path

from releve.web.outbox import pages

urlpatterns: list[URLPattern] = [
    path("outbox/", pages.outbox, name="outbox"),
    path("outbox/here/", pages.here, name="outbox-here"),
    path("outbox/offline/", pages.offline, name="outbox-offline"),
    path("outbox/carry/", pages.carry, name="outbox-carry"),
    path("sw.js", pages.worker, name="outbox-worker"),
]
