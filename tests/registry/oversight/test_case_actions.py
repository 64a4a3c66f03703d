"""From findings to cases: opened once, joined by what belongs together, closed by whoever has them, opened again."""

from datetime import timedelta
from uuid import uuid4

import pytest

from registry.acting import Actor, acting_as
from registry.dispatch.models import Event
from registry.errors import Conflict, DomainError, Invalid, NotFound, NotPermitted, NotPossible, Stale
from registry.ledger.models import Entry
from registry.organisations.models import Organisation
from registry.oversight import case_actions, case_opening, case_queries
from registry.oversight.case_actions import Decision
from registry.oversight.case_queries import Sought
from registry.oversight.models import Case, CaseFinding, CaseStep
from tests.registry.oversight.cases import NOON, PURPOSE, SCREENER, finding, officer, person_of

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)
CONFIRMED = Decision("hidden_party", "The customer’s owner is another than stated.")
DISMISSED = Decision("wrong_data", "The access log was of another month.")


def opened() -> list[Case]:
    with acting_as(SCREENER):
        return case_opening.open_due(by=SCREENER, at=NOON)


def taken(case: Case, by: Actor) -> Case:
    with acting_as(by):
        case_actions.assign(references=[case.reference], to=person_of(by), by=by, at=NOON)
        return Case.objects.get(pk=case.pk)


def closed(case: Case, by: Actor, decision: Decision = CONFIRMED) -> Case:
    with acting_as(by):
        return case_actions.close(reference=case.reference, revision=case.revision, decision=decision, by=by, at=LATER)


def kinds(case: Case, by: Actor) -> list[str]:
    with acting_as(by):
        return list(CaseStep.objects.visible_to(by).filter(case=case).order_by("id").values_list("kind", flat=True))


# --- opening --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("severity", "count"), [("stop", 1), ("high", 1), ("medium", 0), ("low", 0)])
def test_what_weighs_enough_opens_a_case_by_itself(aurelia: Organisation, severity: str, count: int) -> None:
    finding(aurelia, severity=severity)
    assert len(opened()) == count
    assert opened() == [], "once"


def test_a_case_tells_whom_it_is_about_and_is_recorded(aurelia: Organisation, olga: Actor) -> None:
    finding(aurelia)
    (case,) = opened()
    assert (case.title, case.territory, case.severity, case.state) == ("Sud Calcul SAS", "FR", "high", "open")
    assert case.reference.startswith("CASE-2026-")
    assert kinds(case, olga) == ["opened"]
    with acting_as(olga):
        step = CaseStep.objects.get()
        assert Entry.objects.filter(index=step.entry_id).exists()
        assert step.details["rules"] == ["R-15"]


def test_findings_of_one_group_are_one_case_in_each_territory(
    aurelia: Organisation, cantabria: Organisation, nora: Actor
) -> None:
    for organisation in (aurelia, cantabria):
        finding(organisation, rule="R-15")
        finding(organisation, rule="R-09", severity="stop")
    finding(aurelia, group_key="lei:OTHER", subject_name="Other SA")
    cases = opened()
    assert sorted((case.territory, case.title) for case in cases) == [
        ("ES", "Sud Calcul SAS"), ("FR", "Other SA"), ("FR", "Sud Calcul SAS"),
    ]  # fmt: skip
    french = next(case for case in cases if (case.territory, case.title) == ("FR", "Sud Calcul SAS"))
    assert french.severity == "stop"
    with acting_as(nora):
        assert [case.territory for case in case_queries.linked_cases(french, nora)] == ["ES"]


def test_a_further_finding_joins_the_open_case(aurelia: Organisation, olga: Actor) -> None:
    finding(aurelia)
    (case,) = opened()
    finding(aurelia, rule="R-22", severity="stop")
    (again,) = opened()
    assert (again.pk, again.severity) == (case.pk, "stop")
    assert kinds(case, olga) == ["opened", "finding_added"]


def test_a_further_finding_opens_a_closed_case_again(aurelia: Organisation) -> None:
    marie = officer()
    finding(aurelia)
    (case,) = opened()
    closed(taken(case, marie), marie)
    finding(aurelia, rule="R-11")
    (again,) = opened()
    assert (again.pk, again.state, again.outcome, again.assigned_to) == (case.pk, "open", "", None)
    assert kinds(case, marie) == ["opened", "assigned", "closed", "reopened"]
    with acting_as(marie):
        outcomes = dict(CaseFinding.objects.filter(case=case).values_list("finding__rule", "outcome"))
    assert outcomes == {"R-15": "confirmed", "R-11": ""}, "what was decided stays decided"


def test_an_officer_takes_up_a_finding_that_waits(aurelia: Organisation, olga: Actor) -> None:
    low = finding(aurelia, severity="low")
    with acting_as(olga):
        waiting = case_queries.findings(olga, Sought(standing="waiting"))
        assert [each.id for each in waiting] == [low]
        (case,) = case_opening.open_case(findings=[low], text="Worth a look.", by=olga, at=NOON)
        assert not case_queries.findings(olga, Sought(standing="waiting")).exists()
        assert case_queries.findings(olga, Sought(standing="open")).get().case_reference == case.reference
        with pytest.raises(Conflict, match=case.reference):
            case_opening.open_case(findings=[low], text="", by=olga, at=NOON)
    finding(aurelia)
    assert [each.pk for each in opened()] == [case.pk], "what screening finds later joins it"


