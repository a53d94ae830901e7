"""Pages of accounts: taking one's post, leaving it, locking it, the first administrator, the list."""

import hmac
import logging

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from releve.journal.entry import Draft
from releve.web.access import manages_accounts, needs_role, public
from releve.web.accounts import draft as drafts
from releve.web.accounts import signin, verifier
from releve.web.accounts.forms import AccountForm, EntryForm, FirstForm, NewCodeForm, UnlockForm
from releve.web.acting import record_act, safe_next, saved, wait_until_folded
from releve.web.database import data_folder
from releve.web.forms import SheetForm
from releve.web.tables import Account

_log = logging.getLogger("releve.web")

_SECRETS = ("pin", "password", "again", "once")


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def _refusal(outcome: signin.Outcome) -> str:
    if outcome.wait_seconds:
        minutes = outcome.wait_seconds // 60 + 1
        return _(
            "Too many attempts. Wait %(minutes)d min, or have the person in charge of accounts release the identifier."
        ) % {"minutes": minutes}
    return _("Identifier and code do not go together. Check both, then try again.")


@public
@sensitive_post_parameters(*_SECRETS)
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Take one's post on this screen."""
    after = safe_next(request, request.POST.get("next") or request.GET.get("next"), "/")
    if drafts.first_code_waits(data_folder()) and request.method == "GET" and not _somebody():
        return HttpResponseRedirect("/first/")
    form = EntryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            outcome = signin.sign_in(
                form.cleaned_data["badge"], form.cleaned_data["pin"], address=_address(request)
            )
        except verifier.KeyMissing:
            _log.error("keys/accounts.key is missing: nobody can sign in")
            form.add_error(
                None, _("The key of the accounts is missing on this island. Tell the person in charge of it.")
            )
        else:
            if outcome.person is not None:
                signin.open_session(request, outcome.person)
                return HttpResponseRedirect(after)
            form.add_error(None, _refusal(outcome))
    status = 422 if form.errors else 200
    return render(request, "web/sign-in.html", {"form": form, "next": after}, status=status)


def _somebody() -> bool:
    return Account.objects.filter(state="active").exists()


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Leave: the session is gone from this screen and from the island."""
    request.session.flush()
    return HttpResponseRedirect("/sign-in/")


sign_out.opens_when_locked = True  # type: ignore[attr-defined]


@require_http_methods(["GET"])
def post(request: HttpRequest) -> HttpResponse:
    """My post: who I am here, lock, change person, change code."""
    return render(request, "web/post.html", {"since_ms": request.session.get("since_ms")})


@sensitive_post_parameters(*_SECRETS)
@require_http_methods(["GET", "POST"])
def lock(request: HttpRequest) -> HttpResponse:
    """Lock this screen, and open it again with the same person's code."""
    person = request.person  # type: ignore[attr-defined]
    after = safe_next(request, request.POST.get("next") or request.GET.get("next"), "/")
    if request.method == "POST" and "pin" not in request.POST:
        request.session["locked"] = True
        return HttpResponseRedirect("/lock/")
    if not request.session.get("locked"):
        return HttpResponseRedirect(after)
    form = UnlockForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            outcome = signin.sign_in(person.code, form.cleaned_data["pin"], address=_address(request))
        except verifier.KeyMissing:
            form.add_error(
                None, _("The key of the accounts is missing on this island. Tell the person in charge of it.")
            )
        else:
            if outcome.person is not None:
                since = request.session.get("since_ms")
                signin.open_session(request, outcome.person)
                request.session["since_ms"] = since
                return HttpResponseRedirect(after)
            form.add_error("pin", _refusal(outcome) if outcome.wait_seconds else _("This is not your code."))
    return render(request, "web/lock.html", {"form": form, "next": after}, status=422 if form.errors else 200)


lock.opens_when_locked = True  # type: ignore[attr-defined]


def _take(form: SheetForm, error: drafts.AccountRefused) -> None:
    words = {
        "code": _("2 to 40 small letters, figures, points or hyphens."),
        "password": _(
            "Too short or too easily guessed: at least 8 characters, or 6 figures that do not follow each other."
        ),
        "family": _("Type the name."),
        "role": _("Choose a role."),
    }
    form.add_error(error.field, words[error.field])


