"""People and machines come from the registrar alone, in roles and with keys that fit."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from jwcrypto import jwk

from registry.accounts import actions
from registry.accounts.actions import LONGEST_KEY_LIFE
from registry.accounts.models import ClientKey, Membership, SpentAssertion, User
from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.errors import Invalid, NotPermitted
from registry.organisations.models import Authority, Organisation

pytestmark = pytest.mark.django_db


def _authority(territory: str) -> Authority:
    return Authority.objects.get(territory=territory)


def _public(**changes: Any) -> dict[str, Any]:
    key: dict[str, Any] = json.loads(jwk.JWK.generate(kty="EC", crv="P-256", kid="k-1").export_public())
    return {name: value for name, value in {**key, **changes}.items() if value is not None}


def _grant(by: Actor, role: str, place: Organisation | Authority, at: datetime, email: str = "A@Example.org") -> User:
    with acting_as(by):
        return actions.grant(email=email, name="A", password=None, role=role, place=place, by=by, at=at)


def _register(by: Actor, organisation: Organisation, at: datetime, **changes: Any) -> Any:
    given = {"public_jwk": _public(), "scopes": "filings:read", **changes}
    with acting_as(by):
        return actions.register_client(organisation=organisation, name="Pipeline", by=by, at=at, **given)


def test_a_person_is_made_with_one_membership_and_a_small_address(
    registrar: Actor, aurelia: Organisation, noon: datetime
) -> None:
    user = _grant(registrar, "provider_submitter", aurelia, noon)
    assert user.email == "a@example.org"
    assert not user.has_usable_password()
    membership = Membership.objects.get(user=user)
    assert (membership.organisation, membership.authority, membership.role) == (aurelia, None, "provider_submitter")
    assert membership.starts_at == noon


@pytest.mark.parametrize(
    ("role", "place"),
    [
        ("officer", "aurelia"),
        ("provider_reader", "FR"),
        ("ai_office_officer", "FR"),
        ("officer", "EU"),
        ("registrar", "EU"),
        ("screener", "FR"),
        ("emperor", "EU"),
        ("", "aurelia"),
    ],
)
def test_a_role_that_does_not_belong_there_is_refused(
    registrar: Actor, aurelia: Organisation, noon: datetime, role: str, place: str
) -> None:
    with pytest.raises(Invalid) as refused:
        _grant(registrar, role, aurelia if place == "aurelia" else _authority(place), noon)
    assert [obstacle.pointer for obstacle in refused.value.obstacles] == ["/role"]
    assert not User.objects.exists()


@pytest.mark.parametrize("who", ["alice", "olga", "nora", "ana"])
def test_nobody_else_makes_a_person(
    request: pytest.FixtureRequest, aurelia: Organisation, noon: datetime, who: str
) -> None:
    with pytest.raises(NotPermitted):
        _grant(request.getfixturevalue(who), "provider_submitter", aurelia, noon)


def test_a_machine_has_a_key_with_an_end_and_no_secret(registrar: Actor, aurelia: Organisation, noon: datetime) -> None:
    client = _register(registrar, aurelia, noon, scopes="filings:read webhooks:manage")
    assert (client.client_secret, client.organisation, client.authorization_grant_type) == (
        "",
        aurelia,
        "client-credentials",
    )
    key = ClientKey.objects.get(client=client)
    assert (key.key_id, key.starts_at, key.ends_at) == ("k-1", noon, noon + LONGEST_KEY_LIFE)
    assert timedelta(days=398) == LONGEST_KEY_LIFE


KEYS: dict[str, dict[str, Any]] = {
    "a private key": {"d": "AAAA"},
    "a symmetric key": {"kty": "oct", "k": "AAAA"},
    "an RSA key": {"kty": "RSA"},
    "another curve": {"crv": "P-384"},
    "a key for agreement": {"kty": "OKP", "crv": "X25519"},
    "no name": {"kid": None},
    "an empty name": {"kid": ""},
    "a long name": {"kid": "k" * 65},
    "a name that does not print": {"kid": "a\x00b"},
    "a name that is no text": {"kid": 7},
}


@pytest.mark.parametrize("what", sorted(KEYS))
def test_a_key_that_is_not_a_public_one_of_ours_is_refused(
    registrar: Actor, aurelia: Organisation, noon: datetime, what: str
) -> None:
    with pytest.raises(Invalid) as refused:
        _register(registrar, aurelia, noon, public_jwk=_public(**KEYS[what]))
    assert [obstacle.pointer for obstacle in refused.value.obstacles] == ["/public_jwk"]


@pytest.mark.parametrize("scopes", ["", " ", "everything", "filings:read everything"])
def test_a_scope_that_does_not_exist_is_refused(
    registrar: Actor, aurelia: Organisation, noon: datetime, scopes: str
) -> None:
    with pytest.raises(Invalid) as refused:
        _register(registrar, aurelia, noon, scopes=scopes)
    assert [obstacle.pointer for obstacle in refused.value.obstacles] == ["/scopes"]


def test_an_ed25519_key_is_as_good(registrar: Actor, aurelia: Organisation, noon: datetime) -> None:
    public = json.loads(jwk.JWK.generate(kty="OKP", crv="Ed25519", kid="ed").export_public())
    assert _register(registrar, aurelia, noon, public_jwk=public).keys.get().key_id == "ed"


def test_what_has_expired_is_deleted_and_the_rest_is_kept(
    registrar: Actor, aurelia: Organisation, noon: datetime
) -> None:
    client = _register(registrar, aurelia, noon)
    for jti, minutes in (("old", -1), ("new", 1)):
        SpentAssertion.objects.create(client=client, jti=jti, expires_at=noon + timedelta(minutes=minutes))
    housekeeper = of_the_register("housekeeper")
    with acting_as(housekeeper):
        assert actions.purge_expired(by=housekeeper, at=noon) == 1
    assert list(SpentAssertion.objects.values_list("jti", flat=True)) == ["new"]
    with pytest.raises(NotPermitted), acting_as(registrar):
        actions.purge_expired(by=registrar, at=noon)
