"""Pages of accounts: taking one's post, leaving it, locking it, the first administrator, the list."""

import logging

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from releve.web.access import public
from releve.web.accounts import badges, signin, verifier
from releve.web.accounts import draft as drafts
from releve.web.accounts.forms import EntryForm, FirstForm, NewCodeForm, NewPinForm, PinForm, UnlockForm
from releve.web.accounts.refusals import KEY_MISSING, address_of, refusal, take_refusal
from releve.web.acting import record_act, safe_next, saved, wait_until_folded
from releve.web.database import data_folder
from releve.web.shell import now_ms
from releve.web.tables import Account

_log = logging.getLogger("releve.web")

# Long enough to type six figures twice; a badge held to a reader by the way must not wait for somebody.
BADGE_MS = 2 * 60_000

_SECRETS = ("pin", "password", "again", "once")


@public
@sensitive_post_parameters(*_SECRETS)
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Take one's post on this screen."""
    after = safe_next(request, request.POST.get("next") or request.GET.get("next"), "/")
    if drafts.first_code_waits(data_folder()) and request.method == "GET" and not _somebody():
        return HttpResponseRedirect("/first/")
    form = EntryForm(request.POST or None)
    if (
        request.method == "POST"
        and not request.POST.get("pin")
        and badges.token_of(request.POST.get("badge", ""))
    ):
        # A reader ends with Enter: without scripts the form leaves before anybody could type the PIN.
        return switch(request)
    if request.method == "POST" and form.is_valid():
        try:
            outcome = signin.sign_in(
                form.cleaned_data["badge"],
                form.cleaned_data["pin"],
                address=address_of(request),
                to_change=True,
            )
        except verifier.KeyMissing:
            _log.error("keys/accounts.key is missing: nobody can sign in")
            form.add_error(None, KEY_MISSING)
        else:
            if outcome.person is not None:
                signin.open_session(request, outcome.person)
                return HttpResponseRedirect(after)
            form.add_error(None, refusal(outcome))
    status = 422 if form.errors else 200
    told = {"form": form, "next": after, "unsaved": "unsaved" in request.GET}
    return render(request, "web/sign-in.html", told, status=status)


@public
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Answer a badge that was scanned anywhere: the screen locks, and asks for the PIN of whom the badge names."""
    scanned = (request.POST.get("code") or request.POST.get("badge") or "")[:80]
    try:
        outcome = signin.owner_of_badge(scanned, address=address_of(request))
    except verifier.KeyMissing:
        outcome = signin.Outcome(None)
    if outcome.person is None:
        form = EntryForm(request.POST if request.POST.get("badge") else None)
        words = (
            refusal(outcome)
            if outcome.wait_seconds or outcome.replaced
            else _("This badge opens nothing here.")
        )
        return render(
            request, "web/sign-in.html", {"form": form, "next": "/", "badge_refused": words}, status=422
        )
    if request.person is not None:  # type: ignore[attr-defined]
        request.session["locked"] = True
    after = safe_next(request, request.POST.get("next"), "/")
    request.session["badge"] = [outcome.person.code, now_ms(), after]
    return HttpResponseRedirect("/badge/")


@public
@sensitive_post_parameters(*_SECRETS)
@require_http_methods(["GET", "POST"])
def badge(request: HttpRequest) -> HttpResponse:
    """Take this screen over with the PIN of the badge that was just read."""
    former = request.person  # type: ignore[attr-defined]
    code, at_ms, after = request.session.get("badge") or ("", 0, "/")
    named = signin.load_person(code) if now_ms() - at_ms <= BADGE_MS else None
    if named is None:
        return HttpResponseRedirect("/lock/" if former is not None else "/sign-in/")
    form = PinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            outcome = signin.enter_by_pin(code, form.cleaned_data["pin"], address=address_of(request))
        except verifier.KeyMissing:
            form.add_error(None, KEY_MISSING)
        else:
            if outcome.person is not None:
                signin.open_session(request, outcome.person)
                # Somebody else begins at her own start: what the former was reading is not hers to open by a scan.
                return HttpResponseRedirect(after if former is None or former.code == code else "/")
            form.add_error(
                "pin", refusal(outcome) if outcome.wait_seconds else _("This is not the PIN of this badge.")
            )
    other = former if former is not None and former.code != code else None
    # Whose page this is, is asked here: the former person's name and menu above would answer wrongly.
    context = {"form": form, "named": named, "other": other, "person": None, "nav": ()}
    return render(request, "web/badge.html", context, status=422 if form.errors else 200)


def _somebody() -> bool:
    return Account.objects.filter(state="active").exists()


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Leave: the session is gone from this screen and from the island."""
    request.session.flush()
    return HttpResponseRedirect("/sign-in/")