@public
@sensitive_post_parameters(*_SECRETS)
@require_http_methods(["GET", "POST"])
def first(request: HttpRequest) -> HttpResponse:
    """Make the first administrator, with the one-time code printed when the island was set up."""
    data = data_folder()
    if not drafts.first_code_waits(data):
        return HttpResponseRedirect("/sign-in/")
    form = FirstForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        # The limit on attempts is the one of signing in, under a name nobody can bear.
        if not drafts.fits_first_code(data, values["once"]):
            signin.sign_in("!first", "", address=_address(request))
            form.add_error("once", _("This is not the code, or a newer one was printed since."))
        elif Account.objects.filter(id=values["code"].strip().lower()).exists():
            form.add_error("code", _("This identifier is taken."))
        else:
            try:
                draft = drafts.draft_account(
                    data,
                    code=values["code"],
                    family=values["family"],
                    given=values["given"],
                    role="it",
                    password=values["password"],
                    source="",
                )
            except drafts.AccountRefused as error:
                _take(form, error)
            else:
                code = signin.account_of(values["code"])
                receipt = record_act(request, draft, author=code)
                drafts.spend_first_code(data)
                shown = wait_until_folded(receipt, seconds=5)
                person = signin.load_person(code) if shown else None
                if person is None:
                    return HttpResponseRedirect("/sign-in/")
                signin.open_session(request, person)
                return saved(request, receipt, "/", what=_("your account"), shown=shown)
    return render(request, "web/first.html", {"form": form}, status=422 if form.errors else 200)


@sensitive_post_parameters(*_SECRETS)
@require_http_methods(["GET", "POST"])
def change_code(request: HttpRequest) -> HttpResponse:
    """Take another code for oneself; the present one is asked again."""
    person = request.person  # type: ignore[attr-defined]
    form = NewCodeForm(request.POST or None)
    present = UnlockForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and present.is_valid():
        outcome = signin.sign_in(person.code, present.cleaned_data["pin"], address=_address(request))
        if outcome.person is None:
            present.add_error(
                "pin", _refusal(outcome) if outcome.wait_seconds else _("This is not your code.")
            )
        else:
            answer = _change(request, form, person.code)
            if answer is not None:
                return answer
    status = 422 if form.errors or present.errors else 200
    return render(request, "web/change-code.html", {"form": form, "present": present}, status=status)


def _change(request: HttpRequest, form: NewCodeForm, code: str) -> HttpResponse | None:
    try:
        draft = drafts.draft_password(
            data_folder(), code=code, password=form.cleaned_data["password"], source=""
        )
    except drafts.AccountRefused as error:
        _take(form, error)
        return None
    receipt = record_act(request, draft)
    to = "/post/" if code == request.person.code else "/accounts/"  # type: ignore[attr-defined]
    return saved(request, receipt, to, what=_("new island code"), shown=wait_until_folded(receipt))


@needs_role("it")
@require_http_methods(["GET"])
def accounts(request: HttpRequest) -> HttpResponse:
    """List the accounts, fifty a page, searched by identifier or name."""
    asked = request.GET.get("q", "").strip()
    found = Account.objects.order_by("family", "given")
    if asked:
        found = found.filter(family__icontains=asked) | found.filter(id__icontains=asked.lower())
    rows = list(found[:51])
    shut = signin.shut_accounts([row.code for row in rows])
    return render(
        request,
        "web/accounts.html",
        {
            "rows": rows[:50],
            "more": len(rows) > 50,
            "shut": shut,
            "asked": asked,
            "total": Account.objects.count(),
        },
    )


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
                    password=values["password"],
                    source="",
                )
            except drafts.AccountRefused as error:
                _take(form, error)
            else:
                receipt = record_act(request, draft)
                return saved(
                    request, receipt, "/accounts/", what=_("account made"), shown=wait_until_folded(receipt)
                )
    return render(request, "web/new-account.html", {"form": form}, status=422 if form.errors else 200)


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
    # The one who holds the last key must not throw it away by a slip.
    if act == "disable" and not hmac.compare_digest(code, person.code):
        draft: Draft = drafts.draft_disabled(code=code, source="")
        receipt = record_act(request, draft)
        return saved(
            request, receipt, "/accounts/", what=_("account disabled"), shown=wait_until_folded(receipt)
        )
    return HttpResponseRedirect("/accounts/")
