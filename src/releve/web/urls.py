"""Addresses of the shell, and of every room that has a `urls.py`: a room's addresses stand at the root.

A room's `urls.py` holds `urlpatterns` and, for the navigation, `NAV` (a list of `shell.NavItem`).
"""

from django.apps import apps
from django.urls import URLPattern, URLResolver, include, path
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext_lazy as _

from releve.web import pages, trust_page
from releve.web.accounts import list_pages, managers_page
from releve.web.accounts import pages as accounts
from releve.web.audit import pages as audit
from releve.web.database import setting
from releve.web.shell import NavItem

NAV = [
    NavItem(
        label=_("Accounts"),
        url_name="accounts",
        order=90,
        roles=frozenset({"it"}),
        within=frozenset({"new-account", "account-rpps", "managers"}),
    ),
    NavItem(label=_("Audit"), url_name="audit", order=95, roles=frozenset({"auditor"})),
    NavItem(
        label=_("Beyond wards"),
        url_name="audit-glass",
        order=96,
        # The crisis cell reviews them too, from the page of the hospital.
        roles=frozenset({"auditor"}),
        within=frozenset({"audit-review"}),
    ),
]

_rooms = [
    include(f"{room.name}.urls")
    for room in apps.get_app_configs()
    if room.name.startswith("releve.")
    and module_has_submodule(room.module, "urls")
    # Not this one, nor a root above it that takes these addresses in.
    and f"{room.name}.urls" not in {__name__, setting("ROOT_URLCONF")}
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("sign-in/", accounts.sign_in, name="sign-in"),
    path("sign-out/", accounts.sign_out, name="sign-out"),
    path("first/", accounts.first, name="first"),
    path("lock/", accounts.lock, name="lock"),
    path("post/", accounts.post, name="post"),
    path("post/code/", accounts.change_code, name="change-code"),
    path("post/pin/", accounts.change_pin, name="change-pin"),
    path("switch/", accounts.switch, name="switch"),
    path("badge/", accounts.badge, name="badge"),
    path("accounts/", list_pages.accounts, name="accounts"),
    path("accounts/new/", list_pages.new_account, name="new-account"),
    path("accounts/<str:code>/", list_pages.act_on_account, name="act-on-account"),
    path("accounts/<str:code>/rpps/", list_pages.rpps, name="account-rpps"),
    path("managers/", managers_page.managers, name="managers"),
    path("trust/", trust_page.trust, name="trust"),
    path("trust/ca.crt", trust_page.certificate, name="trust-certificate"),
    path("trust/probe.js", trust_page.probe, name="trust-probe"),
    path("choose/", pages.choose, name="choose"),
    path("shell/", pages.shell, name="shell"),
    path("beyond-wards/", audit.beyond_wards, name="beyond-wards"),
    path("audit/", audit.audit, name="audit"),
    path("audit/export/", audit.export, name="audit-export"),
    path("audit/glass/", audit.glasses, name="audit-glass"),
    path("audit/glass/<str:origin>/<int:epoch>/<int:index>/", audit.review, name="audit-review"),
    path("", include("releve.web.outbox.urls")),
    *(path("", room) for room in _rooms),
    # Last: a room that offers a page at the root goes first.
    path("", pages.home, name="home"),
]

handler400 = "releve.web.errors.bad_request"
handler403 = "releve.web.errors.not_allowed"
handler404 = "releve.web.errors.not_found"
handler500 = "releve.web.errors.server_error"
