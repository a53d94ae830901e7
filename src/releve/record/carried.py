"""Acts that a colleague's session carried here, and what their authors said of them since."""

from collections.abc import Collection, Iterable, Mapping

import msgspec

from releve.record.tables import Act, ActAnswer
from releve.web.tables import Account

__all__ = [
    "ABSENT_MS",
    "Carriage",
    "carriages",
    "carriages_of",
    "open_in_wards",
    "unanswered",
    "unanswered_count",
]

# After a shift without a word of hers somebody of the ward may look into it; she may still answer whenever she is back.
ABSENT_MS = 12 * 3_600_000


class Carriage(msgspec.Struct, frozen=True, kw_only=True):
    """Who carried an act, its author's newest answer (None: she has not said anything yet), and its ward's newest."""

    act: Act
    by_name: str  # of whoever carried it
    answer: ActAnswer | None
    settled: ActAnswer | None = None


def unanswered(account: str) -> list[Act]:
    """Return the acts carried in this person's name of which she has said nothing yet, the oldest first."""
    acts = list(Act.objects.filter(by=account, carried_by__gt="").order_by("happened_at", "id"))
    if not acts:
        return []
    answered = set(
        ActAnswer.objects.filter(by=account).exclude(settles=True).values_list("person", "answers")
    )
    return [act for act in acts if (act.person, _key(act)) not in answered]


def unanswered_count(account: str) -> int:
    """Return how many acts wait for this person's word."""
    return len(unanswered(account))


def open_in_wards(wards: Collection[str], *, but: str, now_ms: int) -> list[Carriage]:
    """Return the acts of these wards that somebody there should look into, the oldest first; none of account `but`.

    Those their author contests, and those of which she has said nothing for a shift; not yet settled by the ward.
    """
    acts = (
        Act.objects.filter(carried_by__gt="", ward__in=list(wards))
        .exclude(by=but)
        .exclude(carried_by=but)
        .order_by("happened_at", "id")
    )
    return [
        way
        for way in carriages(acts).values()
        if way.settled is None
        and (
            way.answer.contested
            if way.answer is not None
            else now_ms - (way.act.recorded_at or 0) > ABSENT_MS
        )
    ]


def carriages_of(persons: Iterable[str]) -> Mapping[str, Carriage]:
    """Return what was carried for these persons (keys), by its entry ("ORIGIN/EPOCH#INDEX")."""
    return carriages(Act.objects.filter(person__in=list(persons), carried_by__gt=""))


def carriages(acts: Iterable[Act]) -> Mapping[str, Carriage]:
    """Return how each of these acts came here, by its entry; those that their author sent herself are left out."""
    carried = [act for act in acts if act.carried_by]
    if not carried:
        return {}
    names = {
        code: f"{given or ''} {family or ''}".strip()
        for code, given, family in Account.objects.filter(id__in={act.carried_by for act in carried}).values_list(
            "id", "given", "family"
        )
    }  # fmt: skip
    answers: dict[tuple[str, str, bool], ActAnswer] = {}
    for one in ActAnswer.objects.filter(answers__in=[_key(act) for act in carried]).order_by(
        "happened_at", "recorded_at", "id"
    ):
        answers[one.person, one.answers or "", bool(one.settles)] = one
    found = {}
    for act in carried:
        said = answers.get((act.person, _key(act), False))
        settled = answers.get((act.person, _key(act), True))
        # What anybody but its author says of it answers nothing.
        said = said if said is not None and said.by == act.by else None
        # Nor does the ward's word count when it is that of one of the two.
        settled = settled if settled is not None and settled.by not in (act.by, act.carried_by) else None
        name = names.get(act.carried_by or "") or act.carried_by or ""
        found[act.entry or act.id] = Carriage(act=act, by_name=name, answer=said, settled=settled)
    return found


def _key(act: Act) -> str:
    return act.id.removeprefix(f"{act.person}/")
