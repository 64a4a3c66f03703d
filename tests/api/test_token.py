"""The token endpoint: one good assertion is let in, every forged, stale or repeated one gets the same refusal."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from jwcrypto import jwk, jwt
from oauth2_provider.models import get_access_token_model, get_refresh_token_model

from registry.accounts.client_assertion import ASSERTION_TYPE
from registry.accounts.models import ApiClient, ClientKey, SpentAssertion
from registry.organisations.models import Organisation
from tests.api.conftest import TOKEN, Machine

FILINGS = "/api/v1/filings/"
FOREVER = 10**12


@pytest.fixture
def unsigned(machine: Machine) -> Machine:
    """Aurelia's machine, before it has a token."""
    machine.token = ""
    return machine


def _form(machine: Machine, **fields: str) -> HttpResponse:
    return machine.http.post(TOKEN, urlencode(fields), content_type="application/x-www-form-urlencoded")


def _part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _claims(machine: Machine, **claims: Any) -> dict[str, Any]:
    now = int(time.time())
    whole = {"iss": machine.client_id, "sub": machine.client_id, "aud": settings.BASE_URL, "iat": now, "exp": now + 60}
    return {**whole, "jti": str(uuid.uuid4()), **claims}


def _unsigned_assertion(machine: Machine) -> str:
    return f"{_part({'alg': 'none', 'kid': machine.key.key_id})}.{_part(_claims(machine))}."


def _symmetric_assertion(machine: Machine) -> str:
    """Signed with HMAC under the public key, which anybody may have: the classic confusion of algorithms."""
    signed = f"{_part({'alg': 'HS256', 'kid': machine.key.key_id})}.{_part(_claims(machine))}"
    return f"{signed}.{_part(hmac.digest(machine.key.export_to_pem(), signed.encode(), hashlib.sha256))}"


def _other_key(machine: Machine) -> str:
    other = jwk.JWK.generate(kty="EC", crv="P-256", kid=machine.key.key_id)
    return Machine(machine.client_id, other).assertion()


def _edwards(machine: Machine, key: jwk.JWK) -> str:
    """Signed with a key of another kind, EdDSA."""
    token = jwt.JWT(header={"alg": "EdDSA", "kid": key.key_id}, claims=_claims(machine))
    token.make_signed_token(key)
    return str(token.serialize())


def _now(**shift: float) -> int:
    return int((datetime.now(UTC) + timedelta(**shift)).timestamp())


def _nested(machine: Machine) -> str:
    deep = b"[" * 3_000 + b"]" * 3_000
    return f"{_part({'alg': 'ES256', 'kid': machine.key.key_id})}.{_part(deep)}.{_part(b'x' * 64)}"


REFUSED: dict[str, Callable[[Machine], str]] = {
    "a wrong key": _other_key,
    "a wrong audience": lambda m: m.assertion(aud="https://elsewhere.example/"),
    "several audiences": lambda m: m.assertion(aud=[settings.BASE_URL, "https://elsewhere.example/"]),
    "an object for an audience": lambda m: m.assertion(aud={"a": 1}),
    "no audience": lambda m: m.assertion(aud=None),
    "an expired one": lambda m: m.assertion(iat=_now(seconds=-400), exp=_now(seconds=-100)),
    "one without an end": lambda m: m.assertion(exp=None),
    "a life of a day": lambda m: m.assertion(exp=_now(days=1)),
    "a life of six minutes": lambda m: m.assertion(iat=_now(seconds=-100), exp=_now(seconds=260)),
    "a life without end": lambda m: m.assertion(exp=FOREVER),
    "an end that is a text": lambda m: m.assertion(exp=str(_now(seconds=60))),
    "one from the future": lambda m: m.assertion(iat=_now(seconds=120), exp=_now(seconds=180)),
    "one that does not hold yet": lambda m: m.assertion(nbf=_now(seconds=200)),
    "no jti": lambda m: m.assertion(jti=None),
    "an empty jti": lambda m: m.assertion(jti=""),
    "a long jti": lambda m: m.assertion(jti="x" * 129),
    "a jti that is no text": lambda m: m.assertion(jti={"a": 1}),
    "a jti that the database cannot hold": lambda m: m.assertion(jti="a\x00b"),
    "a jti of half a character": lambda m: m.assertion(jti="a\ud800b"),
    "another subject": lambda m: m.assertion(sub="somebody"),
    "another issuer": lambda m: m.assertion(iss="somebody", sub="somebody"),
    "an issuer that the database cannot hold": lambda m: m.assertion(iss="a\x00b", sub="a\x00b"),
    "no signature (alg: none)": _unsigned_assertion,
    "HS256 with the public key": _symmetric_assertion,
    "claims that are a list": lambda _: f"{_part({'alg': 'ES256'})}.{_part([1])}.{_part(b'x')}",
    "deeply nested claims": _nested,
    "nothing": lambda _: "",
    "no JWT": lambda _: "a.b.c",
}


