"""The list of machines: a spreadsheet taken line by line, one machine added, the list given back as a file."""

from hashlib import sha256

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from releve.restoration.fleet.desk import Desk, described_now, desk_of
from releve.restoration.fleet.facts import draft_of
from releve.restoration.fleet.inventory import BYTES_MAX, COLUMNS, Inventory, read_inventory, write_inventory
from releve.restoration.fleet.listing import listed
from releve.restoration.fleet.pages.acting import act_of, person_of
from releve.restoration.fleet.pages.machine_page import MachineForm, record_description
from releve.restoration.fleet.rules import FLEET_ROLES
from releve.restoration.fleet.words import refusal_text
from releve.web.access import needs_role
from releve.web.acting import new_key, receipt_of, record_act, record_beside, saved, wait_until_folded
from releve.web.forms import SheetForm
from releve.web.uploads import too_large

__all__ = ["add", "inventory_file", "machines", "read_for"]

PROBLEMS_SHOWN = 200


class ListForm(SheetForm):
    """A file of machines."""

    quiet = True

    file = forms.FileField(
        label=_("The list of machines, as CSV"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(),
    )

    def clean_file(self) -> bytes:
        """Return the bytes of the file."""
        file = self.cleaned_data["file"]
        if file is None:
            raise forms.ValidationError(refusal_text("no-file"))
        if file.size > BYTES_MAX:
            raise forms.ValidationError(refusal_text("list-large"))
        return bytes(file.read())


@require_http_methods(["GET", "POST"])
@needs_role(*FLEET_ROLES)
def machines(request: HttpRequest) -> HttpResponse:
    """Return how to bring the list in, and what became of a file that was sent."""
    desk = desk_of(request)
    if request.method == "GET":
        return _page(request, desk, ListForm())
    before = receipt_of(request)
    if before is not None:
        return saved(request, before, reverse("fleet-machines"), what=gettext("list of machines"))
    form = ListForm(request.POST, request.FILES)
    if too_large(request):
        form.add_error("file", refusal_text("list-large"))
    if not form.is_valid():
        return _page(request, desk, form, status=422)
    data = form.cleaned_data["file"]
    found = read_for(data, desk)
    person = person_of(request)
    known, standing, twice = described_now()
    keys = iter([act_of(request)])
    facts = listed(
        found.machines, known=known, standing=standing, twice=twice, key=lambda: next(keys, new_key()),
        now_ms=desk.now_ms, by=person.code, by_name=person.name, file_sha256=sha256(data).hexdigest(),
    )  # fmt: skip
    changed = sum(len(fact.machines) for fact in facts)
    new = sum(one.tag not in known for fact in facts for one in fact.machines)
    if not facts:
        status = 422 if found.errors else 200
        return _page(request, desk, form, found=found, changed=0, new=0, status=status)
    for fact in facts[1:]:
        record_beside(request, draft_of(fact))
    # Last, under the form’s own key: a form sent again finds the whole list recorded, or nothing of it claimed.
    receipt = record_act(request, draft_of(facts[0]))
    shown = wait_until_folded(receipt)
    what = ngettext("%(n)d machine on the list", "%(n)d machines on the list", changed) % {"n": changed}
    if not found.problems:
        return saved(request, receipt, reverse("fleet-machines"), what=what, shown=shown)
    return _page(request, desk, ListForm(), found=found, changed=changed, new=new, status=200)


def read_for(data: bytes, desk: Desk) -> Inventory:
    """Return what a file holds, read with the map in force."""
    directory = desk.directory
    if directory is None:
        return read_inventory(data, wards=(), buildings=(), ward_of_room={})
    return read_inventory(
        data,
        wards=directory.wards,
        buildings=directory.buildings,
        ward_of_room={code: room.ward for code, room in directory.rooms.items()},
    )


def _page(
    request: HttpRequest,
    desk: Desk,
    form: ListForm,
    *,
    adding: MachineForm | None = None,
    found: Inventory | None = None,
    changed: int = 0,
    new: int = 0,
    status: int = 200,
) -> HttpResponse:
    known, _standing, twice = described_now()
    language = get_language() or "fr"
    context = {
        "form": form,
        "adding": adding
        or MachineForm(initial={"tag": request.GET.get("tag", "")[:40]}, desk=desk, fixed=False),
        "total": len(known),
        "twice": sorted(twice),
        "found": found,
        "changed": changed,
        "new": new,
        "same": len(found.machines) - changed if found is not None else 0,
        "problems": [one.text(language) for one in found.problems[:PROBLEMS_SHOWN]]
        if found is not None
        else [],
        "columns": [(name, ", ".join(french)) for name, french, _more in COLUMNS],
        "mapped": desk.directory is not None,
    }
    return render(request, "fleet/machines.html", context, status=status)


@require_http_methods(["POST"])
@needs_role(*FLEET_ROLES)
def add(request: HttpRequest) -> HttpResponse:
    """Put one machine on the list: the one whose label was scanned and that no inventory knew."""
    desk = desk_of(request)
    before = receipt_of(request)
    if before is not None:
        return saved(request, before, reverse("fleet-machines"), what=gettext("machine"))
    form = MachineForm(request.POST, desk=desk, fixed=False)
    if not form.is_valid():
        return _page(request, desk, ListForm(), adding=form, status=422)
    tag = form.cleaned_data["tag"]
    receipt = record_description(request, desk, form.machine(tag), None)
    shown = wait_until_folded(receipt)
    to = f"{reverse('fleet-scan')}?tag={tag}"
    return saved(request, receipt, to, what=gettext("%s is on the list") % tag, shown=shown)


@require_GET
@needs_role(*FLEET_ROLES)
def inventory_file(request: HttpRequest) -> HttpResponse:
    """Return the list of machines as a file that can be corrected and brought in again."""
    known, _standing, _twice = described_now()
    return HttpResponse(
        write_inventory([known[tag] for tag in sorted(known)]),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="machines.csv"'},
    )
