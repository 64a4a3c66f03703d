"""From a membership or a token to an actor: what holds now, where, and nothing more."""

from datetime import datetime, timedelta

import pytest

from registry.accounts import actors
from registry.accounts.models import ApiClient, Membership, User
from registry.accounts.policy import Permission
from registry.acting import Audience
from registry.organisations.models import Authority, Organisation

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=365)


@pytest.fixture
def user(db: None) -> User:
    """Somebody without a membership."""
    return User.objects.create_user("somebody@example.org", name="Somebody")


def _member(
    user: User, role: str, place: Organisation | str, *, starts_at: datetime, ends_at: datetime | None = None
) -> None:
    authority = Authority.objects.get(territory=place) if isinstance(place, str) else None
    organisation = place if isinstance(place, Organisation) else None
    Membership.objects.create(
        user=user, role=role, organisation=organisation, authority=authority, starts_at=starts_at, ends_at=ends_at
    )


def test_who_is_no_member_is_nobody(user: User, noon: datetime) -> None:
    assert actors.of_person(user, at=noon) is None


def test_a_provider_acts_for_its_organisation(user: User, aurelia: Organisation, noon: datetime) -> None:
    _member(user, "provider_reader", aurelia, starts_at=noon)
    actor = actors.of_person(user, at=noon)
    assert actor is not None
    assert (actor.audience, actor.organisation, actor.territory) == (Audience.PROVIDER, aurelia.id, "")
    seen = {"facility", "filing", "look", "mismatch", "organisation", "receipt", "return"}
    assert actor.permissions == {f"{what}_read" for what in seen}
    assert actor.id == f"person:{user.id}"


@pytest.mark.parametrize(
    ("role", "territory", "audience"),
    [("officer", "FR", Audience.OFFICER), ("ai_office_officer", "EU", Audience.AI_OFFICE)],
)
def test_an_officer_acts_for_a_territory(
    user: User, noon: datetime, role: str, territory: str, audience: Audience
) -> None:
    _member(user, role, territory, starts_at=noon)
    actor = actors.of_person(user, at=noon)
    assert actor is not None
    assert (actor.audience, actor.organisation, actor.territory) == (audience, None, territory)


@pytest.mark.parametrize(
    ("role", "place"),
    [
        ("ai_office_officer", "FR"),
        ("officer", "EU"),
        ("registrar", "EU"),
        ("screener", "EU"),
        ("provider_submitter", "FR"),
        ("emperor", "EU"),
    ],
)
def test_a_membership_that_cannot_be_is_nobodys_even_if_the_row_exists(
    user: User, noon: datetime, role: str, place: str
) -> None:
    _member(user, role, place, starts_at=noon)
    assert actors.of_person(user, at=noon) is None


def test_a_membership_counts_from_its_first_moment_until_before_its_last(
    user: User, aurelia: Organisation, noon: datetime
) -> None:
    _member(user, "provider_submitter", aurelia, starts_at=noon, ends_at=noon + YEAR)
    counts = {
        moment: actors.of_person(user, at=moment) is not None
        for moment in (noon - timedelta(microseconds=1), noon, noon + YEAR - timedelta(microseconds=1), noon + YEAR)
    }
    assert list(counts.values()) == [False, True, True, False]


def test_of_several_the_newest_counts_and_an_ended_one_gives_way(
    user: User, aurelia: Organisation, noon: datetime
) -> None:
    _member(user, "provider_reader", aurelia, starts_at=noon - 2 * YEAR)
    _member(user, "provider_administrator", aurelia, starts_at=noon - YEAR, ends_at=noon)
    before, now = (actors.of_person(user, at=at) for at in (noon - timedelta(days=1), noon))
    assert before is not None
    assert before.roles == {"provider_administrator"}
    assert now is not None
    assert now.roles == {"provider_reader"}


@pytest.mark.parametrize(
    ("scopes", "included", "missing"),
    [
        ("filings:read", Permission.FILING_READ, Permission.FILING_SUBMIT),
        ("filings:write", Permission.FILING_SUBMIT, Permission.WEBHOOK_MANAGE),
        ("webhooks:manage", Permission.WEBHOOK_MANAGE, Permission.FILING_READ),
        ("filings:read everything", Permission.FILING_READ, Permission.FILING_ACCEPT),
    ],
)
def test_a_machine_is_permitted_what_its_scopes_say(
    aurelia: Organisation, scopes: str, included: Permission, missing: Permission
) -> None:
    client = ApiClient(organisation=aurelia, name="Pipeline", client_id="c-1")
    actor = actors.of_client(client, scopes=scopes)
    assert included in actor.permissions
    assert missing not in actor.permissions
    assert (actor.audience, actor.organisation, actor.id) == (Audience.PROVIDER, aurelia.id, "client:c-1")


@pytest.mark.parametrize("scopes", ["", "everything", "filings:reads"])
def test_a_scope_that_does_not_exist_permits_nothing(aurelia: Organisation, scopes: str) -> None:
    assert not actors.of_client(ApiClient(organisation=aurelia, client_id="c-1"), scopes=scopes).permissions


def test_the_public_is_permitted_nothing() -> None:
    assert (actors.NOBODY.permissions, actors.NOBODY.audience) == (frozenset(), Audience.PUBLIC)
