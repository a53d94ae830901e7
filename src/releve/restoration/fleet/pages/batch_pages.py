"""Batches: made of wards or of scanned tags, put in order, moved in three actions: the batch, the step, confirmed."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from releve.restoration.fleet.desk import (
    BatchLine,
    Desk,
    WardLine,
    batches_in_order,
    desk_of,
    find_machines,
    open_batch_of,
    pace_now,
    place_name,
    rows_of,
    subject_of,
    subjects_of,
    ward_lines,
)
from releve.restoration.fleet.facts import STATES, BatchesOrdered, BatchMade, State, draft_of
from releve.restoration.fleet.pages.acting import act_of, person_of, record_step
from releve.restoration.fleet.pages.step_form import StepForm
from releve.restoration.fleet.rules import FLEET_ROLES, RefusedMachine, Subject, make_batch
from releve.restoration.fleet.state import missing_steps, next_state, rank
from releve.restoration.fleet.tables import MachineRow
from releve.restoration.fleet.words import STATE_WORDS, STEP_WORDS, refusal_text
from releve.web.access import needs_role
from releve.web.acting import new_key, receipt_of, record_act, saved, wait_until_folded
from releve.web.forms import Boxes, SheetForm

__all__ = ["batch", "batches", "new_batch"]

TYPED_CHARS_MAX = 60_000


class BatchForm(SheetForm):
    """A batch: its name, and the machines of it, by ward or one a line."""

    quiet = True

    name = forms.CharField(
        label=_("Name of the batch"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    wards = forms.MultipleChoiceField(
        label=_("All machines of these wards that are not back"), required=False, widget=Boxes
    )
    tags = forms.CharField(
        label=_("Tags, one a line: scan one after the other"),
        required=False,
        max_length=TYPED_CHARS_MAX,
        widget=forms.Textarea(
            attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false", "data-scan": "here"}
        ),
    )

    def __init__(self, *args: Any, lines: Sequence[WardLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["wards"]
        assert isinstance(field, forms.MultipleChoiceField)
        none = pgettext("ward", "in no ward")
        field.choices = [
            (line.code, f"{line.name or none} ({line.total - line.counts.get('returned', 0)})")
            for line in lines
        ]

    def clean_tags(self) -> list[str]:
        """Return the tags that machines have; what names none is said with its line."""
        found: list[str] = []
        wrong: list[str] = []
        for number, line in enumerate(str(self.cleaned_data["tags"]).splitlines(), 1):
            if line.strip():
                rows = find_machines(line)
                if len(rows) == 1:
                    found.append(rows[0].id)
                else:
                    wrong.append(str(number))
        if wrong:
            text = gettext("Lines without a machine of the list: %s") % ", ".join(wrong[:20])
            raise forms.ValidationError(text)
        return found


@require_http_methods(["GET", "POST"])
@needs_role(*FLEET_ROLES)
def batches(request: HttpRequest) -> HttpResponse:
    """Return the batches in the order of work; a form sent moves one up or down."""
    desk = desk_of(request)
    found = batches_in_order()
    if request.method == "POST":
        before = receipt_of(request)
        if before is not None:
            return saved(request, before, reverse("fleet-batches"), what=gettext("order of the batches"))
        order = _moved([one.id for one in found], request.POST.get("batch", ""), request.POST.get("way", ""))
        if order is None:
            return _list(request, found, status=422)
        person = person_of(request)
        fact = BatchesOrdered(
            act=act_of(request), happened_at=desk.now_ms, by=person.code, by_name=person.name, batches=tuple(order)
        )  # fmt: skip
        receipt = record_act(request, draft_of(fact))
        shown = wait_until_folded(receipt)
        return saved(
            request, receipt, reverse("fleet-batches"), what=gettext("order of the batches"), shown=shown
        )
    return _list(request, found)


def _moved(order: list[str], batch: str, way: str) -> list[str] | None:
    """Return the order with one batch moved: "first", "up" or "down"; None when nothing would move."""
    if batch not in order:
        return None
    at = order.index(batch)
    to = {"first": 0, "up": at - 1, "down": at + 1}.get(way, at)
    if to == at or not 0 <= to < len(order):
        return None
    left = [one for one in order if one != batch]
    return [*left[:to], batch, *left[to:]]


def _list(request: HttpRequest, found: Sequence[BatchLine], status: int = 200) -> HttpResponse:
    states = dict(MachineRow.objects.values_list("id", "state"))
    current = open_batch_of(found)
    lines = []
    for one in found:
        counts = Counter(states.get(tag) or "" for tag in one.tags if current.get(tag) == one)
        lines.append(
            {
                "batch": one,
                "machines": sum(counts.values()),
                "returned": counts["returned"],
                "states": [(STATE_WORDS[state], counts[state]) for state in STATES if counts[state]],
                "silent": counts[""],
            }
        )
    closed = [one for one in batches_in_order(closed=True) if one.closed]
    context = {"lines": lines, "closed": closed, "empty": not states}
    return render(request, "fleet/batches.html", context, status=status)


@require_http_methods(["GET", "POST"])
@needs_role(*FLEET_ROLES)
def new_batch(request: HttpRequest) -> HttpResponse:
    """Return the form of a batch; sent, it is made and its page follows."""
    desk = desk_of(request)
    lines = ward_lines(desk.directory, batches_in_order(), pace_now(desk.now_ms, desk.zone))
    if request.method == "GET":
        wanted = [line.code for line in lines if line.code in request.GET.getlist("ward")]
        name = ", ".join(line.name for line in lines if line.code in wanted)[:80]
        form = BatchForm(initial={"wards": wanted, "name": name}, lines=lines)
        return render(request, "fleet/new-batch.html", {"form": form, "empty": not lines})
    form = BatchForm(request.POST, lines=lines)
    code = act_of(request)
    before = receipt_of(request)
    if before is not None:
        return saved(request, before, reverse("fleet-batch", args=[code]), what=gettext("batch"))
    if form.is_valid():
        wards = set(form.cleaned_data["wards"])
        tags = list(form.cleaned_data["tags"])
        for row in MachineRow.objects.exclude(described=None).exclude(state="returned").order_by("id"):
            if (row.ward or "-") in wards:
                tags.append(row.id)
        said = _record(request, desk, code, form.cleaned_data["name"], tags)
        if isinstance(said, HttpResponse):
            return said
        for refusal in said:
            form.add_error(
                refusal.field if refusal.field in form.fields else None, refusal_text(refusal.code)
            )
    return render(request, "fleet/new-batch.html", {"form": form, "empty": not lines}, status=422)


def _record(
    request: HttpRequest, desk: Desk, code: str, name: str, tags: Sequence[str], *, closed: bool = False
) -> HttpResponse | tuple[Any, ...]:
    person = person_of(request)
    listed = {row.id for row in rows_of(list(dict.fromkeys(tags))) if row.described is not None}
    said = make_batch(
        act=act_of(request), role=person.role, by=person.code, by_name=person.name, now_ms=desk.now_ms, batch=code,
        name=name, tags=tags, known=listed, closed=closed,
    )  # fmt: skip
    if not isinstance(said, BatchMade):
        return said
    receipt = record_act(request, draft_of(said))
    shown = wait_until_folded(receipt)
    to = reverse("fleet-batches") if closed else reverse("fleet-batch", args=[code])
    what = gettext("batch closed") if closed else gettext("batch %s") % said.name
    return saved(request, receipt, to, what=what, shown=shown)


@require_http_methods(["GET", "POST"])
@needs_role(*FLEET_ROLES)
def batch(request: HttpRequest, code: str) -> HttpResponse:
    """Return one batch; `?to=` shows what a step would do; the form sent records it for all that may make it."""
    desk = desk_of(request)
    found = next((one for one in batches_in_order(closed=True) if one.id == code), None)
    if found is None:
        raise Http404
    if request.method == "GET":
        to = next((state for state in STATES if state == request.GET.get("to")), None)
        return _page(request, desk, found, to=to)
    before = receipt_of(request)
    if before is not None:
        return saved(request, before, reverse("fleet-batch", args=[code]), what=found.name)
    if request.POST.get("what") == "close":
        said = _record(request, desk, code, found.name, found.tags, closed=True)
        return said if isinstance(said, HttpResponse) else _page(request, desk, found, status=422)
    return _step(request, desk, found)


def _step(request: HttpRequest, desk: Desk, found: BatchLine) -> HttpResponse:
    to = next((state for state in STATES if state == request.POST.get("to")), None)
    if to is None:
        return _page(request, desk, found, told=[refusal_text("no-step")], status=422)
    asked, others = _taking_part(subjects_of(found.tags), to, request.POST.getlist("also"))
    form = StepForm(request.POST, request.FILES, subjects=asked, to=to, now_ms=desk.now_ms, zone=desk.zone)
    if not form.is_valid():
        return _page(request, desk, found, to=to, form=form, status=422)
    moving, receipt = record_step(request, form, asked, now_ms=desk.now_ms, batch=found.id)
    if receipt is None or moving.fact is None:
        return _page(request, desk, found, to=to, form=form, refused=moving.refused, status=422)
    shown = wait_until_folded(receipt)
    number = len(moving.fact.tags)
    left = len(moving.refused) + len(others)
    what = ngettext("%(n)d machine: %(state)s", "%(n)d machines: %(state)s", number) % {
        "n": number,
        "state": STATE_WORDS[to],
    }
    if left:
        what += ngettext("; %(n)d not moved", "; %(n)d not moved", left) % {"n": left}
    return saved(request, receipt, reverse("fleet-batch", args=[found.id]), what=what, shown=shown)


def _taking_part(
    subjects: Sequence[Subject], to: State, also: Sequence[str]
) -> tuple[list[Subject], list[RefusedMachine]]:
    """Return the machines a step is meant for, and the others with why.

    Meant are those for which it is the next step. `also` adds those further behind ("behind": the steps between are
    asked), those ahead ("ahead": they go back, with a reason): never by default, for it would be a slip.
    """
    asked: list[Subject] = []
    others: list[RefusedMachine] = []
    for one in subjects:
        if not one.listed:
            others.append(RefusedMachine(tag=one.tag, code="not-listed"))
        elif one.now.two:
            others.append(RefusedMachine(tag=one.tag, code="two-reports"))
        elif to == one.now.state and not one.now.claimed:
            others.append(RefusedMachine(tag=one.tag, code="already"))
        elif rank(to) < rank(one.now.state):
            if "ahead" in also:
                asked.append(one)
            else:
                others.append(RefusedMachine(tag=one.tag, code="back-reason"))
        elif between := missing_steps(one.now.state, to, one.kind):
            if "behind" in also:
                asked.append(one)
            else:
                others.append(RefusedMachine(tag=one.tag, code="steps-between", steps=between))
        else:
            asked.append(one)
    return asked, others


def _page(
    request: HttpRequest,
    desk: Desk,
    found: BatchLine,
    *,
    to: State | None = None,
    form: StepForm | None = None,
    refused: Sequence[RefusedMachine] = (),
    told: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = rows_of(found.tags)
    subjects = {row.id: subject_of(row) for row in rows}
    also = (request.POST if request.method == "POST" else request.GET).getlist("also")
    asked: list[Subject] = []
    others: list[RefusedMachine] = []
    if to is not None:
        asked, others = _taking_part(list(subjects.values()), to, also)
        if form is None:
            form = StepForm(subjects=asked, to=to, now_ms=desk.now_ms, zone=desk.zone)
    why = {one.tag: one for one in (*others, *refused)}
    codes = Counter(one.code for one in others)
    nexts = Counter(
        step for one in subjects.values() if (step := next_state(one.now.state, one.kind)) is not None
    )
    usual = nexts.most_common(1)[0][0] if nexts else None
    current = open_batch_of(batches_in_order())
    context = {
        "batch": found,
        "machines": [
            {
                "row": row,
                "place": place_name(row, desk.directory),
                "why": refusal_text(why[row.id].code) if row.id in why else "",
                "between": [STATE_WORDS[step] for step in why[row.id].steps] if row.id in why else [],
                "elsewhere": current.get(row.id) if current.get(row.id) not in (None, found) else None,
            }
            for row in rows
        ],
        "choices": [
            {
                "state": state,
                "word": STEP_WORDS[state],
                "count": sum(next_state(one.now.state, one.kind) == state for one in subjects.values()),
                "usual": state == usual,
                "chosen": state == to,
            }
            for state in STATES
        ],
        "to": to,
        "step": STEP_WORDS[to] if to is not None else "",
        "form": form,
        "asked": len(asked),
        "left": len(others),
        "behind": codes["steps-between"],
        "ahead": codes["back-reason"],
        "also": also,
        "counts": [
            (STATE_WORDS[state], number)
            for state in STATES
            if (number := sum(one.now.state == state for one in subjects.values()))
        ],
        "silent": sum(not one.now.state for one in subjects.values()),
        "told": told or [],
        "closing": new_key(),
    }
    return render(request, "fleet/batch.html", context, status=status)
