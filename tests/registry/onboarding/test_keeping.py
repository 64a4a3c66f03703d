"""What the register keeps by the clock: yearly confirmations are opened, reminded of, marked; idle accounts end."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from registry.accounts import actions as accounts
from registry.accounts.models import Membership, User
from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.dispatch.models import Event
from registry.errors import NotPermitted, NotPossible, Stale
from registry.ledger.models import Entry
from registry.onboarding import confirmations, idle, statements
from registry.onboarding.confirmations import State
from registry.onboarding.models import Confirmation, IdleNotice, Letter
from registry.organisations.models import Organisation, Statement
from tests.conftest import person
from tests.registry.onboarding.conftest import ENROLLER, content

YEAR = timedelta(days=365)


@pytest.fixture
def enrol(db: None, registrar: Actor, aurelia: Organisation, noon: datetime) -> Callable[..., User]:
    """Gives Aurelia a person."""

    def enrolled(role: str = "provider_administrator", email: str = "hugo@aurelia.example") -> User:
        with acting_as(registrar):
            return accounts.grant(
                email=email, name="Hugo", password=None, role=role, place=aurelia, by=registrar, at=noon
            )

    return enrolled


def _keep(at: datetime) -> int:
    with acting_as(ENROLLER):
        return confirmations.keep(by=ENROLLER, at=at)


def _idle(at: datetime) -> tuple[int, int]:
    with acting_as(ENROLLER):
        return idle.keep(by=ENROLLER, at=at)


@pytest.mark.parametrize(
    ("days", "confirmed", "state"),
    [
        (-31, None, State.OPEN),
        (-30, None, State.DUE_SOON),
        (0, None, State.DUE_SOON),
        (1, None, State.OVERDUE),
        (9, 0, State.CONFIRMED),
        (9, 1, State.CONFIRMED_LATE),
    ],
)
def test_a_confirmation_stands_as_its_days_say(noon: datetime, days: int, confirmed: int | None, state: State) -> None:
    given = None if confirmed is None else noon + timedelta(days=confirmed)
    assert confirmations.state_at(noon, given, noon + timedelta(days=days)) is state


def test_the_first_is_due_a_year_after_the_entry_and_for_old_ones_at_the_next_anniversary(noon: datetime) -> None:
    due = confirmations.next_due
    assert due(registered_at=noon, confirmed_at=None, at=noon) == noon + YEAR
    assert due(registered_at=noon, confirmed_at=None, at=noon + 2.5 * YEAR) == noon + 3 * YEAR
    assert due(registered_at=noon, confirmed_at=noon + YEAR, at=noon + YEAR) == noon + 2 * YEAR


def test_administrators_are_reminded_once_and_told_once_when_late(
    enrol: Callable[..., User], aurelia: Organisation, noon: datetime
) -> None:
    enrol()
    enrol("provider_reader", "bob@aurelia.example")
    assert [_keep(noon), _keep(noon)] == [1, 0]
    for at in (noon + YEAR - timedelta(days=29), noon + YEAR - timedelta(days=28)):
        _keep(at)
    for at in (noon + YEAR + timedelta(days=1), noon + YEAR + timedelta(days=2)):
        _keep(at)
    assert list(Letter.objects.order_by("created_at").values_list("kind", "address")) == [
        ("confirmation_due", "hugo@aurelia.example"),
        ("confirmation_late", "hugo@aurelia.example"),
    ]
    kinds = Event.objects.filter(kind__startswith="organisation.").order_by("id").values_list("kind", flat=True)
    assert list(kinds) == [confirmations.DUE, confirmations.LATE]


def test_a_confirmation_names_the_statement_it_confirms_and_opens_the_next(
    aurelia: Organisation, noon: datetime
) -> None:
    _keep(noon)
    hugo = person("provider_administrator", organisation=aurelia, name="Hugo")
    with acting_as(hugo), pytest.raises(NotPossible, match="not stated"):
        confirmations.confirm(number=0, by=hugo, at=noon)
    stated = content(lei="", euid="FR7501.552100554", legal_name="Aurelia Research")
    Organisation.objects.update(euid="FR7501.552100554")
    with acting_as(hugo):
        statements.state(content=stated, reason="First", number=0, by=hugo, at=noon)
    with acting_as(hugo), pytest.raises(Stale):
        confirmations.confirm(number=0, by=hugo, at=noon)
    with acting_as(hugo):
        given = confirmations.confirm(number=1, by=hugo, at=noon)
    assert (given.confirmed_at, given.confirmed_by_name) == (noon, "Hugo")
    assert given.statement == Statement.objects.get()
    assert Entry.objects.filter(kind=confirmations.CONFIRMED).count() == 1
    _keep(noon)
    assert Confirmation.objects.get(confirmed_at__isnull=True).due_at == noon + YEAR


def test_an_idle_account_is_reminded_and_then_ends(enrol: Callable[..., User], noon: datetime) -> None:
    user = enrol()
    assert _idle(noon + timedelta(days=149)) == (0, 0)
    assert _idle(noon + timedelta(days=150)) == (1, 0)
    assert _idle(noon + timedelta(days=179)) == (0, 0)
    assert _idle(noon + timedelta(days=180)) == (0, 1)
    user.refresh_from_db()
    assert not user.is_active
    assert Membership.objects.get().ends_at == noon + timedelta(days=180)
    assert Entry.objects.get(kind=idle.ENDED).subject == f"person:{user.id}"
    assert [letter.kind for letter in Letter.objects.all()] == ["account_idle"]


def test_who_comes_back_stays(enrol: Callable[..., User], noon: datetime) -> None:
    user = enrol()
    _idle(noon + timedelta(days=150))
    User.objects.filter(id=user.id).update(last_login=noon + timedelta(days=160))
    assert _idle(noon + timedelta(days=200)) == (0, 0)
    assert IdleNotice.objects.get().returned_at == noon + timedelta(days=200)
    user.refresh_from_db()
    assert user.is_active


def test_nobody_ends_without_thirty_days_of_notice(enrol: Callable[..., User], noon: datetime) -> None:
    enrol()
    assert _idle(noon + timedelta(days=900)) == (1, 0)
    assert _idle(noon + timedelta(days=929)) == (0, 0)
    assert _idle(noon + timedelta(days=930)) == (0, 1)


def test_only_the_registers_own_hand_keeps(aurelia: Organisation, noon: datetime) -> None:
    hugo = person("provider_administrator", organisation=aurelia)
    for keep in (confirmations.keep, idle.keep):
        with acting_as(hugo), pytest.raises(NotPermitted):
            keep(by=hugo, at=noon)
    assert of_the_register("enroller").permissions >= {"account_end", "organisation_remind"}