def test_low_findings_of_the_same_party_are_shown_beside_its_case(aurelia: Organisation, olga: Actor) -> None:
    finding(aurelia)
    low = finding(aurelia, rule="R-12", severity="low")
    finding(aurelia, group_key="lei:OTHER", severity="low")
    (case,) = opened()
    with acting_as(olga):
        assert [each.id for each in case_queries.linked_findings(case, olga)] == [low]


# --- who sees and who may ------------------------------------------------------------------------------------------


def test_officers_see_their_territory_the_ai_office_all_and_providers_nothing(
    aurelia: Organisation, olga: Actor, pedro: Actor, nora: Actor, alice: Actor, ana: Actor
) -> None:
    number = finding(aurelia)
    (case,) = opened()
    seen = {}
    for actor in (olga, pedro, nora, alice, ana):
        with acting_as(actor):
            seen[actor.name] = Case.objects.visible_to(actor).count()
    assert seen == {"Olga": 1, "Pedro": 0, "Nora": 1, "Alice": 0, "Ana": 0}
    for stranger in (pedro, alice):
        for act in (
            lambda by: case_actions.look_at(reference=case.reference, purpose=PURPOSE, by=by, at=NOON),
            lambda by: case_actions.assign(references=[case.reference], to=None, by=by, at=NOON),
            lambda by: case_actions.write_note(reference=case.reference, text="x", by=by, at=NOON),
            lambda by: case_actions.close(reference=case.reference, revision=0, decision=CONFIRMED, by=by, at=NOON),
            lambda by: case_actions.reopen(reference=case.reference, revision=0, reason="x" * 20, by=by, at=NOON),
            lambda by: case_opening.open_case(findings=[number], text="", by=by, at=NOON),
        ):
            with acting_as(stranger), pytest.raises(NotFound):
                act(stranger)


def test_what_no_state_may_see_whole_is_a_case_of_the_union(aurelia: Organisation, olga: Actor, nora: Actor) -> None:
    finding(aurelia, territory="EU")
    (case,) = opened()
    assert case.territory == "EU"
    with acting_as(olga):
        assert not Case.objects.visible_to(olga).exists()
    with acting_as(nora):
        assert Case.objects.visible_to(nora).get().pk == case.pk


def test_the_database_keeps_cases_apart_without_the_application(
    aurelia: Organisation, pedro: Actor, olga: Actor
) -> None:
    finding(aurelia)
    opened()
    for actor, count in ((pedro, 0), (olga, 1)):
        with acting_as(actor):
            assert [Case.objects.count(), CaseFinding.objects.count(), CaseStep.objects.count()] == [count] * 3


# --- working on a case ----------------------------------------------------------------------------------------------


def test_a_case_is_given_to_people_of_ones_own_authority_alone(aurelia: Organisation) -> None:
    marie, jean, pablo = officer(name="Marie"), officer(name="Jean"), officer("ES", name="Pablo")
    analyst = officer("FR", role="analyst", name="Anne")
    finding(aurelia)
    (case,) = opened()
    with acting_as(marie):
        assert [each.user.name for each in case_actions.colleagues(marie, NOON)] == ["Jean", "Marie"]
        case_actions.assign(references=[case.reference], to=person_of(jean), by=marie, at=NOON)
        case.refresh_from_db()
        assert (case.state, case.assigned_name) == ("assigned", "Jean")
        for nobody in (person_of(pablo), person_of(analyst), uuid4()):
            with pytest.raises(Invalid):
                case_actions.assign(references=[case.reference], to=nobody, by=marie, at=NOON)
        case_actions.assign(references=[case.reference], to=None, by=marie, at=NOON)
        case.refresh_from_db()
        assert (case.state, case.assigned_to) == ("open", None)
    assert kinds(case, marie) == ["opened", "assigned", "released"]


def test_several_are_assigned_at_once_or_none(aurelia: Organisation) -> None:
    marie = officer(name="Marie")
    for name in ("A", "B"):
        finding(aurelia, group_key=f"lei:{name}")
    cases = opened()
    references = [case.reference for case in cases]
    with acting_as(marie):
        with pytest.raises(NotFound):
            case_actions.assign(references=[*references, "CASE-2026-999999-0"], to=person_of(marie), by=marie, at=NOON)
        assert not Case.objects.filter(state="assigned").exists()
        case_actions.assign(references=references, to=person_of(marie), by=marie, at=NOON)
        assert Case.objects.filter(assigned_to=person_of(marie)).count() == 2


