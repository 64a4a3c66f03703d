"""`manage.py import_observations FILE`: take in a published data set about models or clusters."""

import hashlib
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.errors import DomainError
from registry.screening import actions, observations
from registry.screening.actions import Origin
from registry.screening.observations import Observation, Skipped


class Command(BaseCommand):
    """All of a file or nothing, in one unit of work; repeating it changes nothing."""

    help = "Import published data about models or GPU clusters (Epoch AI's CSV files) as public observations."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, whose it is, and its licence."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", default="epoch-ai", help="code of the publisher (default: epoch-ai)")
        parser.add_argument("--licence", default="CC BY 4.0", help="licence of the data (default: CC BY 4.0)")

    def handle(self, *, file: Path, source: str, licence: str, **_options: Any) -> None:
        """Read, store, report. A file that cannot be used ends in one sentence and leaves nothing behind."""
        try:
            self._import(file, source, licence)
        except DomainError as error:
            raise CommandError(" ".join(filter(None, (error.sentence, error.remedy)))) from error
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error

    def _import(self, file: Path, source: str, licence: str) -> None:
        publisher = observations.publisher(source)
        registrar = of_the_register("registrar")
        self.skipped = 0
        with file.open("rb") as lines:
            digest = hashlib.file_digest(lines, "sha256").hexdigest()
            lines.seek(0)
            layout, found = observations.read(lines, source=publisher)
            origin = Origin(
                source=publisher.code,
                licence=licence,
                attribution=f"{layout.attribution}, {licence}",
                file_name=file.name,
                file_digest=digest,
            )
            with acting_as(registrar):
                tally = actions.observe(observed=self._usable(found), origin=origin, by=registrar, at=timezone.now())
        self.stdout.write(
            f"{file.name}, {layout.title}: {tally.imported} imported, {tally.updated} updated, "
            f"{tally.unchanged} unchanged, {self.skipped} skipped. {origin.attribution}."
        )

    def _usable(self, found: Iterable[Observation | Skipped]) -> Iterator[Observation]:
        """The rows to store; each other one is reported with its line as it comes by."""
        for each in found:
            if isinstance(each, Observation):
                yield each
            else:
                self.skipped += 1
                self.stdout.write(f"line {each.line} skipped ({each.name or 'without a name'}): {each.reason}")
