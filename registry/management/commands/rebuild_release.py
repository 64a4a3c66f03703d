"""`manage.py rebuild_release 2026-Q3 1 --into DIR`: build a vintage again from what was stored, and compare.

Writes every file into the folder and compares it with what was published, byte for byte; exit 1 where any differs. The
signature is taken as it was stored: it is over the manifest, which is compared. Nothing is read of filings or returns.
"""

import hashlib
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.statistics import building
from registry.statistics.formats import bundle
from registry.statistics.formats.manifest import MANIFEST
from registry.statistics.models import State, Vintage, VintageFile


class Command(BaseCommand):
    """Acts as the builder and changes nothing in the register."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which vintage, and where to."""
        parser.add_argument("release", help="such as 2026-Q3")
        parser.add_argument("vintage", type=int, help="its number, from 1")
        parser.add_argument("--into", type=Path, required=True, help="folder to write into; made if there is none")

    def handle(self, *, release: str, vintage: int, into: Path, **_options: Any) -> None:
        """Build, write, compare."""
        builder = of_the_register("builder")
        with acting_as(builder, read_only=True):
            known = Vintage.objects.visible_to(builder).filter(release=release, number=vintage)
            found = known.exclude(state=State.DROPPED).exclude(manifest_sha256="").first()
            plan = building.plan_of(vintage=found.id, by=builder) if found is not None else None
            if found is None or plan is None:
                raise CommandError(f"There is no vintage {vintage} of {release} that was built.")
            material = building.material(vintage=found.id, by=builder)
            stored = _stored(found)
        self._warn_of_other_libraries(found)
        made = dict(building.files(material, plan, software=found.software))
        made |= {path: content for path, content in stored.items() if path == building.SIGNATURE}
        _write(into, made)
        differing = sorted({*made, *stored} - {path for path in made if stored.get(path) == made[path]})
        for path in differing:
            self.stderr.write(f"differs: {path}")
        if differing:
            raise CommandError(f"{len(differing)} of {len(stored)} files differ.", returncode=1)
        digest = hashlib.sha256(made[MANIFEST]).hexdigest()
        self.stdout.write(f"{len(made)} files identical to the byte; manifest {digest}")

    def _warn_of_other_libraries(self, found: Vintage) -> None:
        here = bundle.written_with()
        if found.software != here:
            self.stderr.write(f"written with {found.software}; here are {here}: bytes may differ")


def _stored(vintage: Vintage) -> Mapping[str, bytes]:
    rows = VintageFile.objects.filter(vintage=vintage).values_list("path", "content")
    return {path: bytes(content) for path, content in rows}


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