def test_of_two_officers_at_once_the_second_is_told_to_read_again(aurelia: Organisation) -> None:
    marie, jean = officer(name="Marie"), officer(name="Jean")
    finding(aurelia)
    (case,) = opened()
    seen = case.revision
    with acting_as(marie):
        case_actions.assign(references=[case.reference], to=person_of(marie), by=marie, at=NOON, revision=seen)
    with acting_as(jean), pytest.raises(Stale):
        case_actions.assign(references=[case.reference], to=person_of(jean), by=jean, at=NOON, revision=seen)
    case.refresh_from_db()
    assert case.assigned_name == "Marie"
    with acting_as(marie), pytest.raises(Stale):
        case_actions.close(reference=case.reference, revision=seen, decision=CONFIRMED, by=marie, at=NOON)
    with acting_as(marie):
        assert not CaseFinding.objects.exclude(outcome="").exists()


@pytest.mark.parametrize(
    ("decision", "refusal"),
    [
        (Decision("?", "A good reason indeed."), Invalid),
        (Decision("wrong_data", "short"), Invalid),
        (Decision("wrong_data", "x" * 2001), Invalid),
        (Decision("wrong_data", "A good reason indeed.", {0: "?"}), Invalid),
    ],
)
def test_a_case_is_not_closed_without_a_reason(
    aurelia: Organisation, decision: Decision, refusal: type[DomainError]
) -> None:
    marie = officer()
    finding(aurelia)
    case = taken(opened()[0], marie)
    with pytest.raises(refusal):
        closed(case, marie, decision)


def test_only_who_has_a_case_closes_it(aurelia: Organisation) -> None:
    marie, jean = officer(name="Marie"), officer(name="Jean")
    finding(aurelia)
    (case,) = opened()
    with pytest.raises(NotPossible):
        closed(case, marie)
    case = taken(case, marie)
    with pytest.raises(NotPermitted):
        closed(case, jean)
    assert closed(case, marie).state == "closed"
    with acting_as(marie), pytest.raises(NotPossible):
        case_actions.write_note(reference=case.reference, text="Too late.", by=marie, at=NOON)


def test_each_finding_has_its_own_outcome_and_the_case_the_weightiest(aurelia: Organisation) -> None:
    marie = officer()
    first, second = finding(aurelia), finding(aurelia, rule="R-12")
    case = taken(opened()[0], marie)
    contradicting = Decision("wrong_data", "Nothing is left of it.", {second: "hidden_party"})
    with pytest.raises(Invalid):
        closed(case, marie, contradicting)
    mixed = Decision("hidden_party", "Owner found in the land register.", {second: "rule_too_wide"})
    assert closed(case, marie, mixed).outcome == "confirmed"
    with acting_as(marie):
        outcomes = dict(CaseFinding.objects.values_list("finding_id", "outcome"))
    assert outcomes == {first: "confirmed", second: "dismissed"}


def test_a_closed_case_is_looked_at_anew_for_a_reason(aurelia: Organisation) -> None:
    marie = officer()
    finding(aurelia)
    case = closed(taken(opened()[0], marie), marie, DISMISSED)
    with acting_as(marie):
        with pytest.raises(Invalid):
            case_actions.reopen(reference=case.reference, revision=case.revision, reason="", by=marie, at=LATER)
        again = case_actions.reopen(
            reference=case.reference, revision=case.revision, reason="New evidence came in.", by=marie, at=LATER
        )
    assert (again.state, again.outcome, again.assigned_to) == ("open", "", None)
    assert kinds(case, marie)[-1] == "reopened"


def test_a_look_is_noted_once_a_day_for_each_purpose(aurelia: Organisation, olga: Actor) -> None:
    finding(aurelia)
    (case,) = opened()
    for at in (NOON, LATER, NOON + timedelta(days=1)):
        with acting_as(olga):
            case_actions.look_at(reference=case.reference, purpose=PURPOSE, by=olga, at=at)
    assert kinds(case, olga) == ["opened", "looked", "looked"]


def test_every_step_is_announced_or_recorded(aurelia: Organisation) -> None:
    marie = officer()
    finding(aurelia)
    case = taken(opened()[0], marie)
    with acting_as(marie):
        case = case_actions.write_note(reference=case.reference, text="Asked the bank.", by=marie, at=NOON)
    closed(case, marie)
    told = list(Event.objects.filter(kind__startswith="case.").order_by("id").values_list("kind", flat=True))
    assert told == ["case.opened", "case.assigned", "case.closed"]
    recorded = Entry.objects.filter(kind__startswith="case.", subject=case.reference).order_by("index")
    assert list(recorded.values_list("kind", flat=True)) == [
        "case.opened", "case.assigned", "case.noted", "case.closed",
    ]  # fmt: skip


def test_outcomes_feed_the_precision_of_the_rule(aurelia: Organisation) -> None:
    """The journey of findings: found, in a case, decided, counted."""
    marie = officer()
    for number, decision in enumerate([CONFIRMED, CONFIRMED, DISMISSED]):
        finding(aurelia, group_key=f"lei:{number}")
        closed(taken(opened()[0], marie), marie, decision)
    finding(aurelia, group_key="lei:WAITING")
    with acting_as(marie):
        found, precision = case_queries.precision_by_rule(marie)["R-15", "1"]
    assert found == 4
    assert (precision.confirmed, precision.dismissed, precision.waiting) == (2, 1, 1)
    assert str(precision.share) == "0.667"
