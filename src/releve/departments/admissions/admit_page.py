"""Search, then admit: one page, in the order in which one works at a counter. Works without JavaScript."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from releve.departments.admissions import ranges
from releve.departments.admissions.desk import FUNCTION, Desk, desk_of
from releve.departments.admissions.facts import Admitted, Mode
from releve.departments.admissions.forms import AdmitForm, SearchForm, bed_of, ward_of
from releve.departments.admissions.names import PREFIX, name_for
from releve.departments.admissions.near import NearLine, lines_of, read_wanted, same_person, wanted_of
from releve.departments.admissions.sentences import refusal_text, with_number_doubts
from releve.record.acts import draft_of
from releve.record.finding import near_persons
from releve.record.identity import person_key
from releve.record.persons import persons_behind
from releve.record.tables import Person
from releve.web import words
from releve.web.access import CARE, needs_role
from releve.web.acting import new_key, receipt_of, record_act, saved, wait_until_folded
from releve.web.audit.watch import name_patients
from releve.web.opaque import open_handle, seal

__all__ = ["admit", "admit_known", "admit_newborn", "admit_unidentified"]


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@needs_role(*CARE)
def admit(request: HttpRequest) -> HttpResponse:
    """Return the search; once sent, who may be meant and the form of somebody new; then the admission itself."""
    desk = desk_of(request)
    if request.method == "GET":
        return _page(request, desk, search=SearchForm())
    if request.POST.get("step") == "admit":
        return _admit(request, desk, "new")
    search = SearchForm(request.POST)
    wanted, wrong = read_wanted(search, desk.here)
    if wanted is None:
        for field, sentence in wrong.items():
            search.add_error(field, sentence)
        return _page(request, desk, search=search, status=422)
    found, more = near_persons(wanted)
    ward = desk.home(request.GET.get("ward", ""))
    lines = lines_of(found, desk, ward.code if ward else "")
    form = None
    if desk.open and not wanted.number:
        # The letters looked for are a piece of a name: left in the field, they would be taken for it.
        form = _form(request, desk, "new", initial={"birth_date": _birth_typed(wanted.births, desk)})
    # Where the next keys go: to the name when nobody is known, to those who may be meant when somebody is.
    search.fields["birth"].widget.attrs.pop("autofocus", None)
    if form is not None and not lines:
        form.fields["birth_name"].widget.attrs["autofocus"] = True
    return _page(request, desk, search=search, form=form, lines=lines, asked=True, more=more)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@needs_role(*CARE)
def admit_known(request: HttpRequest, handle: str) -> HttpResponse:
    """Return the form that admits somebody the record knows; nothing of her identity is asked again."""
    return _one(request, "known", handle)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@needs_role(*CARE)
def admit_newborn(request: HttpRequest, handle: str) -> HttpResponse:
    """Return the form of a child born here; the address names the mother."""
    return _one(request, "newborn", handle)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@needs_role(*CARE)
def admit_unidentified(request: HttpRequest) -> HttpResponse:
    """Return the form of somebody whom nobody can name: a name that is nobody's is given."""
    return _one(request, "unidentified", "")


def _one(request: HttpRequest, mode: Mode, handle: str) -> HttpResponse:
    desk = desk_of(request)
    about = _about(handle, desk) if handle else None
    if handle and about is None:
        raise Http404
    if request.method == "POST":
        return _admit(request, desk, mode, about)
    form = _form(request, desk, mode, about=about) if desk.open else None
    return _page(request, desk, form=form, mode=mode, about=about)


def _about(handle: str, desk: Desk) -> NearLine | None:
    """Return the person whom the address names, as this reader may know her."""
    key = open_handle(handle)
    behind = persons_behind([key]).get(key) if key is not None else None
    if behind is None:
        return None
    return same_person(behind[0], behind[1], desk)


def _form(
    request: HttpRequest,
    desk: Desk,
    mode: Mode,
    data: Any = None,
    *,
    about: NearLine | None = None,
    initial: dict[str, Any] | None = None,
) -> AdmitForm:
    stay = about.near.stay if about is not None and mode == "newborn" else None
    home = desk.home(request.GET.get("ward", "") or (stay.ward or "" if stay is not None else ""))
    beds = desk.beds(home.code if home is not None else "")
    values = {
        "allergies": "not-asked",
        "document": "none",
        "provenance": "birth" if mode == "newborn" else "",
    }
    if home is not None and home.kind == "emergency":
        values["provenance"] = "home"
    wanted = f"bed:{request.GET.get('bed', '')}"
    own = beds[home.code].lines if home is not None else []
    free = [f"bed:{line.bed.code}" for line in own if line.state == "free"]
    if mode == "newborn":
        cots = [
            f"bed:{line.bed.code}"
            for line in own
            if line.state == "free" and line.bed.kind in ("cot", "incubator")
        ]
        free = cots or [f"ward:{home.code}"] if home is not None else free
        if about is not None:
            values |= {"birth_name": about.near.person.birth_name or "", "birth_date": _today(desk)}
    values["bed"] = (
        wanted if wanted in free else next(iter(free), f"ward:{home.code}" if home is not None else "")
    )
    posted = str(data.get("bed", "")) if data is not None else ""
    return AdmitForm(
        data,
        initial=values | (initial or {}),
        mode=mode,
        directory=desk.here.directory,
        beds=beds,
        who=desk.who,
        here=desk.here,
        function=FUNCTION,
        ward=ward_of(posted, desk.here.directory) if data is not None else home.code if home else "",
    )


