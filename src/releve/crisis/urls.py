"""Addresses of the hospital, its feeds, the cut and the packs. No address holds a patient's value."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from releve.crisis import declaration_page, declare_page, feeds_page, overview_page, packs_page
from releve.crisis.rules import DECLARERS
from releve.web.shell import NavItem

__all__ = ["NAV", "urlpatterns"]

NAV = [
    NavItem(label=_("Hospital"), url_name="overview", order=10, within=frozenset({"applications"})),
    NavItem(label=_("Feeds"), url_name="feeds", order=40, within=frozenset({"feed-entry"})),
    NavItem(label=_("Packs"), url_name="packs", order=45, roles=frozenset(packs_page.PACKS_ROLES)),
    NavItem(label=_("Cut"), url_name="declare", order=50, roles=DECLARERS, within=frozenset({"declaration"})),
]

urlpatterns = [
    path("hospital/", overview_page.overview, name="overview"),
    path("hospital/live/", overview_page.overview_live, name="overview-live"),
    path("hospital/applications/", overview_page.applications, name="applications"),
    path("feeds/", feeds_page.feeds, name="feeds"),
    path("feeds/entry/<str:origin>/<int:epoch>/<int:index>/", feeds_page.entry, name="feed-entry"),
    path("declare/", declare_page.declare_cut, name="declare"),
    path("declare/<str:origin>/<int:epoch>/<int:index>/", declaration_page.declaration, name="declaration"),
    path("packs/", packs_page.packs, name="packs"),
    path("packs/print/", packs_page.request_packs, name="packs-print"),
    path("packs/<str:ward>/forms/", packs_page.take_forms, name="packs-forms"),
    path("packs/<str:ward>/<str:name>", packs_page.document, name="pack-document"),
]
