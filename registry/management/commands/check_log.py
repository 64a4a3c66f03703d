"""Hold every entry against the chain, the public log and the copy outside; docs/evidence.md says what for."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.ledger import checking, keeping


class Command(BaseCommand):
    """`manage.py check_log`: says what does not hold, and fails then."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """One unit of work that reads. Raises CommandError when something does not hold."""
        with acting_as(of_the_register("sequencer"), read_only=True) as sequencer:
            found = checking.check(there=keeping.places(), by=sequencer)
        for sentence in found:
            self.stderr.write(sentence)
        if found:
            raise CommandError(f"{len(found)} findings")
        self.stdout.write("Every entry, leaf and head holds.")
