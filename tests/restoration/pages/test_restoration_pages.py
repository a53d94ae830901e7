"""The pages of the restoration: what a tired person reads at 03:10, and what two clicks record."""

import re
from collections.abc import Callable

import msgspec
import pytest
from django.test import Client
from restoration_island import CUT_MS, DATES, RestorationIsland
from small_case import PLAN

from releve.restoration.catalogue.sentences import Problem, kept
from releve.restoration.facts import CareReturned, DatesPublished, Lengths, PlanFailed, PublishedMoment
from releve.restoration.making.runtime_files import planner_wanted
from releve.restoration.sheets import symbol_of
from screens import words_of


def test_in_quiet_times_the_page_says_whether_a_plan_could_be_made_tonight(
    island: RestorationIsland, technician: Client
) -> None:
    """A catalogue that is missing is found missing before the crisis, not in it."""
    assert "il n’y a pas encore de catalogue" in words_of(technician.get("/restoration/"))

    island.catalogue()
    island.plan(adopted=False, starts_ms=island.now_ms)
    said = words_of(technician.get("/restoration/"))

    assert "Rien n’est coupé" in said
    assert "Dernier plan répété" in said
    assert "5 jours" in said  # imagerie: P80 at hour 120


def test_after_a_cut_the_page_says_the_next_care_with_the_date_that_holds(
    begun: RestorationIsland, technician: Client
) -> None:
    """A date that more often than not is too early sends patients to a machine that is off."""
    said = words_of(technician.get("/restoration/"))

    assert "Laboratoire" in said
    assert "à 80 % de chances" in said
    assert "Cut since" not in said
    assert "Coupure depuis" in said


def test_the_curve_is_that_of_the_whole_and_an_older_plan_keeps_its_own(
    begun: RestorationIsland, technician: Client
) -> None:
    """Dates of single things laid side by side promise less than the runs gave; old plans know nothing else."""
    curve = re.compile(r'<path class="p50" d="([^"]+)"')
    older = curve.search(technician.get("/restoration/?of=services").content.decode())
    # Two care functions: one from the second day on, both from the fourth.
    told = CareReturned(measure="services", p50=(0, 0, 1, 1, 2), p80=(0, 0, 0, 1, 2), p95=(0, 0, 0, 0, 1))
    begun.plan(returned=(told,))

    newer = curve.search(technician.get("/restoration/?of=services").content.decode())

    assert older
    assert newer
    assert newer[1] != older[1]
    heights = sorted({float(corner.split()[1]) for corner in newer[1].removeprefix("M").split("L")})
    top, middle, ground = heights
    assert middle == pytest.approx((top + ground) / 2, abs=0.2)
    # Of applications it says nothing: there the plan is drawn as before.
    assert curve.search(technician.get("/restoration/?of=applications").content.decode())


def test_a_date_that_has_gone_by_is_said_and_not_promised_again(
    begun: RestorationIsland, technician: Client
) -> None:
    """A date of last week, still on the wall, is why nobody believes the next one."""
    past = tuple(msgspec.structs.replace(one, p50=10, p80=20, p95=25) for one in DATES)
    begun.plan(dates=past, plan=msgspec.structs.replace(PLAN, id="plan-2"))

    assert "sa date est passée" in words_of(technician.get("/restoration/"))
    assert "Sa date est passée" in words_of(technician.get("/restoration/application/?id=PACS"))


def test_no_plain_date_of_a_plan_stands_for_a_return(begun: RestorationIsland, technician: Client) -> None:
    """The plan brings PACS back at hour 80, its P80 is hour 120: only the latter may be read as a promise."""
    said = words_of(technician.get("/restoration/application/?id=PACS"))

    assert "24 nov." in said  # hour 120
    assert re.search(r"de retour : 23 nov", said) is None
    assert "de retour : 24 nov. au plus tard" in said


def test_a_plan_made_since_is_shown_beside_the_one_in_force_until_somebody_takes_it(
    begun: RestorationIsland, technician: Client
) -> None:
    """Planned again at five in the morning; at eight everybody still worked by the old one."""
    assert "Un plan plus récent" not in words_of(technician.get("/restoration/"))
    begun.now_ms += 60_000
    newer = begun.plan(adopted=False, plan=msgspec.structs.replace(PLAN, id="plan-2"))

    page = technician.get("/restoration/")
    assert "Un plan plus récent, fait à 03:11, n’est pas en vigueur" in words_of(page)
    assert f"?plan={newer.replace('/', '%2F').replace('#', '%23')}".encode() in page.content.replace(
        b"a/1", b"a%2F1"
    )

    technician.post("/restoration/plan/adopt/", {"plan": newer, "act_key": "k1"})
    assert "Un plan plus récent" not in words_of(technician.get("/restoration/"))


