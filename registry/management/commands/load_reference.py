"""Load reference data: authorities, accelerators, thresholds, holidays, code lists. Repeatable."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.compute import actions as compute
from registry.filings import reference_data
from registry.ledger import receipts
from registry.organisations import actions as organisations


class Command(BaseCommand):
    """`manage.py load_reference`: what the register knows before anybody files."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """One unit of work of the registrar; outside production also the keys of receipts and log, where missing."""
        if not settings.PRODUCTION:
            receipts.ensure_key(settings.RECEIPT_KEY_FILE)
            receipts.ensure_key(settings.LOG_KEY_FILE)
        registrar = of_the_register("registrar")
        with acting_as(registrar):
            loaded = {
                "authorities": organisations.load_authorities(by=registrar),
                "accelerators": compute.load_accelerators(by=registrar),
                **reference_data.load(by=registrar),
            }
        if options["verbosity"]:
            self.stdout.write(", ".join(f"{count} {name}" for name, count in loaded.items()))
