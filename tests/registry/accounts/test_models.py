"""What the database itself holds about people, memberships, keys and assertions."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError

from registry.accounts.models import ApiClient, ClientKey, Membership, SpentAssertion, User
from registry.organisations.models import Authority, Organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(db: None) -> User:
    """Somebody."""
    return User.objects.create_user("somebody@example.org", name="Somebody")


@pytest.fixture
def client(aurelia: Organisation) -> ApiClient:
    """A machine of Aurelia."""
    made: ApiClient = ApiClient.objects.create(organisation=aurelia, name="Pipeline", hash_client_secret=False)
    return made


def test_an_address_is_found_in_any_case(user: User) -> None:
    assert User.objects.get_by_natural_key("SomeBody@Example.ORG") == user


def test_a_membership_is_in_one_place(user: User, aurelia: Organisation, noon: datetime) -> None:
    authority = Authority.objects.get(territory="FR")
    with pytest.raises(IntegrityError, match="membership_in_one_place"):
        Membership.objects.create(user=user, organisation=aurelia, authority=authority, role="officer", starts_at=noon)


@pytest.mark.parametrize("days", [0, -1])
def test_a_membership_ends_after_it_starts(user: User, aurelia: Organisation, noon: datetime, days: int) -> None:
    with pytest.raises(IntegrityError, match="membership_ends_after_it_starts"):
        Membership.objects.create(
            user=user,
            organisation=aurelia,
            role="provider_reader",
            starts_at=noon,
            ends_at=noon + timedelta(days=days),
        )


def test_a_client_has_one_key_of_a_name(client: ApiClient, noon: datetime) -> None:
    key = {"client": client, "key_id": "k", "public_jwk": {}, "starts_at": noon, "ends_at": noon + timedelta(days=1)}
    ClientKey.objects.create(**key)
    with pytest.raises(IntegrityError, match="client_key_id"):
        ClientKey.objects.create(**key)


def test_an_assertion_is_spent_once(client: ApiClient, noon: datetime) -> None:
    SpentAssertion.objects.create(client=client, jti="one", expires_at=noon)
    with pytest.raises(IntegrityError, match="assertion_spent_once"):
        SpentAssertion.objects.create(client=client, jti="one", expires_at=noon)