def test_what_a_plan_goes_without_is_told_in_the_language_of_whoever_reads(
    begun: RestorationIsland, technician: Client
) -> None:
    """The engineer of the vendor reads English; what an older version wrote stays as it was written."""
    problem = Problem(
        code="skill-nobody", severity="stops", place="tasks[R1].team", ids=("R1",), facts={"skill": "net"}
    )
    begun.plan(
        plan=msgspec.structs.replace(PLAN, id="plan-2"), left_out=(kept(problem), "SG : une phrase d’avant")
    )

    assert "Réseau : personne n’a la compétence Réseau" in words_of(technician.get("/restoration/plan/"))
    technician.post("/choose/", {"language": "en"})
    english = words_of(technician.get("/restoration/plan/"))

    assert "nobody has the skill Réseau" in english
    assert "une phrase d’avant" in english


def test_a_sheet_that_comes_back_finds_its_task(begun: RestorationIsland, technician: Client) -> None:
    """A technician in the basement has paper; whoever sits upstairs scans it."""
    answer = technician.post("/restoration/tasks/scan/", {"code": symbol_of("P1")})

    assert answer.status_code == 302
    assert answer["Location"] == "/restoration/task/?id=P1&say=done"
    assert technician.post("/restoration/tasks/scan/", {"code": "RLV1|R|gone"}).status_code == 422


def test_who_does_not_plan_reads_and_does_not_write(
    begun: RestorationIsland, enter: Callable[..., Client]
) -> None:
    """Everybody may know when care comes back; forty people must not move the plan."""
    nurse = enter("nurse")

    assert "Laboratoire" in words_of(nurse.get("/restoration/"))
    assert 'name="state"' not in nurse.get("/restoration/tasks/").content.decode()
    for address in ("tasks/report/", "plan/ask/", "plan/adopt/", "catalogue/bring/", "what-if/"):
        assert nurse.post(f"/restoration/{address}", {}).status_code == 403


def test_a_plan_is_asked_for_once_and_the_planner_is_called(
    begun: RestorationIsland, technician: Client
) -> None:
    """The request is a fact: it survives whoever pressed and whatever restarts."""
    wanted = planner_wanted(begun.data, after_seconds=1e6)
    assert not wanted()

    technician.post("/restoration/plan/ask/", {"seconds": "30", "keep": "yes", "act_key": "k1"})

    asked = begun.last("restoration.plan-asked.1")
    assert asked["base"].startswith("a/1#")
    assert wanted()
    assert "Un plan se prépare" in words_of(technician.get("/restoration/plan/"))
    again = technician.post("/restoration/plan/ask/", {"seconds": "30", "act_key": "k2"})
    assert again.status_code == 422


def test_a_request_that_gave_no_plan_says_why(begun: RestorationIsland, technician: Client) -> None:
    """Silence would be waited for all night."""
    technician.post("/restoration/plan/ask/", {"seconds": "30", "act_key": "k1"})
    begun.tell(PlanFailed(asked=f"a/1#{len(begun.entries) - 1}", reason="too-long"))

    assert "La dernière demande n’a pas donné de plan" in words_of(technician.get("/restoration/plan/"))


def test_the_cell_puts_a_plan_in_force_by_name(island: RestorationIsland, cell: Client) -> None:
    """Forty people work by it: somebody answers for it."""
    island.catalogue()
    island.crisis()
    entry = island.plan(adopted=False)
    assert "Pas en vigueur" in words_of(cell.get("/restoration/plan/"))

    cell.post("/restoration/plan/adopt/", {"plan": entry, "act_key": "k1"})

    assert island.last("restoration.adopted.1")["by_name"] == "Yann LE GOFF"
    assert "En vigueur , Yann LE GOFF" in words_of(cell.get("/restoration/plan/"))


def test_a_plan_rehearsed_before_the_cut_is_not_in_force_after_it(
    island: RestorationIsland, technician: Client
) -> None:
    """Its dates counted from another night."""
    island.catalogue()
    kept, island.now_ms = island.now_ms, CUT_MS - 86_400_000
    island.plan(starts_ms=island.now_ms)
    island.now_ms = kept
    island.crisis()

    assert "Aucun plan n’est en vigueur" in words_of(technician.get("/restoration/"))


def test_announced_dates_are_the_p80_and_stand_beside_what_is_forecast_now(
    begun: RestorationIsland, cell: Client
) -> None:
    """Who was told a date sees at once when it no longer holds."""
    cell.post(
        "/restoration/plan/announce/", {"dates": ["service:imagerie"], "to": "chefs de pôle", "act_key": "k"}
    )
    later = tuple(msgspec.structs.replace(one, p80=one.p80 + 72) for one in DATES)
    begun.plan(dates=later, plan=msgspec.structs.replace(PLAN, id="plan-2"))

    said = words_of(cell.get("/restoration/"))

    assert "Dates annoncées" in said
    assert "24 nov." in said
    assert "27 nov." in said