def _refused(answer: HttpResponse) -> None:
    assert answer.status_code == 401, answer.content
    assert answer.json()["error"] == "invalid_client"
    assert "access_token" not in answer.json()


@pytest.mark.django_db
def test_an_assertion_that_holds_is_worth_a_token_of_five_minutes(unsigned: Machine) -> None:
    answer = unsigned.ask(unsigned.assertion())
    assert answer.status_code == 200, answer.content
    assert answer["Cache-Control"] == "no-store"
    token = answer.json()
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 300)
    assert set(token["scope"].split()) == {"filings:read", "filings:write"}
    unsigned.token = token["access_token"]
    assert unsigned.get(FILINGS).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("audience", ["", TOKEN])
def test_the_audience_is_the_server_or_its_token_endpoint(unsigned: Machine, audience: str) -> None:
    assert unsigned.ask(unsigned.assertion(aud=settings.BASE_URL + audience)).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("attack", sorted(REFUSED))
def test_an_assertion_that_does_not_hold_is_refused(unsigned: Machine, attack: str) -> None:
    spent = SpentAssertion.objects.count()
    _refused(unsigned.ask(REFUSED[attack](unsigned)))
    assert SpentAssertion.objects.count() == spent


# The nine attacks on `private_key_jwt` that security.md 1.2 names, each by its name: a refusal is 401 and no token.
NINE: dict[str, Callable[[Machine], tuple[str, dict[str, str]]]] = {
    "replay": lambda m: (_spent(m), {}),
    "wrong key": lambda m: (_other_key(m), {}),
    "wrong audience": lambda m: (m.assertion(aud="https://elsewhere.example/"), {}),
    "expired": lambda m: (m.assertion(iat=_now(seconds=-400), exp=_now(seconds=-100)), {}),
    "missing jti": lambda m: (m.assertion(jti=None), {}),
    "a life of one day": lambda m: (m.assertion(exp=_now(days=1)), {}),
    "a secret beside it": lambda m: (m.assertion(), {"client_secret": "x"}),
    "HS256 with the public key": lambda m: (_symmetric_assertion(m), {}),
    "alg: none": lambda m: (_unsigned_assertion(m), {}),
}


def _spent(machine: Machine) -> str:
    assertion = machine.assertion()
    assert machine.ask(assertion).status_code == 200
    return assertion


@pytest.mark.django_db
@pytest.mark.parametrize("attack", sorted(NINE))
def test_each_of_the_nine_attacks_is_refused(unsigned: Machine, attack: str) -> None:
    assertion, more = NINE[attack](unsigned)
    known = get_access_token_model().objects.count()
    _refused(unsigned.ask(assertion, **more))
    assert get_access_token_model().objects.count() == known


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "curve", "algorithm"), [("EC", "P-256", "ES256"), ("OKP", "Ed25519", "EdDSA")])
def test_a_good_assertion_of_each_algorithm_is_worth_a_token(
    unsigned: Machine, kind: str, curve: str, algorithm: str
) -> None:
    pair, now = jwk.JWK.generate(kty=kind, crv=curve, kid="pair"), datetime.now(UTC)
    ClientKey.objects.create(
        client=ApiClient.objects.get(client_id=unsigned.client_id),
        key_id="pair",
        public_jwk=json.loads(pair.export_public()),
        starts_at=now - timedelta(minutes=1),
        ends_at=now + timedelta(days=1),
    )
    token = jwt.JWT(header={"alg": algorithm, "kid": "pair"}, claims=_claims(unsigned))
    token.make_signed_token(pair)
    answer = unsigned.ask(str(token.serialize()))
    assert (answer.status_code, answer.json()["token_type"], answer.json()["expires_in"]) == (200, "Bearer", 300)


@pytest.mark.django_db
def test_every_refusal_looks_alike(unsigned: Machine) -> None:
    answers = {unsigned.ask(attack(unsigned)).content for attack in REFUSED.values()}
    assert len(answers) == 1