sign_out.opens_when_locked = True  # type: ignore[attr-defined]
sign_out.opens_with_first_password = True  # type: ignore[attr-defined]


@require_http_methods(["GET"])
def post(request: HttpRequest) -> HttpResponse:
    """My post: who I am here, lock, change person, change code."""
    code = request.person.code  # type: ignore[attr-defined]
    has_badge = Account.objects.filter(id=code, badge_sealed__isnull=False).exists()
    return render(
        request, "web/post.html", {"since_ms": request.session.get("since_ms"), "has_badge": has_badge}
    )


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
            outcome = signin.sign_in(
                person.code, form.cleaned_data["pin"], address=address_of(request), to_change=True
            )
        except verifier.KeyMissing:
            form.add_error(None, KEY_MISSING)
        else:
            if outcome.person is not None:
                since = request.session.get("since_ms")
                signin.open_session(request, outcome.person)
                request.session["since_ms"] = since
                return HttpResponseRedirect(after)
            form.add_error("pin", refusal(outcome) if outcome.wait_seconds else _("This is not your code."))
    told = {"form": form, "next": after, "unsaved": "unsaved" in request.GET}
    return render(request, "web/lock.html", told, status=422 if form.errors else 200)


lock.opens_when_locked = True  # type: ignore[attr-defined]
lock.opens_with_first_password = True  # type: ignore[attr-defined]


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
            signin.sign_in("!first", "", address=address_of(request))
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
                take_refusal(form, error)
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
    form.ask_code_again()
    return render(request, "web/first.html", {"form": form}, status=422 if form.errors else 200)


@sensitive_post_parameters(*_SECRETS)
@require_http_methods(["GET", "POST"])
def change_code(request: HttpRequest) -> HttpResponse:
    """Take another code for oneself; the present one is asked again."""
    person = request.person  # type: ignore[attr-defined]
    form = NewCodeForm(request.POST or None)
    present = UnlockForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and present.is_valid():
        outcome = signin.sign_in(
            person.code, present.cleaned_data["pin"], address=address_of(request), to_change=True
        )
        if outcome.person is None:
            present.add_error(
                "pin", refusal(outcome) if outcome.wait_seconds else _("This is not your code.")
            )
        else:
            answer = _change(request, form, person.code)
            if answer is not None:
                return answer
    status = 422 if form.errors or present.errors else 200
    return render(request, "web/change-code.html", {"form": form, "present": present}, status=status)


change_code.opens_with_first_password = True  # type: ignore[attr-defined]


@sensitive_post_parameters(*_SECRETS)
@require_http_methods(["GET", "POST"])
def change_pin(request: HttpRequest) -> HttpResponse:
    """Take another PIN for one's badge; the island code is asked again."""
    person = request.person  # type: ignore[attr-defined]
    if not Account.objects.filter(id=person.code, badge_sealed__isnull=False).exists():
        return HttpResponseRedirect("/post/")
    form = NewPinForm(request.POST or None)
    present = UnlockForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and present.is_valid():
        outcome = signin.sign_in(
            person.code, present.cleaned_data["pin"], address=address_of(request), to_change=True
        )
        if outcome.person is None:
            present.add_error(
                "pin", refusal(outcome) if outcome.wait_seconds else _("This is not your code.")
            )
        else:
            try:
                draft = drafts.draft_pin(
                    data_folder(), code=person.code, pin=form.cleaned_data["password"], source=""
                )
            except drafts.AccountRefused as error:
                take_refusal(form, error)
            else:
                receipt = record_act(request, draft)
                return saved(request, receipt, "/post/", what=_("new PIN"), shown=wait_until_folded(receipt))
    status = 422 if form.errors or present.errors else 200
    return render(request, "web/change-pin.html", {"form": form, "present": present}, status=status)


def _change(request: HttpRequest, form: NewCodeForm, code: str) -> HttpResponse | None:
    try:
        draft = drafts.draft_password(
            data_folder(), code=code, password=form.cleaned_data["password"], source=""
        )
    except drafts.AccountRefused as error:
        take_refusal(form, error)
        return None
    receipt = record_act(request, draft)
    to = "/post/" if code == request.person.code else "/accounts/"  # type: ignore[attr-defined]
    return saved(request, receipt, to, what=_("new island code"), shown=wait_until_folded(receipt))