def test_an_application_is_corrected_on_its_page_and_only_what_changed_is_said(
    begun: RestorationIsland, technician: Client
) -> None:
    """Hours, needs and impacts come from those who run it, one evening at a time."""
    page = technician.get("/restoration/catalogue/edit/?id=PACS").content.decode()
    fields = dict(re.findall(r'<input type="text" id="[^"]+" name="([^"]+)" value="([^"]*)"', page))
    import html

    typed = {name: html.unescape(value) for name, value in fields.items()}
    typed |= {"hours:P1": "72", "coverage:imagerie": "0: 0,114", "id": "PACS", "act_key": "k1"}

    technician.post("/restoration/catalogue/edit/", typed)

    said = begun.last("restoration.lines.1")["lines"]
    assert sorted((line["what"], line["id"]) for line in said) == [("service", "imagerie"), ("task", "P1")]
    wrong = technician.post("/restoration/catalogue/edit/", typed | {"hours:P1": "beaucoup", "act_key": "k2"})
    assert wrong.status_code == 422
    assert b'value="beaucoup"' in wrong.content


def test_codes_stand_beside_their_words_where_they_are_typed(
    begun: RestorationIsland, technician: Client
) -> None:
    """Whoever corrects a catalogue at night knows the applications by name, and nobody knows P1."""
    from releve.restoration.pages.catalogue_form import words_of_codes

    page = words_of(technician.get("/restoration/catalogue/edit/?id=PACS"))

    assert "RESEAU Cœur de réseau" in page
    assert "P1 Recopier les images" in page
    assert "Restaurer les données P1" in page
    names = {"A": "Annuaire", "sys": "Systèmes", "same": "same"}
    told = words_of_codes("A > P1, sys x 2; same, unknown", names, {"P1": "Recopier"})
    assert told == [("A", "Annuaire"), ("P1", "Recopier"), ("sys", "Systèmes")]


def test_what_is_tried_is_asked_as_facts(begun: RestorationIsland, technician: Client) -> None:
    """Whoever reads the answer in another language reads the question in it too."""
    answer = technician.post(
        "/restoration/what-if/", {"change": "people", "team": "sys", "people": "2", "act_key": "k1"}
    )
    assert answer.status_code == 302

    asked = begun.last("restoration.plan-asked.1")
    assert not asked.get("label")
    (event,) = msgspec.json.decode(asked["what_if"])
    assert (event["event"], len(event["people"])) == ("people-added", 2)
    assert "À l’essai : 2 de plus : Systèmes" in words_of(technician.get("/restoration/what-if/"))
    missing = technician.post("/restoration/what-if/", {"change": "infected", "act_key": "k2"})
    assert missing.status_code == 422


def test_what_was_tried_is_shown_against_the_plan_in_force(
    begun: RestorationIsland, technician: Client
) -> None:
    """Two days sooner for imaging: that is what the director asks."""
    technician.post(
        "/restoration/what-if/", {"change": "people", "team": "sys", "people": "2", "act_key": "k1"}
    )
    asked = f"a/1#{len(begun.entries) - 1}"
    from releve.restoration.facts import PlanMade
    from releve.restoration.plan import write_plan

    dates = tuple(msgspec.structs.replace(one, p80=one.p80 - 48) for one in DATES)
    better = msgspec.structs.replace(PLAN, id="p3", loss=PLAN.loss - 100)
    begun.tell(
        PlanMade(
            asked=asked, plan=write_plan(better).decode(), starts_at_us=CUT_MS // 3_600_000 * 3_600_000_000,
            now_hour=30, case_digest="d", dates=dates, what_if="[]",
            moved='{"loss_before": 1198.0, "repaired": 1228.4}',
        )
    )  # fmt: skip

    said = words_of(technician.get("/restoration/what-if/"))

    assert "100 unités de soin perdues en moins" in said
    assert "Le changement et tout ce qui a été dit depuis ce plan, dans le même ordre : +30." in said
    assert "Imagerie" in said
    assert (
        technician.post("/restoration/plan/adopt/", {"plan": f"a/1#{len(begun.entries) - 1}"}).status_code
        == 422
    )


