"""Mandates: offered to an LEI, accepted by the agent, in force for a time and a scope, refused outside of both."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import ProgrammingError

from api import return_bodies
from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.compute import return_actions, return_lists
from registry.compute.models import Upload
from registry.errors import Invalid, NotFound, NotPermitted, NotPossible
from registry.filings import actions as filings
from registry.filings.actions import NewFiling
from registry.filings.models import Filing, Transition, Version
from registry.ledger.models import Entry
from registry.onboarding import mandate_actions as mandates
from registry.organisations.models import Mandate, Organisation
from tests.conftest import person
from tests.documents import planned_run
from tests.registry.compute import records

ENROLLER = of_the_register("enroller")
LEI = "529900T8BM49AURSDO55"
Give = Callable[..., Mandate]


@pytest.fixture
def hugo(aurelia: Organisation) -> Actor:
    """Administers Aurelia, the principal."""
    return person("provider_administrator", organisation=aurelia, name="Hugo")


@pytest.fixture
def carla(cantabria: Organisation) -> Actor:
    """Administers Cantabria, the agent."""
    Organisation.objects.filter(id=cantabria.id).update(lei=LEI)
    return person("provider_administrator", organisation=cantabria, name="Carla")


@pytest.fixture
def give(hugo: Actor, carla: Actor, noon: datetime) -> Give:
    """Gives, places and accepts a mandate around today's real day, which the database reads."""

    def given(*scopes: str, days: int = 30, accept: bool = True, agent_person: str = "") -> Mandate:
        with acting_as(hugo):
            made = mandates.give(
                agent_lei=LEI,
                scopes=scopes or ("read", "file"),
                starts_at=noon - timedelta(days=1),
                ends_at=noon + timedelta(days=days),
                agent_person=agent_person,
                by=hugo,
                at=noon,
            )
        with acting_as(ENROLLER):
            assert mandates.place(by=ENROLLER, at=noon) == 1
        if accept:
            with acting_as(carla):
                mandates.accept(mandate=made.id, by=carla, at=noon)
        return Mandate.objects.get(id=made.id)

    return given


def _as_agent(mandate: Mandate, by: Actor, at: datetime) -> Actor:
    with acting_as(by, read_only=True):
        return mandates.on_behalf(mandate=mandate.id, by=by, at=at)


def test_an_agent_files_for_its_principal_and_that_is_written_everywhere(
    give: Give, carla: Actor, hugo: Actor, aurelia: Organisation, noon: datetime
) -> None:
    mandate = give()
    agent = _as_agent(mandate, carla, noon)
    assert (agent.organisation, agent.agent, agent.mandate) == (aurelia.id, carla.organisation, mandate.id)
    with acting_as(agent):
        outcome = filings.file([NewFiling(planned_run())], by=agent, at=noon)[0]
    assert outcome.refusal is None
    assert Filing.objects.get().organisation_id == aurelia.id
    assert Version.objects.get().mandate_id == Transition.objects.get().mandate_id == mandate.id
    assert Transition.objects.get().actor_name == "Carla (Cantabria IA)"
    assert Entry.objects.get(kind="filing.submitted").mandate == mandate.id
    with acting_as(hugo):
        assert Filing.objects.visible_to(hugo).count() == 1
    with acting_as(carla):
        assert not Filing.objects.exists()


def test_an_agent_sends_and_submits_returns_and_that_is_written_everywhere(
    give: Give, carla: Actor, hugo: Actor, aurelia: Organisation, noon: datetime
) -> None:
    records.lend(aurelia)
    row = records.opened(hugo, noon)
    mandate = give("returns")
    agent = _as_agent(mandate, carla, noon)
    records.taken(records.sent(row, records.ndjson([records.line(1)]), agent, noon), noon)
    with acting_as(agent):
        seen = return_lists.found(row.reference, agent)
        made = return_actions.submit(reference=row.reference, revision=seen.revision, by=agent, at=noon)
        told, receipt = return_bodies.version(made.version), return_bodies.receipt(made.version)
    assert made.version.mandate_id == Upload.objects.get().mandate_id == mandate.id
    assert Entry.objects.get(kind="return.submitted").mandate == mandate.id
    assert told["mandate"] == receipt["receipt"]["mandate"] == str(mandate.id)
    with acting_as(hugo):
        assert return_lists.version_of(made.monthly_return, 1, hugo).mandate_id == mandate.id
    with acting_as(carla), pytest.raises(NotFound):
        return_lists.found(row.reference, carla)


def test_who_may_file_for_another_may_not_send_its_returns(
    give: Give, carla: Actor, hugo: Actor, aurelia: Organisation, noon: datetime
) -> None:
    records.lend(aurelia)
    row = records.opened(hugo, noon)
    agent = _as_agent(give("file"), carla, noon)
    with acting_as(agent), pytest.raises(NotPermitted):
        return_actions.submit(reference=row.reference, revision=row.revision, is_none=True, by=agent, at=noon)


@pytest.mark.parametrize(
    ("scopes", "may_file"), [(("read",), False), (("draft",), False), (("answer",), False), (("file",), True)]
)
def test_a_scope_permits_its_acts_and_no_others(
    give: Give, carla: Actor, noon: datetime, scopes: tuple[str, ...], may_file: bool
) -> None:
    agent = _as_agent(give(*scopes), carla, noon)
    with acting_as(agent):
        if may_file:
            assert filings.file([NewFiling(planned_run())], by=agent, at=noon)[0].refusal is None
        else:
            with pytest.raises(NotPermitted):
                filings.file([NewFiling(planned_run())], by=agent, at=noon)
    assert not {"webhook_manage", "mandate_manage", "organisation_state"} & agent.permissions


