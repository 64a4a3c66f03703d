"""Register a machine client of an organisation: `manage.py register_client ORGANISATION --key public.pem`."""

import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from jwcrypto import jwk
from jwcrypto.common import JWException

from registry.accounts import actions
from registry.accounts.policy import SCOPE_PERMISSIONS, of_the_register
from registry.acting import acting_as
from registry.errors import DomainError
from registry.organisations.models import Organisation


class Command(BaseCommand):
    """Prints client id and key id, as JSON. The private key never comes near the register."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose client, with which public key."""
        parser.add_argument("organisation", help="id, as register_organisation printed it")
        parser.add_argument("--key", required=True, type=Path, help="public key as PEM: EC P-256 or Ed25519")
        parser.add_argument("--name", default="pipeline")
        parser.add_argument("--scopes", default=" ".join(SCOPE_PERMISSIONS))

    def handle(self, *args: Any, **options: Any) -> None:
        """One unit of work of the registrar."""
        registrar = of_the_register("registrar")
        key_id = str(uuid.uuid4())
        try:
            public = json.loads(jwk.JWK.from_pem(options["key"].read_bytes()).export_public())
        except (OSError, ValueError, JWException) as error:
            raise CommandError(f"{options['key']} holds no public key in PEM form.") from error
        try:
            with acting_as(registrar):
                organisation = Organisation.objects.visible_to(registrar).get(id=options["organisation"])
                client = actions.register_client(
                    organisation=organisation,
                    name=options["name"],
                    public_jwk={**public, "kid": key_id},
                    scopes=options["scopes"],
                    by=registrar,
                    at=datetime.now(UTC),
                )
        except (Organisation.DoesNotExist, ValueError) as error:
            raise CommandError("There is no such organisation.") from error
        except DomainError as refusal:
            told = "; ".join(obstacle.sentence for obstacle in refusal.obstacles)
            raise CommandError(f"{refusal.sentence} {told}") from refusal
        self.stdout.write(json.dumps({"client_id": client.client_id, "key_id": key_id}))
