"""The second person of an act of the crisis, as its rules know her."""

from django.http import HttpRequest

from releve.crisis.declare_form import PairForm
from releve.crisis.rules import Who
from releve.web.accounts.people import Person
from releve.web.second import second_person

__all__ = ["second_of", "who_is"]


def who_is(person: Person) -> Who:
    """Return a person as the rules know her."""
    return Who(account=person.code, role=person.role, wards=person.wards)


def second_of(request: HttpRequest, form: PairForm) -> Who | None:
    """Return the second person once her code was checked, None when there is none or it was refused."""
    person = second_person(request, form)
    return who_is(person) if person is not None else None
