"""Bring the public log back after an old backup was restored; docs/evidence.md says when and how."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.ledger import keeping, recovery
from registry.ledger.publishing import LogRefused


class Command(BaseCommand):
    """`manage.py recover_log`: leaves from the published tiles, entries from the journals outside the database."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """One unit of work of the sequencer. Raises CommandError when nothing is to be recovered, or not safely."""
        there, signer = keeping.places(), keeping.signer()
        try:
            with acting_as(of_the_register("sequencer")) as sequencer:
                back = recovery.recover(there=there, signer=signer, by=sequencer, at=timezone.now())
        except (LogRefused, FileNotFoundError) as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(f"{back.before} → {back.after} leaves, {back.entries} entries are back in their places.")
        if back.without:
            self.stdout.write(
                f"{back.without} entries were not restored, as others were entered since: their leaves are back."
            )