def test_restored_waits_for_the_gate_and_in_service_for_a_name(
    begun: RestorationIsland, cell: Client
) -> None:
    """The wards go back to what is declared: the declaration asks the plan in force."""
    form = {
        "status": "restored", "applications": ["PACS"], "places": ["all"], "since": "", "reason": "attack",
        "note": "", "switch": "", "step": "review",
    }  # fmt: skip
    form["since"] = "21/11/2026 03:00"
    refused = cell.post("/declare/", form)
    assert refused.status_code == 422
    assert "n’est pas encore passée avec une preuve" in words_of(refused)

    begun.report("PG", "done", evidence="Analyse sans alerte")
    assert cell.post("/declare/", form).status_code == 200
    live = cell.post("/declare/", form | {"status": "live"})
    assert "Personne n’a encore signé" in words_of(live)

    cell.post(
        "/restoration/application/sign/",
        {"application": "PACS", "words": "Essayé en salle 3", "act_key": "k"},
    )
    assert begun.last("restoration.signed.1")["by_name"] == "Yann LE GOFF"
    assert cell.post("/declare/", form | {"status": "live"}).status_code == 200


def test_when_all_its_tasks_are_done_the_page_proposes_the_declaration(
    begun: RestorationIsland, cell: Client
) -> None:
    """What is back and not declared is written on paper for nothing."""
    begun.report("S1", "done")
    begun.report("SG", "done", evidence="Analyse sans alerte")

    page = cell.get("/restoration/").content.decode()

    assert "/declare/?status=restored&amp;application=SGL" in page


def test_what_is_wrong_with_a_plan_stands_on_its_page_in_words(
    begun: RestorationIsland, technician: Client
) -> None:
    """Whoever has moved bars by hand believes in them: what cannot be carried out is said before people are called."""
    begun.report("R1", "started", hours_ago=30)
    told = words_of(technician.get("/restoration/plan/"))

    assert "Ce qui ne va pas dans ce plan" in told
    assert "Selon quelles règles" in told
    early = tuple(
        msgspec.structs.replace(one, start=0, end=1) if one.task == "PG" else one for one in PLAN.tasks
    )
    entry = begun.plan(plan=msgspec.structs.replace(PLAN, id="by-hand", tasks=early), adopted=False)
    wrong = words_of(technician.get("/restoration/plan/", {"plan": entry}))
    assert "le plan ne peut pas être suivi tel quel" in wrong
    # By name, and each hour with its day.
    assert re.search(r" lecture, Accord commence le \d+ \w+", wrong)
    assert "Laboratoire, reconstruire commence" in wrong
    assert "tasks[" not in wrong


def test_a_plan_says_from_what_it_learned(begun: RestorationIsland, technician: Client) -> None:
    """Dates that move without anybody having touched the plan are not believed twice."""
    begun.plan(learned=Lengths(ended=10, kinds={"rebuild": 2.5, "scan": 0.8, "restore": 1.01}))

    page = words_of(technician.get("/restoration/plan/"))

    assert "tiennent compte de 10 tâches terminées" in page
    assert "reconstruire : 2,5 fois plus long qu’estimé analyser : 20 % de moins qu’estimé" in page
    assert "restaurer les données : " not in page


def test_a_plan_that_learned_nothing_says_nothing_of_it(begun: RestorationIsland, technician: Client) -> None:
    """On the first day there is nothing to learn from."""
    assert "Ce qu’ont appris" not in words_of(technician.get("/restoration/plan/"))


def test_what_others_lived_is_told_with_its_date_and_source_beside_what_it_can_be_compared_with(
    begun: RestorationIsland, technician: Client
) -> None:
    """Servers decrypted on a curve of patients compare nothing, and a figure without its source proves nothing."""
    care = words_of(technician.get("/restoration/"))
    systems = words_of(technician.get("/restoration/?of=applications"))

    assert (
        "Versailles, coupé le 3 déc. 2022, jour 14 (17 déc. 2022) : 60 % de l’activité. Source : Fran" in care
    )
    assert "serveurs déchiffrés" not in care
    assert (
        "UVM, coupé le 28 oct. 2020, jour 55 (22 déc. 2020) : 80 % des applications. Source : VTDigger"
        in systems
    )
    assert "lits ouverts" not in systems
    assert "non la même mesure" in care
    assert "non la même mesure" in systems


def test_a_plan_says_which_announced_dates_it_would_move(
    begun: RestorationIsland, technician: Client
) -> None:
    """Before it is put in force: whoever promised the date has to go and say it again."""
    begun.tell(
        DatesPublished(
            plan="a/1#5", by="ylegoff",
            dates=tuple(
                PublishedMoment(kind="service", id=id_, p80_us=(begun.now_ms + hours * 3_600_000) * 1000)
                for id_, hours in (("labo", 30), ("imagerie", 20))
            ),
        )
    )  # fmt: skip

    page = words_of(technician.get("/restoration/plan/"))

    said = page.partition("1 date annoncée recule de plus de deux jours par ce plan")[2]
    assert said.partition("+3")[0].strip().startswith("Quoi Annoncée Est Jours Imagerie")
