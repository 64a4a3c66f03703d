"""`manage.py recompute_positions`: add up every position anew from filings and returns.

recompute_positions --check     compare alone: says what differs, and fails if anything does
recompute_positions             post everything anew, and read every position
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.screening import position_actions

_READ_AT_ONCE = 100


class Command(BaseCommand):
    """Acts as the screener."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whether to compare alone."""
        parser.add_argument("--check", action="store_true", help="Change nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare, or do it anew."""
        screener = of_the_register("screener")
        if options["check"]:
            with acting_as(screener, read_only=True):
                found = position_actions.check(by=screener, at=timezone.now())
            told = f"{found.compared} positions compared: {found.positions} differ"
            told += f"; filings posted otherwise: {found.runs}; uses otherwise: {found.uses}"
            if not found.is_equal:
                raise CommandError(told)
            self.stdout.write(told)
            return
        with acting_as(screener):
            waiting = position_actions.recompute(by=screener, at=timezone.now())
        read = _READ_AT_ONCE
        while read == _READ_AT_ONCE:
            with acting_as(screener):
                read = len(position_actions.read_stale(limit=_READ_AT_ONCE, by=screener, at=timezone.now()))
        self.stdout.write(f"{waiting} positions added up anew")
