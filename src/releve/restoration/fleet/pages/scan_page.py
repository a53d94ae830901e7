"""Scan a tag, see the next step, press Enter: the page a technician keeps open all day.

The field keeps the focus at every moment. Enter alone, or the same label once more, records the step that is shown;
another label goes to that machine and records nothing of the one before.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from releve.restoration.fleet.desk import Desk, desk_of, find_machines, place_name, subject_of
from releve.restoration.fleet.facts import STATES, State
from releve.restoration.fleet.pages.acting import record_step
from releve.restoration.fleet.pages.step_form import StepForm
from releve.restoration.fleet.rules import FLEET_ROLES, Subject
from releve.restoration.fleet.state import next_state
from releve.restoration.fleet.tables import MachineRow
from releve.restoration.fleet.words import STATE_WORDS, STEP_WORDS
from releve.web.access import needs_role
from releve.web.acting import receipt_of, saved, wait_until_folded

__all__ = ["LAST", "scan", "step_choices", "step_of"]

# What this screen remembers between two machines: where it stands, the image it writes. No patient is in it.
LAST = "fleet_last"
KEPT = ("place", "image_sha256")


@require_http_methods(["GET", "POST"])
@needs_role(*FLEET_ROLES)
def scan(request: HttpRequest) -> HttpResponse:
    """Return the field; with `?tag=` the machine and its next step; a form sent records it."""
    if request.method == "POST":
        return _posted(request)
    row = MachineRow.objects.filter(id=request.GET.get("tag", "")).first()
    if row is None:
        return _page(request, desk_of(request))
    return _machine(request, desk_of(request), row)


def _posted(request: HttpRequest) -> HttpResponse:
    """Record the step shown when nothing or the same label was scanned, else go to the machine that was."""
    tag, code = request.POST.get("tag", ""), request.POST.get("code", "").strip()
    found = find_machines(code) if code else []
    if code and [row.id for row in found] != [tag]:
        if len(found) != 1:
            # What is no tag of ours stands in no address: it may be the label of a patient.
            return _page(request, desk_of(request), typed=code[:80], several=found, status=422)
        # Answered at once and not by another address: nothing was recorded, and it is asked two thousand times a day.
        return _machine(request, desk_of(request), found[0])
    if not tag:
        return _page(request, desk_of(request), status=422)
    before = receipt_of(request)
    if before is not None:
        return saved(request, before, reverse("fleet-scan"), what=_said(tag, request.POST.get("to", "")))
    row = MachineRow.objects.filter(id=tag).first()
    desk = desk_of(request)
    if row is None:
        return _page(request, desk, typed=tag[:80], status=422)
    subject = subject_of(row)
    to = step_of(request.POST.get("to", ""), subject)
    if to is None:
        return _machine(request, desk, row, status=422)
    form = StepForm(
        request.POST, request.FILES, subjects=[subject], to=to, now_ms=desk.now_ms, zone=desk.zone
    )
    if form.is_valid():
        _moving, receipt = record_step(request, form, [subject], now_ms=desk.now_ms)
        if receipt is not None:
            kept = {name: form.cleaned_data.get(name, "") for name in KEPT}
            request.session[LAST] = {**_last(request), **{name: said for name, said in kept.items() if said}}
            shown = wait_until_folded(receipt)
            return saved(request, receipt, reverse("fleet-scan"), what=_said(row.id, to), shown=shown)
    return _machine(request, desk, row, form=form, status=422)


def _last(request: HttpRequest) -> dict[str, str]:
    kept = request.session.get(LAST)
    return {name: str(kept[name]) for name in KEPT if name in kept} if isinstance(kept, dict) else {}


def _said(tag: str, to: str) -> str:
    state = STATE_WORDS.get(to)  # type: ignore[call-overload]
    return gettext("%(tag)s: %(state)s") % {"tag": tag, "state": state} if state else tag


def step_of(asked: str, subject: Subject) -> State | None:
    """Return the step that is asked for, else the one that usually follows, None after the last."""
    wanted = next((state for state in STATES if state == asked), None)
    return wanted or next_state(subject.now.state, subject.kind)


def step_choices(subject: Subject, chosen: State | None) -> list[dict[str, Any]]:
    """Return every step for the row of buttons: which is chosen, which is the usual next, which is now."""
    usual = next_state(subject.now.state, subject.kind)
    return [
        {
            "state": state,
            "word": STEP_WORDS[state],
            "chosen": state == chosen,
            "usual": state == usual,
            "now": state == subject.now.state,
            "said": state in subject.now.two,
        }
        for state in STATES
    ]


def _machine(
    request: HttpRequest, desk: Desk, row: MachineRow, *, form: StepForm | None = None, status: int = 200
) -> HttpResponse:
    subject = subject_of(row)
    to = form.to if form is not None else step_of(request.GET.get("to", ""), subject)
    if form is None and to is not None:
        last = _last(request)
        form = StepForm(
            initial={name: last.get(name, "") for name in KEPT},
            subjects=[subject], to=to, now_ms=desk.now_ms, zone=desk.zone,
        )  # fmt: skip
    context = {
        "row": row,
        "subject": subject,
        "place": place_name(row, desk.directory),
        "form": form,
        "to": to,
        "step": STEP_WORDS[to] if to is not None else "",
        "choices": step_choices(subject, to),
        "kept_image": bool(
            form is not None and not form.is_bound and form.asks_image and _last(request).get("image_sha256")
        ),
    }
    return render(request, "fleet/scan.html", context, status=status)


def _page(
    request: HttpRequest,
    desk: Desk,
    *,
    typed: str = "",
    several: list[MachineRow] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "typed": typed,
        "several": [{"row": row, "place": place_name(row, desk.directory)} for row in several or ()],
        "empty": not MachineRow.objects.exists(),
    }
    return render(request, "fleet/scan.html", context, status=status)
