"""Machine clients in people's hands: keys that are taken and refused, two persons to add, one to end, and expiry."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError
from jwcrypto import jwk

from registry.accounts import client_keys, clients
from registry.accounts.models import ApiClient, ClientKey, KeyWarning, Proposal, StaticKey
from registry.acting import Actor, acting_as
from registry.errors import Invalid, NotFound, NotPermitted, NotPossible
from registry.organisations.models import Organisation
from tests.conftest import NOON, person
from tests.registry.accounts.conftest import LATER, Told

pytestmark = pytest.mark.django_db
Decide = Callable[..., Proposal]


def _pair(kind: str = "EC", **more: str) -> jwk.JWK:
    return jwk.JWK.generate(kty=kind, crv="P-256" if kind == "EC" else "Ed25519", **more)


def _public(pair: jwk.JWK) -> str:
    return str(pair.export_public())


@pytest.fixture
def client(aurelia: Organisation, hugo: Actor, told: Told, decided: Decide) -> ApiClient:
    """A client of Aurelia, made as clients are: proposed, confirmed, carried out."""
    with acting_as(hugo):
        proposal = clients.propose_client(
            name="Pipeline",
            scopes=["filings:write", "filings:read"],
            key=_public(_pair(kid="first")),
            not_after=None,
            by=hugo,
            at=NOON,
            announce=told,
        )
    decided(proposal)
    return ApiClient.objects.get(organisation=aurelia)


def _propose_key(by: Actor, client: ApiClient, told: Told, key: str, not_after: datetime | None = None) -> Proposal:
    with acting_as(by):
        return clients.propose_key(
            client_id=client.client_id, key=key, not_after=not_after, by=by, at=NOON, announce=told
        )


@pytest.mark.parametrize("form", ["jwk", "pem"])
@pytest.mark.parametrize("kind", ["EC", "OKP"])
def test_a_public_key_is_read_as_jwk_and_as_pem(kind: str, form: str) -> None:
    pair = _pair(kind)
    text = _public(pair) if form == "jwk" else pair.export_to_pem().decode()
    read = client_keys.read(text)
    assert read.thumbprint == read.key_id == pair.thumbprint()
    assert set(read.public_jwk) <= {"kty", "crv", "x", "y", "kid"}


OFF_CURVE = json.dumps({"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"})
REFUSED = {
    "a private JWK": lambda: str(_pair().export(private_key=True)),
    "a private PEM": lambda: _pair().export_to_pem(private_key=True, password=None).decode(),
    "a shared secret": lambda: str(jwk.JWK.generate(kty="oct", size=256).export()),
    "RSA": lambda: str(jwk.JWK.generate(kty="RSA", size=2048).export_public()),
    "P-384": lambda: str(jwk.JWK.generate(kty="EC", crv="P-384").export_public()),
    "X25519": lambda: str(jwk.JWK.generate(kty="OKP", crv="X25519").export_public()),
    "a point off the curve": lambda: OFF_CURVE,
    "a long kid": lambda: str(_pair(kid="x" * 65).export_public()),
    "a hidden kid": lambda: str(_pair(kid="a\nb").export_public()),
    "a list": lambda: "[1]",
    "half a JWK": lambda: "{",
    "an address of keys": lambda: '{"jwks_uri": "https://keys.example/"}',
    "nothing": lambda: "",
    "something long": lambda: "x" * 4097,
}


@pytest.mark.parametrize("what", sorted(REFUSED))
def test_anything_but_one_public_key_is_refused(what: str) -> None:
    with pytest.raises(Invalid):
        client_keys.read(REFUSED[what]())


@pytest.mark.parametrize(("days", "good"), [(398, True), (399, False), (1, True), (0, False), (-1, False)])
def test_a_key_ends_within_398_days(days: int, good: bool) -> None:
    wanted = NOON + timedelta(days=days)
    if good:
        assert client_keys.end_of_life(wanted, at=NOON) == wanted
    else:
        with pytest.raises(Invalid):
            client_keys.end_of_life(wanted, at=NOON)


def test_a_client_is_there_once_two_persons_wanted_it(client: ApiClient, told: Told) -> None:
    key = ClientKey.objects.get(client=client)
    assert (client.name, client.scopes) == ("Pipeline", "filings:read filings:write")
    assert (key.key_id, key.starts_at, key.ends_at) == ("first", LATER, NOON + client_keys.USUAL_LIFE)
    assert told.kinds[-2:] == ["client.registered", "proposal.done"]


def test_keys_overlap_and_the_sixth_waits_for_room(client: ApiClient, hugo: Actor, told: Told, decided: Decide) -> None:
    for number in range(4):
        decided(_propose_key(hugo, client, told, _public(_pair(kid=f"more-{number}"))))
    assert ClientKey.objects.filter(client=client, ends_at__gt=LATER).count() == 5
    with pytest.raises(NotPossible, match="five"):
        _propose_key(hugo, client, told, _public(_pair()))
    with acting_as(hugo):
        clients.end_key(client_id=client.client_id, key_id="first", by=hugo, at=LATER, announce=told)
    with acting_as(hugo):
        clients.propose_key(
            client_id=client.client_id, key=_public(_pair()), not_after=None, by=hugo, at=LATER, announce=told
        )


def test_five_that_are_confirmed_together_are_still_five(
    client: ApiClient, hugo: Actor, told: Told, decided: Decide
) -> None:
    waiting = [_propose_key(hugo, client, told, _public(_pair(kid=f"more-{n}"))) for n in range(5)]
    for proposal in waiting[:4]:
        decided(proposal)
    with pytest.raises(NotPossible, match="five"):
        decided(waiting[4])


def test_a_key_id_is_used_once(client: ApiClient, hugo: Actor, told: Told) -> None:
    with pytest.raises(Invalid):
        _propose_key(hugo, client, told, _public(_pair(kid="first")))


def test_one_person_revokes_at_once(client: ApiClient, hugo: Actor, told: Told) -> None:
    for _ in range(2):
        with acting_as(hugo):
            clients.revoke(client_id=client.client_id, by=hugo, at=LATER, announce=told)
    client.refresh_from_db()
    assert client.ends_at == LATER
    assert told.kinds.count("client.revoked") == 1
    with pytest.raises(NotPossible, match="revoked"), acting_as(hugo):
        clients.propose_key(
            client_id=client.client_id, key=_public(_pair()), not_after=None, by=hugo, at=LATER, announce=told
        )


def test_what_was_ended_is_not_woken(client: ApiClient, hugo: Actor, told: Told) -> None:
    with acting_as(hugo):
        clients.end_key(client_id=client.client_id, key_id="first", by=hugo, at=LATER, announce=told)
    with pytest.raises(DatabaseError), acting_as(hugo):
        ClientKey.objects.filter(client=client).update(ends_at=LATER + timedelta(days=9))


@pytest.mark.parametrize("table", ["accounts_apiclient", "accounts_clientkey", "accounts_statickey"])
def test_the_web_makes_no_client_and_no_key(client: ApiClient, hugo: Actor, table: str) -> None:
    made = {
        "accounts_apiclient": lambda: ApiClient.objects.create(organisation_id=hugo.organisation, name="x"),
        "accounts_clientkey": lambda: ClientKey.objects.create(
            client=client, key_id="x", public_jwk={}, starts_at=NOON, ends_at=LATER
        ),
        "accounts_statickey": lambda: StaticKey.objects.create(
            client=client, hint="x", checksum="x", starts_at=NOON, ends_at=LATER
        ),
    }
    with pytest.raises(DatabaseError, match="permission denied"), acting_as(hugo):
        made[table]()


def test_a_stranger_finds_no_client_and_a_submitter_may_not(
    client: ApiClient, cantabria: Organisation, alice: Actor, told: Told
) -> None:
    stranger = person("provider_administrator", organisation=cantabria)
    with pytest.raises(NotFound):
        _propose_key(stranger, client, told, _public(_pair()))
    with pytest.raises(NotFound), acting_as(stranger):
        clients.revoke(client_id=client.client_id, by=stranger, at=LATER, announce=told)
    with acting_as(stranger, read_only=True):
        assert not ApiClient.objects.exists()
        assert not ClientKey.objects.exists()
    with pytest.raises(NotPermitted):
        _propose_key(alice, client, told, _public(_pair()))


# --- expiry -----------------------------------------------------------------------------------------------------------

DAYS = [(31, []), (30, [30]), (15, [30]), (14, [30, 14]), (3, [30, 14, 3]), (1, [30, 14, 3])]


@pytest.mark.parametrize(("days", "noted"), DAYS)
def test_the_end_of_a_key_is_told_30_14_and_3_days_before_once_each(
    client: ApiClient, steward: Actor, told: Told, days: int, noted: list[int]
) -> None:
    at = ClientKey.objects.get(client=client).ends_at - timedelta(days=days)
    for _ in range(2):
        with acting_as(steward):
            clients.warn_of_expiry(by=steward, at=at, announce=told)
    assert sorted(KeyWarning.objects.values_list("days", flat=True), reverse=True) == noted
    assert told.kinds.count("client_key.expiring") == bool(noted)


def test_no_end_is_told_of_a_revoked_client(client: ApiClient, hugo: Actor, steward: Actor, told: Told) -> None:
    with acting_as(hugo):
        clients.revoke(client_id=client.client_id, by=hugo, at=LATER, announce=told)
    with acting_as(steward):
        assert clients.warn_of_expiry(by=steward, at=NOON + timedelta(days=362), announce=told) == 0


# --- static keys ------------------------------------------------------------------------------------------------------


def test_a_static_key_is_kept_as_its_hash_and_only_in_a_sandbox(
    client: ApiClient, hugo: Actor, told: Told, decided: Decide
) -> None:
    with pytest.raises(NotPossible, match="sandbox"), acting_as(hugo):
        clients.propose_static_key(client_id=client.client_id, is_sandbox=False, by=hugo, at=NOON, announce=told)
    with acting_as(hugo):
        proposal, secret = clients.propose_static_key(
            client_id=client.client_id, is_sandbox=True, by=hugo, at=NOON, announce=told
        )
    assert secret.startswith("sk_test_")
    assert secret not in json.dumps([proposal.payload, proposal.shown])
    decided(proposal)
    kept = StaticKey.objects.get(client=client)
    assert (kept.checksum, kept.hint) == (clients.checksum(secret), secret[:14])
    with acting_as(hugo):
        clients.end_static_key(client_id=client.client_id, hint=kept.hint, by=hugo, at=LATER, announce=told)
    kept.refresh_from_db()
    assert kept.ends_at == LATER
