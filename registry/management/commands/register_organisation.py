"""Register an organisation: `manage.py register_organisation NAME --country FR --developer`."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.errors import DomainError
from registry.organisations import actions
from registry.organisations.actions import NewOrganisation


class Command(BaseCommand):
    """Prints the id of the organisation, which the other commands take."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Name, seat, identifiers and what the organisation is."""
        parser.add_argument("name")
        parser.add_argument("--country", required=True, help="seat, ISO 3166-1 alpha-2 (GR for Greece)")
        parser.add_argument("--territory", default="", help="competent Member State, if the seat is elsewhere")
        parser.add_argument("--lei", default="")
        parser.add_argument("--euid", default="")
        parser.add_argument("--parent", default="", help="ultimate parent: what counts as one holding")
        parser.add_argument("--developer", action="store_true")
        parser.add_argument("--compute-provider", action="store_true")
        parser.add_argument("--illustrative", action="store_true", help="invented: demonstration or test")

    def handle(self, *args: Any, **options: Any) -> None:
        """One unit of work of the registrar."""
        registrar = of_the_register("registrar")
        new = NewOrganisation(
            legal_name=options["name"],
            seat_country=options["country"],
            territory=options["territory"] or options["country"],
            lei=options["lei"],
            euid=options["euid"],
            ultimate_parent_name=options["parent"],
            is_developer=options["developer"],
            is_compute_provider=options["compute_provider"],
            is_illustrative=options["illustrative"],
        )
        if not (new.is_developer or new.is_compute_provider):
            raise CommandError("Say what it is: --developer, --compute-provider, or both.")
        try:
            with acting_as(registrar):
                made = actions.register([new], by=registrar, at=datetime.now(UTC))[0]
        except DomainError as refusal:
            told = "; ".join(f"{o.pointer}: {o.sentence}" for o in refusal.obstacles)
            raise CommandError(f"{refusal.sentence} {told or refusal.remedy}") from refusal
        self.stdout.write(str(made.id))
