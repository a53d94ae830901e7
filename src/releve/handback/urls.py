"""Addresses of what is owed to the applications."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from releve.handback import carried_pages, pages
from releve.web.shell import NavItem

__all__ = ["NAV", "urlpatterns"]

NAV = [
    NavItem(
        label=_("Account"),
        url_name="account",
        order=55,
        # The crisis cell opens it from the restoration: its navigation is long enough.
        roles=frozenset({"clerk"}),
        within=frozenset({"account-late"}),
    ),
]

urlpatterns = [
    path("account/", pages.account, name="account"),
    path("mine/carried/", carried_pages.carried, name="carried"),
    path("account/late/", pages.late, name="account-late"),
    path("account/<str:form>/", pages.account_file, name="account-file"),
]
