"""Addresses of the restoration: how far it is, the plan, the tasks, the catalogue, what is tried, paper."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from releve.restoration.pages import (
    application_page,
    bring_page,
    catalogue_page,
    check_page,
    files_page,
    hours_page,
    ics_page,
    means_page,
    overview_page,
    paper_page,
    person_page,
    plan_page,
    skill_page,
    tasks_page,
    what_if_page,
)
from releve.restoration.pages.request import READERS
from releve.web.shell import NavItem

__all__ = ["NAV", "urlpatterns"]

_WITHIN = frozenset(
    {
        "restoration-application",
        "restoration-bring",
        "restoration-catalogue",
        "restoration-check",
        "restoration-dates",
        "restoration-edit",
        "restoration-hours",
        "restoration-labels",
        "restoration-means",
        "restoration-person",
        "restoration-plan",
        "restoration-report",
        "restoration-scan",
        "restoration-shared",
        "restoration-skill",
        "restoration-task",
        "restoration-tasks",
        "restoration-what-if",
    }
)
NAV = [
    NavItem(
        label=_("Restoration"),
        url_name="restoration",
        order=65,
        roles=frozenset(READERS) - {"crisis"},
        within=_WITHIN,
    ),
    # The crisis cell also opens the account of the downtime from here.
    NavItem(
        label=_("Restoration"),
        url_name="restoration",
        order=65,
        roles=frozenset({"crisis"}),
        within=_WITHIN | {"account", "account-late"},
    ),
]

urlpatterns = [
    path("restoration/", overview_page.overview, name="restoration"),
    path("restoration/plan/", plan_page.plan, name="restoration-plan"),
    path("restoration/plan/check/", check_page.check, name="restoration-check"),
    path("restoration/plan/ask/", plan_page.ask, name="restoration-ask"),
    path("restoration/plan/adopt/", plan_page.adopt, name="restoration-adopt"),
    path("restoration/plan/announce/", plan_page.publish, name="restoration-publish"),
    path("restoration/plan/live/", plan_page.planning, name="restoration-planning"),
    path("restoration/tasks/", tasks_page.tasks, name="restoration-tasks"),
    path("restoration/tasks/report/", tasks_page.report, name="restoration-report"),
    path("restoration/tasks/scan/", tasks_page.scan, name="restoration-scan"),
    path("restoration/task/", tasks_page.task, name="restoration-task"),
    path(
        "restoration/evidence/<str:origin>/<int:epoch>/<int:index>/",
        tasks_page.evidence,
        name="restoration-evidence",
    ),
    path("restoration/application/", application_page.application, name="restoration-application"),
    path("restoration/application/sign/", application_page.sign, name="restoration-sign"),
    path("restoration/catalogue/", catalogue_page.catalogue, name="restoration-catalogue"),
    path("restoration/catalogue/edit/", catalogue_page.edit, name="restoration-edit"),
    path("restoration/catalogue/bring/", bring_page.bring, name="restoration-bring"),
    path("restoration/catalogue/case.json", catalogue_page.file, name="restoration-case"),
    path("restoration/means/", means_page.means, name="restoration-means"),
    path("restoration/means/person/", person_page.person, name="restoration-person"),
    path("restoration/means/hours/", hours_page.hours, name="restoration-hours"),
    path("restoration/means/dates/", ics_page.dates, name="restoration-dates"),
    path("restoration/means/skill/", skill_page.skill, name="restoration-skill"),
    path("restoration/means/shared/", skill_page.shared, name="restoration-shared"),
    path("restoration/file/<str:name>", files_page.file, name="restoration-file"),
    path("restoration/what-if/", what_if_page.what_if, name="restoration-what-if"),
    path("restoration/paper/tasks.pdf", paper_page.paper_tasks, name="restoration-paper-tasks"),
    path("restoration/labels/", paper_page.printer_labels, name="restoration-labels"),
    path("restoration/labels/labels.zpl", paper_page.printer_labels_file, name="restoration-labels-file"),
    path("restoration/paper/plan.pdf", paper_page.paper_plan, name="restoration-paper-plan"),
    path("restoration/paper/report.pdf", paper_page.paper_report, name="restoration-paper-report"),
]
