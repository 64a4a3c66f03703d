"""`manifest.json` and `SHA256SUMS`: the files of a vintage, their sizes and digests. No line about rules or reasons."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from registry.statistics.formats.structure import moment, pretty
from registry.statistics.published import PublishedRelease

MANIFEST: Final = "manifest.json"
SUMS: Final = "SHA256SUMS"


class File(NamedTuple):
    """One file of a vintage."""

    path: str
    size_bytes: int
    sha256: str


class Manifest(NamedTuple):
    """A manifest, read."""

    release: str
    vintage: int
    as_of: datetime
    published_at: datetime
    is_provisional: bool
    software: str
    files: tuple[File, ...]


def files_of(contents: Mapping[str, bytes]) -> tuple[File, ...]:
    """Each file with size and digest, in the order of paths."""
    return tuple(
        File(path, len(contents[path]), hashlib.sha256(contents[path]).hexdigest()) for path in sorted(contents)
    )


def manifest(release: PublishedRelease, contents: Mapping[str, bytes], *, software: str) -> bytes:
    """The manifest of these files."""
    return pretty(
        {
            "release": release.id,
            "vintage": release.vintage,
            "as_of": moment(release.as_of),
            "published_at": moment(release.published_at),
            "is_provisional": release.is_provisional,
            "software": software,
            "files": [each._asdict() for each in files_of(contents)],
        }
    )


def sums(contents: Mapping[str, bytes]) -> bytes:
    """The digests as `sha256sum --check` reads them."""
    return "".join(f"{each.sha256}  {each.path}\n" for each in files_of(contents)).encode()


def read(content: bytes) -> Manifest:
    """A manifest that was written here."""
    said = json.loads(content)
    return Manifest(
        said["release"],
        said["vintage"],
        datetime.fromisoformat(said["as_of"]),
        datetime.fromisoformat(said["published_at"]),
        said["is_provisional"],
        said["software"],
        tuple(File(**each) for each in said["files"]),
    )
