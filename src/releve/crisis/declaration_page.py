"""One declaration: confirmed by a second person, or withdrawn while nothing was recorded under it."""

import msgspec
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from releve.bedside.now import island_now
from releve.crisis.declaration_lines import DeclarationLine, line_for
from releve.crisis.declare_form import PairForm
from releve.crisis.facts import CutConfirmed, CutWithdrawn
from releve.crisis.journal_figures import care_acts_since
from releve.crisis.rules import DECLARERS, Refusal, confirm, withdraw
from releve.crisis.second import second_of, who_is
from releve.crisis.sentences import REASONS, refusal_text
from releve.journal.entry import Draft, place_of
from releve.web.access import needs_role
from releve.web.accounts.people import Person
from releve.web.acting import record_act, saved, wait_until_folded
from releve.web.database import data_folder

__all__ = ["declaration"]

_encode = msgspec.msgpack.Encoder().encode
REASON_CHARS_MAX = 300


@sensitive_post_parameters("second_pin")
@require_http_methods(["GET", "POST"])
@needs_role(*DECLARERS)
def declaration(request: HttpRequest, origin: str, epoch: int, index: int) -> HttpResponse:
    """Return the page of a declaration, or what became of the act about it."""
    now = island_now(request)
    line = line_for(place_of(origin, epoch, index), now) if now is not None else None
    if now is None or line is None:
        raise Http404
    if request.method == "GET":
        return _page(request, line, PairForm())
    act = request.POST.get("act")
    if act not in ("confirm", "withdraw"):
        return HttpResponseRedirect(request.path)
    pair = PairForm(request.POST)
    second = second_of(request, pair)
    if pair.errors:
        return _page(request, line, pair, act=act, status=422)
    person: Person = request.person  # type: ignore[attr-defined]
    who = who_is(person)
    declared = line.as_declared
    answer: CutConfirmed | CutWithdrawn | Refusal
    if act == "confirm":
        # The one who declared may hand the screen to the second person; anybody else confirms by herself.
        answer = confirm(who=second or who, declared=declared, directory=now.directory)
    else:
        since_us = (line.row.declared_at or 0) * 1000
        declared = msgspec.structs.replace(declared, recorded_since=care_acts_since(data_folder(), since_us))
        reason = request.POST.get("withdrawal", "")[:REASON_CHARS_MAX]
        answer = withdraw(who=who, second=second, declared=declared, reason=reason, directory=now.directory)
    if isinstance(answer, Refusal):
        pair.add_error(answer.field if answer.field in pair.fields else None, refusal_text(answer.code))
        return _page(request, line, pair, act=act, status=422)
    kind = "crisis.confirmed.1" if act == "confirm" else "crisis.withdrawn.1"
    receipt = record_act(request, Draft(kind=kind, body=_encode(answer), source=""))
    what = gettext("declaration confirmed") if act == "confirm" else gettext("declaration withdrawn")
    shown = wait_until_folded(receipt)
    return saved(request, receipt, f"{reverse('declare')}#standing", what=what, shown=shown)


def _page(
    request: HttpRequest, line: DeclarationLine, pair: PairForm, *, act: str = "", status: int = 200
) -> HttpResponse:
    person: Person = request.person  # type: ignore[attr-defined]
    context = {
        "line": line,
        "pair": pair,
        "act": act,
        "reason": REASONS.get(line.row.reason or "", ""),
        "own": line.row.declared_by == person.code,
        "may_confirm": line.stands and not line.row.confirmed_by,
        "may_withdraw": line.state != "withdrawn",
        "withdrawal": request.POST.get("withdrawal", "")[:REASON_CHARS_MAX],
    }
    return render(request, "crisis/declaration.html", context, status=status)