def _admit(request: HttpRequest, desk: Desk, mode: Mode, about: NearLine | None = None) -> HttpResponse:
    act = (request.POST.get("act_key") or new_key())[:64]
    before = receipt_of(request)
    if before is not None:
        # Pressed again: the bed is taken by this very act, which is no reason to refuse it.
        numbers = ranges.take(request, act, person=mode != "known", visit=True)
        person = about.near.head if mode == "known" and about else person_key(numbers.ipp, numbers.namespace)
        return saved(request, before, _next_page(person), what=gettext("admission"), shown=True)
    form = _form(request, desk, mode, request.POST, about=about)
    valid = form.is_valid()
    if mode == "known" and about is not None and about.near.here:
        form.add_error(None, refusal_text("already-here"))
        valid = False
    if not valid:
        lines = _near_again(request, desk, form) if mode == "new" else []
        return _page(
            request, desk, form=form, mode=mode, about=about, lines=lines, asked=bool(lines), status=422
        )
    numbers = ranges.take(request, act, person=mode != "known", visit=True)
    draft = _draft(desk, form, mode, act, numbers, about)
    receipt = record_act(request, draft_of(draft))
    shown = wait_until_folded(receipt)
    what = with_number_doubts(
        gettext("admission"), exercise=desk.here.directory.map.exercise, ins=draft.ins, sinus=draft.sinus
    )
    return saved(request, receipt, _next_page(draft.person), what=what, shown=shown)


def _draft(
    desk: Desk, form: AdmitForm, mode: Mode, act: str, numbers: ranges.Numbers, about: NearLine | None
) -> Admitted:
    data, directory = form.cleaned_data, desk.here.directory
    code = bed_of(data["bed"])
    bed = directory.beds.get(code)
    room = directory.rooms.get(bed.room) if bed is not None else None
    building = directory.building_of(form.ward)
    ward = directory.ward(form.ward)
    traits = None
    near: tuple[str, ...] = ()
    if mode != "known":
        name = name_for(act, _names_in_use()) if mode == "unidentified" else ""
        traits = form.traits(name=name)
        near = _same_traits(form, traits.birth_name, traits.given_name) if mode == "new" else ()
    person = (
        about.near.head
        if mode == "known" and about is not None
        else person_key(numbers.ipp, numbers.namespace)
    )
    return Admitted(
        **form.common(by=desk.reader.code, by_name=desk.reader.name),
        act=act,
        person=person,
        visit=numbers.visit,
        mode=mode,
        movement=numbers.movement,
        ipp=numbers.ipp,
        namespace=numbers.namespace if numbers.ipp else "",
        traits=traits,
        mother=about.near.head if mode == "newborn" and about is not None else "",
        birth_rank=int(data["birth_rank"] or 0) if mode == "newborn" else 0,
        estimated_age=int(data["estimated_age"]) if data["estimated_age"].strip() else None,
        sinus="".join(data["sinus"].split()).upper(),
        ins="".join(data["ins"].split()).upper() if mode == "new" else "",
        building=building.code if building is not None else "",
        room=room.name if room is not None else "",
        bed=(bed.name or bed.code) if bed is not None else "",
        bed_code=code,
        class_code="E" if ward is not None and ward.kind == "emergency" else "I",
        provenance=data["provenance"],
        reason=data["reason"].strip(),
        allergies=data["allergies"] or "not-asked",
        allergy_labels=form.allergy_labels,
        near=near,
    )


def _names_in_use() -> set[str]:
    found = Person.objects.filter(birth_name__startswith=PREFIX).values_list("birth_name", flat=True)
    return {name for name in found if name}


def _same_traits(form: AdmitForm, name: str, given: str) -> tuple[str, ...]:
    """Return those who carry these very names and this birth date: proposed as duplicates, whatever was answered."""
    found, _more = near_persons(wanted_of(form.birth_read or "", name, given))
    sex = form.cleaned_data["sex"]
    return tuple(
        one.head for one in found if one.same_birth and not {sex, one.person.sex or "U"} >= {"F", "M"}
    )[:5]


def _near_again(request: HttpRequest, desk: Desk, form: AdmitForm) -> list[NearLine]:
    found, _more = near_persons(wanted_of(form.birth_read or "", form.cleaned_data.get("birth_name", "")))
    return lines_of(found, desk, form.ward)


def _next_page(person: str) -> str:
    """Return where to go once somebody is admitted: to her labels, else to her stay."""
    handle = seal(person)
    try:
        return reverse("labels", args=[handle])
    except NoReverseMatch:
        return reverse("stay", args=[handle])


def _today(desk: Desk) -> str:
    return words.day(desk.here.now_ms, desk.here.zone, get_language() or "fr")


def _birth_typed(births: tuple[str, ...], desk: Desk) -> str:
    """Return the birth date that was looked for, as it is read, so that a slip is seen before it is written."""
    if len(births) != 1:
        return ""
    parts = births[0].split("-")
    return "/".join(reversed(parts))


def _page(
    request: HttpRequest,
    desk: Desk,
    *,
    search: SearchForm | None = None,
    form: AdmitForm | None = None,
    mode: Mode = "new",
    about: NearLine | None = None,
    lines: list[NearLine] | None = None,
    asked: bool = False,
    more: bool = False,
    status: int = 200,
) -> HttpResponse:
    name_patients(request, [line.handle for line in lines or []])
    ward = form.ward if form is not None else ""
    context = {
        "search": search or SearchForm(),
        "form": form,
        "mode": mode,
        "about": about,
        "lines": lines or [],
        "asked": asked,
        "more": more,
        "on_ward": sum(1 for line in lines or [] if line.on_ward),
        "desk": desk,
        "elsewhere": sorted({place for _ward, place in desk.elsewhere}),
        "ward": desk.here.directory.ward(ward) if ward else None,
        "action": request.get_full_path(),
    }
    return render(request, "admissions/admit.html", context, status=status)
