"""What is published, for whoever shows it: vintages, their files, and the releases made again of these files.

Nothing else of a release is read here, so that pages and interfaces cannot tell more than the files do. Only columns
are asked for that the public may read. Ask inside a unit of work.
"""

from collections.abc import Collection
from functools import lru_cache
from typing import Final
from uuid import UUID

from registry.acting import Actor, inside_acting_as
from registry.errors import NotFound
from registry.statistics.formats import catalogue, reading
from registry.statistics.formats.catalogue import Described
from registry.statistics.formats.manifest import MANIFEST, File
from registry.statistics.formats.manifest import read as read_manifest
from registry.statistics.formats.reading import STRUCTURE
from registry.statistics.models import CalendarEntry, Vintage, VintageFile
from registry.statistics.published import PublishedRelease

SHOWN: Final = (
    "release",
    "number",
    "state",
    "as_of",
    "publish_at",
    "is_provisional",
    "software",
    "manifest_sha256",
    "published_at",
    "withdrawn_at",
    "notice_en",
    "notice_fr",
    "notice_de",
    "content_digest",
    "salt",
    "entry_id",
)
MOST: Final = 400  # vintages of a list: four a year and their corrections, for decades


@inside_acting_as
def published(*, by: Actor) -> list[Vintage]:
    """Every published vintage, withdrawn ones too: the newest release first, of each the newest vintage first."""
    found = Vintage.objects.visible_to(by).published().only(*SHOWN)
    return list(found.order_by("-release", "-number")[:MOST])


def newest(vintages: Collection[Vintage]) -> list[Vintage]:
    """Of each release the newest vintage that stands, in the order given."""
    found: dict[str, Vintage] = {}
    for each in vintages:
        known = found.get(each.release)
        if each.withdrawn_at is None and (known is None or each.number > known.number):
            found[each.release] = each
    return list(found.values())


@inside_acting_as
def of_release(release: str, *, by: Actor) -> list[Vintage]:
    """The vintages of one release, the newest first. Raises `NotFound` where there is none."""
    found = Vintage.objects.visible_to(by).published().filter(release=release).only(*SHOWN).order_by("-number")
    vintages = list(found[:MOST])
    if not vintages:
        raise NotFound
    return vintages


@inside_acting_as
def one(release: str, number: int, *, by: Actor) -> Vintage:
    """One vintage. Raises `NotFound`."""
    found = next((each for each in of_release(release, by=by) if each.number == number), None)
    if found is None:
        raise NotFound
    return found


@inside_acting_as
def files(vintage: Vintage) -> tuple[File, ...]:
    """The files of a vintage, without their contents, in the order of paths."""
    stored = VintageFile.objects.filter(vintage_id=vintage.pk).order_by("path")
    return tuple(File(*row) for row in stored.values_list("path", "size_bytes", "sha256"))


@inside_acting_as
def content(vintage: Vintage, path: str) -> bytes:
    """One file of a vintage. Raises `NotFound`."""
    return _content(vintage.pk, path)


@inside_acting_as
def read(vintage: Vintage, *, only: Collection[str] | None = None) -> PublishedRelease:
    """The release that the files of a vintage show; with `only` some of its tables, by their ids."""
    return _whole(vintage.pk) if only is None else _some(vintage.pk, frozenset(only))


@inside_acting_as
def described(vintage: Vintage) -> Described:
    """What the catalogue tells of a vintage."""
    return _described(vintage.pk)


@inside_acting_as
def calendar() -> list[CalendarEntry]:
    """Every moment that was announced, the first one first."""
    return list(CalendarEntry.objects.order_by("publish_at", "release"))


@lru_cache(maxsize=4)
def _whole(vintage: UUID) -> PublishedRelease:
    """The files of a vintage never change, so what was read of them holds."""
    return reading.read(lambda path: _content(vintage, path))


@lru_cache(maxsize=64)
def _some(vintage: UUID, only: frozenset[str]) -> PublishedRelease:
    return reading.read(lambda path: _content(vintage, path), only=only)


@lru_cache(maxsize=MOST)
def _described(vintage: UUID) -> Described:
    said = read_manifest(_content(vintage, MANIFEST))
    listed = reading.listed(_content(vintage, STRUCTURE))
    return catalogue.Described(said.release, said.vintage, said.published_at, said.is_provisional, listed, said.files)


def _content(vintage: UUID, path: str) -> bytes:
    found = VintageFile.objects.filter(vintage_id=vintage, path=path).values_list("content", flat=True).first()
    if found is None:
        raise NotFound
    return bytes(found)
