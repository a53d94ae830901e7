"""Pages of whoever administers accounts: the list, a new one, disable, open again, release, a lost badge, RPPS."""

import hmac
import json
import logging
from typing import NamedTuple
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from releve.codecs.identifiers.registers import check_rpps
from releve.journal.entry import Draft
from releve.journal.power import MANAGERS_NEEDED
from releve.web.access import manages_accounts, needs_role
from releve.web.accounts import draft as drafts
from releve.web.accounts import signin
from releve.web.accounts.facts import ROLES
from releve.web.accounts.forms import AccountForm, RppsForm
from releve.web.accounts.refusals import take_refusal
from releve.web.accounts.trust import managers_now, standings
from releve.web.acting import record_act, saved, wait_until_folded
from releve.web.database import data_folder
from releve.web.shell import now_ms
from releve.web.tables import Account
from releve.web.templatetags.releve import role_name

_log = logging.getLogger("releve.web")

_SECRETS = ("password", "again")
ROWS = 50


@needs_role("it")
@require_http_methods(["GET"])
def accounts(request: HttpRequest) -> HttpResponse:
    """List the accounts, fifty a page, searched by identifier or name, role and ward."""
    asked = request.GET.get("q", "").strip()[:80]
    role, ward = request.GET.get("role", ""), request.GET.get("ward", "").strip()[:40]
    found = Account.objects.order_by("family", "given", "id")
    for word in asked.split():
        found = found.filter(
            Q(family__icontains=word) | Q(given__icontains=word) | Q(id__icontains=word.lower())
        )
    if role in ROLES:
        found = found.filter(role=role)
    if ward:
        found = found.filter(wards__contains=json.dumps(ward))
    page = Paginator(found, ROWS).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    told = standings(
        [
            {name: getattr(row, name) for name in ("code", "statement", "stated_at", "signed_by")}
            for row in rows
        ]
    )
    now = now_ms()
    words = {name: value for name, value in (("q", asked), ("role", role), ("ward", ward)) if value}
    return render(
        request,
        "web/accounts.html",
        {
            "lines": [
                _Line(row, told[row.code] == "signed", _expired(row, now), _doubtful(row)) for row in rows
            ],
            "page": page,
            "query": urlencode(words),
            "shut": signin.shut_accounts([row.code for row in rows]),
            "asked": asked,
            "role": role,
            "ward": ward,
            "roles": [(one, role_name(one)) for one in ROLES],
            "total": Account.objects.count(),
            "managers_few": 0 < len(managers_now().keys) <= MANAGERS_NEEDED,
        },
    )


class _Line(NamedTuple):
    row: Account
    signed: bool
    expired: bool
    doubtful: bool  # her RPPS number does not fit


def _doubtful(row: Account) -> bool:
    return bool(row.rpps and check_rpps(row.rpps))


def _with_doubt(what: str, rpps: str) -> str:
    """Return what was recorded, and that its RPPS number is to be read again when it does not fit."""
    doubt = _("The RPPS number does not fit its key: read it again")
    return ". ".join([what, doubt]) if rpps and check_rpps(rpps) else what


def _expired(row: Account, now: int) -> bool:
    return row.until_ms is not None and now > row.until_ms


@needs_role("it")
@sensitive_post_parameters(*_SECRETS)
@require_http_methods(["GET", "POST"])
def new_account(request: HttpRequest) -> HttpResponse:
    """Make an account for a colleague."""
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        if Account.objects.filter(id=values["code"].strip().lower()).exists():
            form.add_error("code", _("This identifier is taken."))
        else:
            try:
                draft = drafts.draft_account(
                    data_folder(),
                    code=values["code"],
                    family=values["family"],
                    given=values["given"],
                    role=values["role"],
                    wards=values["wards"].replace(",", " ").split(),
                    rpps=values["rpps"],
                    password=values["password"],
                    source="",
                )
            except drafts.AccountRefused as error:
                take_refusal(form, error)
            else:
                receipt = record_act(request, draft)
                what = _with_doubt(_("account made"), values["rpps"])
                return saved(request, receipt, "/accounts/", what=what, shown=wait_until_folded(receipt))
    form.ask_code_again()
    return render(request, "web/new-account.html", {"form": form}, status=422 if form.errors else 200)


@needs_role("it")
@require_http_methods(["GET", "POST"])
def rpps(request: HttpRequest, code: str) -> HttpResponse:
    """Set or put right the number in the national register of an account that is there."""
    row = Account.objects.filter(id=code).first()
    if row is None:
        raise Http404
    form = RppsForm(request.POST or None, initial={"rpps": row.rpps or ""})
    if request.method == "POST" and form.is_valid():
        typed = "".join(form.cleaned_data["rpps"].split())
        to = f"/accounts/?{urlencode({'q': code})}"
        if typed == (row.rpps or ""):
            return HttpResponseRedirect(to)
        receipt = record_act(request, drafts.draft_rpps(code=code, rpps=typed, source=""))
        what = _with_doubt(_("RPPS number"), typed)
        return saved(request, receipt, to, what=what, shown=wait_until_folded(receipt))
    context = {"form": form, "row": row, "doubtful": _doubtful(row)}
    return render(request, "web/account-rpps.html", context, status=422 if form.errors else 200)


@require_POST
def act_on_account(request: HttpRequest, code: str) -> HttpResponse:
    """Disable an account, or release one that was shut by too many attempts."""
    person = request.person  # type: ignore[attr-defined]
    if not manages_accounts(person):
        raise PermissionDenied
    act = request.POST.get("act", "")
    if act == "release":
        signin.release(code)
        _log.info("an account was released after too many attempts")
        return HttpResponseRedirect("/accounts/")
    row = Account.objects.filter(id=code).first()
    if row is None:
        raise Http404
    draft: Draft
    # The one who holds the last key must not throw it away by a slip.
    if act == "disable" and not hmac.compare_digest(code.encode(), person.code.encode()):
        draft, done = drafts.draft_disabled(code=code, source=""), _("account disabled")
    elif act == "reopen" and not row.is_active and row.disabled_by:
        draft = drafts.draft_reopened(code=code, disabling=row.disabled_by, source="")
        done = _("account opened again")
    elif act == "withdraw" and row.badge_sealed:
        draft = drafts.draft_badge(data_folder(), code=code, token=None, pin="", source="")
        done = _("badge withdrawn")
    else:
        return HttpResponseRedirect("/accounts/")
    receipt = record_act(request, draft)
    return saved(request, receipt, "/accounts/", what=done, shown=wait_until_folded(receipt))