@pytest.mark.django_db
def test_an_assertion_is_good_for_one_use(unsigned: Machine) -> None:
    assertion = unsigned.assertion()
    assert unsigned.ask(assertion).status_code == 200
    _refused(unsigned.ask(assertion))


@pytest.mark.django_db
def test_two_clients_may_use_the_same_jti(unsigned: Machine, stranger: Machine) -> None:
    assert unsigned.ask(unsigned.assertion(jti="one")).status_code == 200
    assert stranger.ask(stranger.assertion(jti="one")).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("more", [{"client_secret": "x"}, {"client_secret": ""}, {"client_id": "another"}])
def test_a_secret_or_another_name_beside_the_assertion_is_refused(unsigned: Machine, more: dict[str, str]) -> None:
    _refused(unsigned.ask(unsigned.assertion(), **more))


@pytest.mark.django_db
def test_a_password_in_the_header_is_refused_even_beside_a_good_assertion(unsigned: Machine) -> None:
    basic = base64.b64encode(f"{unsigned.client_id}:".encode()).decode()
    fields = {"grant_type": "client_credentials"}
    good = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": unsigned.assertion()}
    for form in (fields, {**fields, **good}):
        answer = unsigned.http.post(
            TOKEN,
            urlencode(form),
            content_type="application/x-www-form-urlencoded",
            headers={"Authorization": f"Basic {basic}"},
        )
        _refused(answer)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "form",
    [
        {"grant_type": "client_credentials"},
        {"grant_type": "client_credentials", "client_secret": ""},
        {"grant_type": "client_credentials", "client_assertion": "x"},
    ],
)
def test_naming_oneself_proves_nothing(unsigned: Machine, form: dict[str, str]) -> None:
    _refused(_form(unsigned, client_id=unsigned.client_id, **form))


GRANTS = {
    "password": {"username": "alice@aurelia.example", "password": "correct horse battery"},
    "authorization_code": {"code": "x", "redirect_uri": "https://aurelia.example/"},
    "refresh_token": {"refresh_token": "x"},
    "implicit": {},
    "urn:ietf:params:oauth:grant-type:device_code": {"device_code": "x"},
    "urn:ietf:params:oauth:grant-type:jwt-bearer": {"assertion": "x"},
    "": {},
    "urn:ietf:params:oauth:grant-type:token-exchange": {"subject_token": "x"},
}


@pytest.mark.django_db
@pytest.mark.parametrize("grant", sorted(GRANTS))
def test_no_other_grant_is_given_even_to_a_client_that_proves_itself(unsigned: Machine, grant: str) -> None:
    known = get_access_token_model().objects.count()
    proof = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": unsigned.assertion()}
    answer = _form(unsigned, grant_type=grant, response_type="token", **proof, **GRANTS[grant])
    assert (answer.status_code, answer.json()) == (400, {"error": "unsupported_grant_type"})
    assert get_access_token_model().objects.count() == known


@pytest.mark.django_db
@pytest.mark.parametrize(
    "scope", ["filings:write", "everything", "filings:read everything", "filings:read filings:write"]
)
def test_a_client_gets_no_scope_that_it_was_not_given(
    make_machine: Callable[..., Machine], aurelia: Organisation, scope: str
) -> None:
    reader = make_machine(aurelia, scopes="filings:read")
    answer = reader.ask(reader.assertion(), scope=scope)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


@pytest.mark.django_db
def test_a_client_may_ask_for_less_than_it_was_given(unsigned: Machine) -> None:
    unsigned.sign_in(scope="filings:read")
    assert unsigned.get(FILINGS).status_code == 200
    assert unsigned.post(FILINGS, {}).json()["type"] == "/problems/insufficient-scope"


