"""A program: give somebody a seat at the authority of a territory, and print how that person signs in.

`python -m tests.journeys.seated ROLE TERRITORY`, with the environment of a running register.
"""

import json
import secrets
import sys
from datetime import UTC, datetime, timedelta

import django

django.setup()

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret  # noqa: E402

from registry.accounts import actions  # noqa: E402
from registry.accounts.policy import of_the_register  # noqa: E402
from registry.acting import acting_as  # noqa: E402
from registry.organisations.models import Authority  # noqa: E402


def main(role: str, territory: str) -> None:
    """A person with a password and a second factor, since yesterday."""
    registrar, password = of_the_register("registrar"), secrets.token_urlsafe(24)
    email, secret = f"{role}-{secrets.token_hex(4)}@authority.example", generate_totp_secret()
    with acting_as(registrar):
        place = Authority.objects.get(territory=territory)
        began = datetime.now(UTC) - timedelta(days=1)
        user = actions.grant(
            email=email, name=f"{role} {territory}", password=password, role=role, place=place, by=registrar, at=began
        )
        TOTP.activate(user, secret)
    sys.stdout.write(json.dumps({"email": email, "password": password, "totp_secret": secret}))


if __name__ == "__main__":
    main(*sys.argv[1:])
