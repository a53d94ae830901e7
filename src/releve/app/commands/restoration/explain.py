"""`releve restoration explain`: why something is back when it is, and what any other way would cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from releve.app.commands.output import fail, say
from releve.app.commands.restoration.files import AsJson, CaseFile, PlanFile, case_of, plan_of
from releve.app.commands.restoration.told import care, moment_of, why
from releve.restoration.case import Case, CaseError

if TYPE_CHECKING:
    from releve.restoration.replanning.explain import Alternative, Explanation

__all__ = ["explain"]

_SEEN = 0.05  # units of care; less is not worth a line
_OTHERS = 5  # told to a person: those whose turn would cost least, or save most


def explain(
    case_file: CaseFile,
    plan_file: PlanFile,
    id: Annotated[str, typer.Argument(metavar="ID", help="An application or a service.")],
    as_json: AsJson = False,
) -> None:
    """Say why an application or a service is back when the plan says so, and what any other way would cost.

    Example: releve restoration explain case.json plan.json PACS
    """
    from releve.restoration.replanning.explain import explain as explained

    case = case_of(case_file)
    try:
        found = explained(case, plan_of(plan_file), id)
    except CaseError as error:
        fail(str(error))
    say(msgspec.to_builtins(found), json=as_json, text="\n".join(_lines(case, found)))


def _lines(case: Case, found: Explanation) -> list[str]:
    said = moment_of(case)
    lines = [f"{found.kind} {found.id} is back {said(found.back)} (hour {found.back})"]
    if found.kind == "service":
        lines.append(f"it waits for {found.decided_by} last")
    lines += [
        f"  {link.task} {said(link.start)} – {said(link.end)}"
        + (f", {', '.join(link.people)}" if link.people else "")
        + f": {why(link.binding)}"
        for link in found.chain
    ]

    def other(title: str, each: Alternative) -> str:
        verb = "costs" if each.loss > 0 else "saves"
        cost = f"{verb} {care(abs(each.loss))}" if abs(each.loss) >= _SEEN else "loses as much"
        return f"  {title}: {cost}, back {said(each.hour)}"

    lines.append(f"other ways, against {care(found.order_loss)} lost and back {said(found.order_back)}:")
    lines.append(other("put first of all", found.first))
    lines += [other(f"exchanged with {each.id}", each) for each in found.swaps]
    lines += [other(f"{each.id} put first of all", each) for each in found.others[:_OTHERS]]
    lines += [
        other(f"if {each.of} did not need {each.id}", each) for each in found.needs if each.loss <= -_SEEN
    ]
    lines += [
        other(f"one more {'person of' if each.kind == 'person' else 'unit of'} {each.id}", each)
        for each in found.means
        if each.loss <= -_SEEN
    ]
    return lines