@pytest.mark.django_db
def test_a_field_that_is_sent_twice_is_refused(unsigned: Machine) -> None:
    form = [("grant_type", "client_credentials"), ("client_assertion_type", ASSERTION_TYPE)]
    form += [("client_assertion", "x"), ("client_assertion", unsigned.assertion())]
    answer = unsigned.http.post(TOKEN, urlencode(form), content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_a_token_is_fetched_by_post_alone(unsigned: Machine, method: str) -> None:
    assert unsigned.http.generic(method, TOKEN).status_code == 405


@pytest.mark.django_db
def test_credentials_in_the_query_are_not_read(unsigned: Machine) -> None:
    query = urlencode(
        {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": unsigned.assertion(),
        }
    )
    answer = unsigned.http.post(f"{TOKEN}?{query}", "", content_type="application/x-www-form-urlencoded")
    assert answer.status_code in {400, 401}, answer.content


# --- keys -----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_keys_overlap_and_an_ended_one_is_refused(unsigned: Machine) -> None:
    second = jwk.JWK.generate(kty="OKP", crv="Ed25519", kid="second")
    now = datetime.now(UTC)
    ClientKey.objects.create(
        client=ApiClient.objects.get(client_id=unsigned.client_id),
        key_id="second",
        public_jwk=json.loads(second.export_public()),
        starts_at=now - timedelta(minutes=1),
        ends_at=now + timedelta(days=1),
    )
    assert unsigned.ask(_edwards(unsigned, second)).status_code == 200
    assert unsigned.ask(unsigned.assertion()).status_code == 200
    ClientKey.objects.filter(key_id="second").update(ends_at=now - timedelta(seconds=1))
    _refused(unsigned.ask(_edwards(unsigned, second)))
    assert unsigned.ask(unsigned.assertion()).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("moment", ["ends_at", "starts_at"])
def test_a_key_outside_its_time_opens_nothing(unsigned: Machine, moment: str) -> None:
    key = ClientKey.objects.get(key_id=unsigned.key.key_id)
    shift = timedelta(minutes=-1) if moment == "ends_at" else timedelta(minutes=1)
    ClientKey.objects.filter(pk=key.pk).update(**{moment: datetime.now(UTC) + shift})
    _refused(unsigned.ask(unsigned.assertion()))


@pytest.mark.django_db
def test_a_key_opens_its_own_client_only(unsigned: Machine, stranger: Machine) -> None:
    forged = Machine(unsigned.client_id, stranger.key)
    _refused(forged.ask(forged.assertion()))


@pytest.mark.django_db
def test_a_client_that_has_ended_gets_no_token_and_its_tokens_end_with_it(machine: Machine) -> None:
    assert machine.get(FILINGS).status_code == 200
    ApiClient.objects.filter(client_id=machine.client_id).update(ends_at=datetime.now(UTC) - timedelta(seconds=1))
    _refused(machine.ask(machine.assertion()))
    assert machine.get(FILINGS).status_code == 401


# --- tokens ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_no_table_holds_a_token_in_clear_and_none_is_refreshed(machine: Machine) -> None:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'select count(*) from "{table}" as row where row::text like %s', [f"%{machine.token}%"])  # noqa: S608
            assert cursor.fetchone() == (0,), f"{table} holds a token"
    checksum = hashlib.sha256(machine.token.encode()).hexdigest()
    assert get_access_token_model().objects.filter(token_checksum=checksum).count() == 1
    assert get_refresh_token_model().objects.count() == 0


@pytest.mark.django_db
def test_what_is_stored_of_a_token_opens_nothing(machine: Machine) -> None:
    stored = get_access_token_model().objects.get(token_checksum=hashlib.sha256(machine.token.encode()).hexdigest())
    for value in (stored.token_checksum, stored.token):
        machine.token = value or "-"
        assert machine.get(FILINGS).status_code == 401


@pytest.fixture
def clock() -> Iterator[Callable[[timedelta], None]]:
    """A clock that can be set on."""
    with time_machine.travel(datetime.now(UTC)) as traveller:
        yield traveller.shift


@pytest.mark.django_db
def test_a_token_ends_after_five_minutes(clock: Callable[[timedelta], None], machine: Machine) -> None:
    clock(timedelta(seconds=290))
    assert machine.get(FILINGS).status_code == 200
    clock(timedelta(seconds=15))
    refused = machine.get(FILINGS)
    assert (refused.status_code, refused.json()["type"]) == (401, "/problems/unauthorized")


@pytest.mark.django_db
def test_a_revoked_token_is_refused(machine: Machine) -> None:
    get_access_token_model().objects.get(token_checksum=hashlib.sha256(machine.token.encode()).hexdigest()).revoke()
    assert machine.get(FILINGS).status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer x", "Token {}", "Basic {}", "Bearer {}x", "Bearer  {}", "{}"]
)
def test_only_a_whole_bearer_token_opens(machine: Machine, header: str) -> None:
    answer = machine.http.get(FILINGS, headers={"Authorization": header.format(machine.token)})
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.django_db
def test_a_token_in_the_query_is_not_read(machine: Machine) -> None:
    assert machine.http.get(f"{FILINGS}?access_token={machine.token}").status_code == 401
