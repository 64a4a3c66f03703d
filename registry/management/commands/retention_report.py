"""What would be deleted and erased now, class by class; nothing is changed."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand

from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.oversight import retention_view


class Command(BaseCommand):
    """`manage.py retention_report`: a dry run of the scheduled deletion."""

    help = "Say what the scheduled deletion would delete and erase now; change nothing"

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print a line a class: number, period, name, source."""
        with acting_as(of_the_register("housekeeper"), read_only=True) as housekeeper:
            waiting = retention_view.waiting(by=housekeeper, at=datetime.now(UTC))
        for limit in retention_view.limits():
            if limit.name in waiting:
                said = f"{waiting[limit.name]:>9}  {limit.then:<6}  {limit.period:<10}  {limit.name}  ({limit.source})"
                self.stdout.write(said)
