"""A skill with the people who have it, and what tasks share by units: one small form each."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from releve.bedside.now import IslandNow
from releve.restoration.case import Case, Person, Resource, Skill
from releve.restoration.facts import LineSaid
from releve.restoration.pages.acting import say
from releve.restoration.pages.means_form import SharedForm, SkillForm
from releve.restoration.pages.request import id_asked, line_asked, opens
from releve.restoration.rules import PLANNERS
from releve.restoration.standing.lines import decoded_of, every
from releve.restoration.standing.now import RestorationNow
from releve.web.access import needs_role

__all__ = ["shared", "skill"]


@require_http_methods(["GET", "POST"])
@needs_role(*PLANNERS)
@opens(back="restoration-means")
def skill(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Return the page of a skill, without `id` that of a new one; posted, record what was said of it."""
    id_ = id_asked(request)
    own: Skill | None = decoded_of(seen.lines, "skill", id_)
    people: tuple[Person, ...] = every(seen.lines, "person")
    asking = sum(any(count.skill == id_ for count in task.team) for task in seen.case.tasks)
    if id_ and own is None:
        # A file may name a skill that it does not list: here it gets its name and its people.
        if not asking and not any(id_ in one.skills for one in people):
            raise Http404
        own = Skill(id=id_)

    def form(*data: Any) -> SkillForm:
        return SkillForm(*data, case=seen.case, own=own, people=people)

    in_use = asking + sum(id_ in one.skills for one in people) if own is not None else 0
    return _answer(request, seen.case, own, form, what="skill", in_use=in_use, now=seen, asking=asking)


@require_http_methods(["GET", "POST"])
@needs_role(*PLANNERS)
@opens(back="restoration-means")
def shared(request: HttpRequest, now: IslandNow, seen: RestorationNow) -> HttpResponse:
    """Return the page of shared means, without `id` that of new ones; posted, record what was said of them."""
    own: Resource | None = line_asked(request, seen, "resource")
    asking = sum(
        any(own is not None and use.resource == own.id for use in task.uses) for task in seen.case.tasks
    )

    def form(*data: Any) -> SharedForm:
        return SharedForm(*data, case=seen.case, own=own)

    return _answer(request, seen.case, own, form, what="resource", in_use=asking, now=seen, asking=asking)


def _answer(
    request: HttpRequest,
    case: Case,
    own: Skill | Resource | None,
    make: Any,
    *,
    what: Any,
    in_use: int,
    now: Any,
    asking: int,
) -> HttpResponse:
    means = reverse("restoration-means")
    form = make()
    if request.method == "POST":
        if own is not None and request.POST.get("step") == "remove":
            form = make()
            if not in_use:
                answer = say(request, [LineSaid(what=what, id=own.id)], means, what=own.name or own.id)
                if answer is not None:
                    return answer
        else:
            form = make(request.POST)
            if form.is_valid():
                answer = say(request, form.lines(), means, what=form.cleaned_data["name"], form=form)
                if answer is not None:
                    return answer
    context = {
        "tab": "means",
        "may_plan": True,
        "now": now,
        "own": own,
        "form": form,
        "what": what,
        "in_use": in_use,
        "asking": asking,
        "address": reverse("restoration-skill" if what == "skill" else "restoration-shared"),
        "title": own.name or own.id
        if own is not None
        else gettext("A new skill")
        if what == "skill"
        else gettext("New shared means"),
    }
    return render(request, "restoration/skill.html", context, status=422 if request.method == "POST" else 200)
