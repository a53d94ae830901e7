"""One machine: how it stands, what proves it, all that was said of it; any step, a correction, another description."""

from typing import Any

import msgspec
from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from releve.bedside.documents import entry_body
from releve.hospital.cells import is_code
from releve.restoration.fleet.desk import (
    Desk,
    batches_in_order,
    desk_of,
    machine_of,
    open_batch_of,
    place_name,
    subject_of,
    ward_name,
)
from releve.restoration.fleet.facts import (
    STATES,
    Machine,
    MachinesListed,
    ReportAttached,
    StepsWithdrawn,
    draft_of,
)
from releve.restoration.fleet.pages.acting import act_of, person_of, record_step
from releve.restoration.fleet.pages.scan_page import step_choices, step_of
from releve.restoration.fleet.pages.step_form import StepForm
from releve.restoration.fleet.rules import FLEET_ROLES, withdraw
from releve.restoration.fleet.tables import Described, MachineRow, Report, StepRow
from releve.restoration.fleet.words import KIND_WORDS, STATE_WORDS, STEP_WORDS, refusal_text
from releve.web.access import needs_role
from releve.web.acting import receipt_of, record_act, saved, wait_until_folded
from releve.web.forms import SheetForm

__all__ = ["MachineForm", "machine", "report"]

_decode = msgspec.msgpack.Decoder(ReportAttached).decode
_ENDINGS = {
    "application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", "application/zip": "zip", "text/plain": "txt",
}  # fmt: skip


def _line(label: Any, most: int = 80, **attrs: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=most,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", **attrs}),
    )