def test_a_mandate_gives_no_more_than_the_agent_may_for_itself(
    give: Give, cantabria: Organisation, noon: datetime
) -> None:
    reader = person("provider_reader", organisation=cantabria)
    assert _as_agent(give(), reader, noon).permissions == {"filing_read", "receipt_read"}


@pytest.mark.parametrize("end", ["expired", "revoked", "not accepted", "not yet"])
def test_a_mandate_that_is_not_in_force_is_refused(
    give: Give, carla: Actor, hugo: Actor, noon: datetime, end: str
) -> None:
    mandate = give(accept=end != "not accepted")
    if end == "revoked":
        with acting_as(hugo):
            mandates.revoke(mandate=mandate.id, by=hugo, at=noon)
    at = {"expired": noon + timedelta(days=30), "not yet": noon - timedelta(days=2)}.get(end, noon)
    with pytest.raises(NotPermitted):
        _as_agent(mandate, carla, at)


def test_the_database_alone_refuses_what_is_over_and_what_only_reads(give: Give, carla: Actor, noon: datetime) -> None:
    """The application's check is forged here: the row policies look at the mandate themselves."""
    mandate = give("read")
    agent = _as_agent(mandate, carla, noon)
    forged = Actor(**{**vars(agent), "permissions": carla.permissions})
    with pytest.raises(ProgrammingError, match="row-level security"), acting_as(forged):
        filings.file([NewFiling(planned_run())], by=forged, at=noon)


def test_the_database_alone_hides_everything_once_the_mandate_is_revoked(
    give: Give, carla: Actor, hugo: Actor, alice: Actor, noon: datetime
) -> None:
    with acting_as(alice):
        filings.file([NewFiling(planned_run())], by=alice, at=noon)
    mandate = give("read")
    agent = _as_agent(mandate, carla, noon)
    with acting_as(agent):
        assert Filing.objects.count() == Organisation.objects.count() == Mandate.objects.count() == 1
    with acting_as(hugo):
        mandates.revoke(mandate=mandate.id, by=hugo, at=noon)
    with acting_as(agent):
        assert Filing.objects.count() == Organisation.objects.count() == 0


def test_a_mandate_for_one_person_is_that_persons_alone(give: Give, carla: Actor, noon: datetime) -> None:
    mandate = give(agent_person="carla@cantabria.example")
    with acting_as(carla), pytest.raises(NotPermitted):
        mandates.on_behalf(mandate=mandate.id, by=carla, at=noon, email="other@cantabria.example")
    with acting_as(carla):
        acting = mandates.on_behalf(mandate=mandate.id, by=carla, at=noon, email="Carla@cantabria.example")
    assert acting.mandate == mandate.id


def test_the_principal_cannot_accept_for_the_agent_even_past_the_application(
    give: Give, hugo: Actor, noon: datetime
) -> None:
    mandate = give(accept=False)
    with acting_as(hugo), pytest.raises(NotPermitted):
        mandates.accept(mandate=mandate.id, by=hugo, at=noon)
    with pytest.raises(ProgrammingError, match="by the agent"), acting_as(hugo):
        Mandate.objects.filter(id=mandate.id).update(accepted_at=noon)


def test_an_offer_to_an_unknown_lei_looks_like_any_other(hugo: Actor, noon: datetime) -> None:
    with acting_as(hugo):
        made = mandates.give(
            agent_lei="5493001KJTIIGC8Y1R12",
            scopes=["read"],
            starts_at=noon,
            ends_at=noon + timedelta(days=1),
            by=hugo,
            at=noon,
        )
    with acting_as(ENROLLER):
        assert mandates.place(by=ENROLLER, at=noon) == 0
    with acting_as(hugo):
        assert [each.id for each in mandates.listed(by=hugo)] == [made.id]


def test_a_stranger_sees_no_mandate(give: Give, noon: datetime, registrar: Actor) -> None:
    mandate = give()
    with acting_as(registrar):
        other = Organisation(
            legal_name="X", seat_country="IT", territory="IT", is_developer=True, holding="X", registered_at=noon
        )
        other.save()
    stranger = person("provider_administrator", organisation=other)
    with acting_as(stranger):
        assert mandates.listed(by=stranger) == []
        assert not Mandate.objects.exists()
        with pytest.raises(NotFound):
            mandates.accept(mandate=mandate.id, by=stranger, at=noon)


def test_a_mandate_is_not_passed_on(give: Give, carla: Actor, noon: datetime) -> None:
    mandate = give()
    agent = _as_agent(mandate, carla, noon)
    with acting_as(agent), pytest.raises(NotPermitted):
        mandates.on_behalf(mandate=mandate.id, by=agent, at=noon)
    with acting_as(agent), pytest.raises(NotPermitted):
        mandates.give(agent_lei=LEI, scopes=["read"], starts_at=noon, ends_at=noon, by=agent, at=noon)


def test_terms_that_do_not_hold_are_refused_at_once(hugo: Actor, noon: datetime) -> None:
    with acting_as(hugo), pytest.raises(Invalid) as refused:
        mandates.give(agent_lei="x", scopes=["rule"], starts_at=noon, ends_at=noon, by=hugo, at=noon)
    assert {each.pointer for each in refused.value.obstacles} == {"/agent_lei", "/scopes", "/ends_at"}


def test_an_offer_can_be_declined_once(give: Give, carla: Actor, noon: datetime) -> None:
    mandate = give(accept=False)
    with acting_as(carla):
        mandates.decline(mandate=mandate.id, by=carla, at=noon)
    with acting_as(carla), pytest.raises(NotPossible):
        mandates.accept(mandate=mandate.id, by=carla, at=noon)
