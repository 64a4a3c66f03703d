"""A copy of the database gives nobody a second factor; keys can be changed while people sign in."""

import json
from io import StringIO
from typing import Any

import pyotp
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from cryptography.fernet import InvalidToken
from django.core.management import CommandError, call_command

from registry.accounts.models import User
from registry.dispatch import sealing
from registry.portal.factor_secrets import SEALED, FactorSecrets

OLD, NEW, FOREIGN = "o" * 40, "n" * 40, "f" * 40


@pytest.fixture
def person(db: None, settings: Any) -> User:
    """Somebody with an account, while there is one key."""
    settings.FACTOR_KEYS = [OLD]
    return User.objects.create_user(email="somebody@example.org", password=None, name="Somebody")


def _stored(user: User) -> str:
    return json.dumps(list(Authenticator.objects.filter(user=user).values_list("data", flat=True)))


def test_a_copy_of_the_database_holds_no_secret_of_a_factor(person: User) -> None:
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    codes = RecoveryCodes.activate(person)
    assert secret not in _stored(person)
    assert codes.instance.data["seed"].startswith(SEALED)
    assert not any(code in _stored(person) for code in codes.generate_codes())


def test_what_is_sealed_is_never_sealed_the_same_way_twice(person: User) -> None:
    assert FactorSecrets().encrypt("JBSWY3DPEHPK3PXP") != FactorSecrets().encrypt("JBSWY3DPEHPK3PXP")


def test_a_code_of_the_sealed_secret_is_the_right_one(person: User) -> None:
    secret = generate_totp_secret()
    factor = TOTP.activate(person, secret)
    assert factor.validate_code(pyotp.TOTP(secret).now())
    code = RecoveryCodes.activate(person).generate_codes()[0]
    again = RecoveryCodes(Authenticator.objects.get(user=person, type="recovery_codes"))
    assert (again.validate_code(code), again.validate_code(code)) == (True, False)


def test_what_was_stored_before_there_were_keys_is_read_on(person: User) -> None:
    secret = generate_totp_secret()
    before = Authenticator.objects.create(user=person, type="totp", data={"secret": secret})
    assert TOTP(before).validate_code(pyotp.TOTP(secret).now())


def test_a_new_key_before_the_old_one_leaves_every_factor_readable(person: User, settings: Any) -> None:
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    settings.FACTOR_KEYS = [NEW, OLD]
    assert TOTP(Authenticator.objects.get(user=person)).validate_code(pyotp.TOTP(secret).now())


@pytest.mark.parametrize("keys", [[FOREIGN], [FOREIGN, NEW]])
def test_another_key_opens_nothing(person: User, settings: Any, keys: list[str]) -> None:
    sealed = FactorSecrets().encrypt("JBSWY3DPEHPK3PXP")
    settings.FACTOR_KEYS = keys
    with pytest.raises(InvalidToken):
        FactorSecrets().decrypt(sealed)


def test_what_is_sealed_for_webhooks_is_no_second_factor(person: User) -> None:
    foreign = sealing.seal("JBSWY3DPEHPK3PXP", keys=[OLD]).decode()
    with pytest.raises(InvalidToken):
        FactorSecrets().decrypt(SEALED + foreign)


def test_after_resealing_the_old_key_is_not_needed_any_more(person: User, settings: Any) -> None:
    secret, codes = generate_totp_secret(), RecoveryCodes.activate(person)
    known = codes.generate_codes()
    Authenticator.objects.create(user=person, type="totp", data={"secret": secret})
    Authenticator.objects.create(user=person, type="webauthn", data={"credential": {"id": "public"}})
    settings.FACTOR_KEYS = [NEW, OLD]
    said = StringIO()
    call_command("reseal_factors", stdout=said)
    settings.FACTOR_KEYS = [NEW]
    call_command("reseal_factors", "--check", stdout=said)
    assert said.getvalue().splitlines() == ["2 factors are sealed under the first key.", "Every factor can be opened."]
    assert secret not in _stored(person)
    assert TOTP(Authenticator.objects.get(user=person, type="totp")).validate_code(pyotp.TOTP(secret).now())
    assert RecoveryCodes(Authenticator.objects.get(user=person, type="recovery_codes")).generate_codes() == known
    assert Authenticator.objects.get(user=person, type="webauthn").data == {"credential": {"id": "public"}}


def test_a_factor_that_no_key_opens_is_counted_and_left_as_it_is(person: User, settings: Any) -> None:
    TOTP.activate(person, generate_totp_secret())
    before = _stored(person)
    settings.FACTOR_KEYS = [FOREIGN]
    for options in ((), ("--check",)):
        with pytest.raises(CommandError, match="1 factors"):
            call_command("reseal_factors", *options, stdout=StringIO())
    assert _stored(person) == before