class MachineForm(SheetForm):
    """How a machine is described."""

    quiet = True

    tag = _line(_("Asset tag"), 40, autocapitalize="characters", **{"data-scan": "here"})
    name = _line(pgettext_lazy("machine", "Name"))
    kind = forms.ChoiceField(label=pgettext_lazy("machine", "Kind"), choices=lambda: list(KIND_WORDS.items()))
    ward = forms.ChoiceField(label=_("Ward"), required=False)
    room = _line(pgettext_lazy("machine", "Room"))
    network = _line(_("Network"))
    serial = _line(_("Serial number"))

    def __init__(self, *args: Any, desk: Desk, fixed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wards = desk.directory.map.wards if desk.directory is not None else ()
        field = self.fields["ward"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", pgettext("ward", "none")), *((one.code, one.name) for one in wards)]
        if fixed:
            del self.fields["tag"]

    def clean_tag(self) -> str:
        """Return the tag as a label holds it."""
        tag = str(self.cleaned_data["tag"]).strip()
        if not is_code(tag):
            raise forms.ValidationError(refusal_text("tag-shape"))
        if MachineRow.objects.filter(id=tag).exclude(described=None).exists():
            raise forms.ValidationError(refusal_text("tag-known"))
        return tag

    def machine(self, tag: str, building: str = "") -> Machine:
        """Return the machine as it is described now."""
        data = self.cleaned_data
        texts = {name: str(data[name]).strip() for name in ("name", "ward", "room", "network", "serial")}
        return Machine(tag=tag, kind=data["kind"], building=building, **texts)


@require_http_methods(["GET", "POST"])
@needs_role(*FLEET_ROLES)
def machine(request: HttpRequest, tag: str) -> HttpResponse:
    """Return one machine; its forms record a step, take one back, or describe it otherwise."""
    desk = desk_of(request)
    row = MachineRow.objects.filter(id=tag).first()
    if row is None:
        raise Http404
    if request.method == "GET":
        return _page(request, desk, row)
    before = receipt_of(request)
    if before is not None:
        return saved(request, before, _address(row), what=row.id)
    what = request.POST.get("what", "")
    if what == "withdraw":
        return _withdraw(request, desk, row)
    if what == "describe":
        return _describe(request, desk, row)
    return _step(request, desk, row)


def _address(row: MachineRow) -> str:
    return reverse("fleet-machine", args=[row.id])


def _step(request: HttpRequest, desk: Desk, row: MachineRow) -> HttpResponse:
    subject = subject_of(row)
    to = next((state for state in STATES if state == request.POST.get("to")), None)
    if to is None:
        return _page(request, desk, row, told=[refusal_text("no-step")], status=422)
    form = StepForm(
        request.POST, request.FILES, subjects=[subject], to=to, now_ms=desk.now_ms, zone=desk.zone
    )
    if form.is_valid():
        _moving, receipt = record_step(request, form, [subject], now_ms=desk.now_ms)
        if receipt is not None:
            shown = wait_until_folded(receipt)
            what = gettext("%(tag)s: %(state)s") % {"tag": row.id, "state": STATE_WORDS[to]}
            return saved(request, receipt, _address(row), what=what, shown=shown)
    return _page(request, desk, row, form=form, status=422)


def _withdraw(request: HttpRequest, desk: Desk, row: MachineRow) -> HttpResponse:
    step = request.POST.get("step", "")
    told = {
        one.tag or "": bool(one.withdrawn_by) for one in StepRow.objects.filter(act=step) if one.tag == row.id
    }
    person = person_of(request)
    said = withdraw(
        act=act_of(request), role=person.role, by=person.code, by_name=person.name, now_ms=desk.now_ms, step=step,
        tags=(row.id,), told=told, reason=request.POST.get("reason", ""),
    )  # fmt: skip
    if not isinstance(said, StepsWithdrawn):
        return _page(
            request, desk, row, told=[refusal_text(said.code)], taking=step,
            why=request.POST.get("reason", "")[:300], status=422,
        )  # fmt: skip
    receipt = record_act(request, draft_of(said))
    shown = wait_until_folded(receipt)
    return saved(request, receipt, _address(row), what=gettext("step taken back"), shown=shown)


def _describe(request: HttpRequest, desk: Desk, row: MachineRow) -> HttpResponse:
    form = MachineForm(request.POST, desk=desk, fixed=True)
    if not form.is_valid():
        return _page(request, desk, row, described=form, status=422)
    receipt = record_description(request, desk, form.machine(row.id, row.building or ""), row.described)
    shown = wait_until_folded(receipt)
    return saved(request, receipt, _address(row), what=gettext("description of %s") % row.id, shown=shown)


def record_description(request: HttpRequest, desk: Desk, described: Machine, standing: str | None) -> Any:
    """Record how one machine is described, in knowledge of what stood; return the receipt."""
    person = person_of(request)
    fact = MachinesListed(
        act=act_of(request), happened_at=desk.now_ms, by=person.code, by_name=person.name, machines=(described,),
        seen=tuple((standing or "").split()),
    )  # fmt: skip
    return record_act(request, draft_of(fact))


def _page(
    request: HttpRequest,
    desk: Desk,
    row: MachineRow,
    *,
    form: StepForm | None = None,
    described: MachineForm | None = None,
    told: list[str] | None = None,
    taking: str = "",
    why: str = "",
    status: int = 200,
) -> HttpResponse:
    subject = subject_of(row)
    asked = request.GET.get("to", "")
    # Of two reports none is proposed: whoever looked at the machine says which is true.
    to = form.to if form is not None else step_of(asked, subject) if asked or not subject.now.two else None
    if form is None and to is not None:
        form = StepForm(subjects=[subject], to=to, now_ms=desk.now_ms, zone=desk.zone)
    steps = list(StepRow.objects.filter(person=f"machine:{row.id}").exclude(act=None))
    steps.sort(key=lambda one: (one.happened_at or 0, one.entry or ""), reverse=True)
    reports = {
        one.id: one for one in Report.objects.filter(id__in=[one.report for one in steps if one.report])
    }
    now = subject.now
    context = {
        "row": row,
        "subject": subject,
        "place": place_name(row, desk.directory),
        "kind": KIND_WORDS[subject.kind],
        "batch": open_batch_of(batches_in_order()).get(row.id),
        "form": form,
        "to": to,
        "step": STEP_WORDS[to] if to is not None else "",
        "choices": step_choices(subject, to),
        "opened": bool(asked) or (form is not None and form.is_bound),
        "lacks": now.evidence.lacks(subject.kind),
        "proof": reports.get(now.evidence.report),
        "sides": [one for one in steps if one.act in now.standing] if now.two else [],
        "steps": [_told(one, reports, now.standing) for one in steps],
        "descriptions": _descriptions(row, desk) if row.described_twice else [],
        "described": described
        or MachineForm(initial=msgspec.to_builtins(machine_of(row)), desk=desk, fixed=True),
        "describing": described is not None or bool(row.described_twice) or row.described is None,
        "told": told or [],
        "taking": taking,
        "why": why,
    }
    return render(request, "fleet/machine.html", context, status=status)


def _told(one: StepRow, reports: dict[str, Report], standing: tuple[str, ...]) -> dict[str, Any]:
    words = {
        name: [str(STATE_WORDS[state]) for state in _json(getattr(one, name))] for name in ("done", "skipped")
    }
    return {
        "row": one,
        "report": reports.get(one.report or ""),
        "stands": one.act in standing,
        "log": (one.entry or "").rpartition("#")[0],
        **words,
    }


def _json(text: str | None) -> list[Any]:
    return [state for state in msgspec.json.decode(text or "[]") if state in STATES]


def _descriptions(row: MachineRow, desk: Desk) -> list[dict[str, Any]]:
    found = Described.objects.filter(person=f"machine:{row.id}", act__in=(row.described or "").split())
    return [
        {"row": one, "words": words, "ward": ward_name(words.get("ward"), desk.directory)}
        for one in found.order_by("entry")
        if (words := msgspec.json.decode(one.words or "{}"))
    ]


@require_GET
@needs_role(*FLEET_ROLES)
def report(request: HttpRequest, act: str) -> HttpResponse:
    """Return a scanner's report as it was attached, to be saved and opened outside our pages."""
    row = Report.objects.filter(id=act).first()
    if row is None:
        raise Http404
    log, _sep, index = (row.entry or "").rpartition("#")
    kind, body = entry_body(log, int(index) if index.isdecimal() else None)
    if body is None or kind != "fleet.report.1":
        raise Http404
    try:
        content = _decode(body).content
    except msgspec.MsgspecError as error:
        raise Http404 from error
    media = row.media_type or ""
    ending = _ENDINGS.get(media, "bin")
    return HttpResponse(
        content,
        content_type=media if media in _ENDINGS else "application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="report.{ending}"',
            # What a console exported is opened by other programs, never by our pages.
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )
