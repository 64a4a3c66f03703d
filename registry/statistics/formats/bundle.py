"""The folder of one vintage of a release: every file of it, the same bytes whenever it is written."""

import zlib
from collections.abc import Callable, Mapping
from importlib.metadata import version
from types import MappingProxyType
from typing import Final

from registry.statistics.formats import catalogue, drawings, flat, jsonstat, manifest, parquet, structure, workbook
from registry.statistics.formats.observations import require_whole
from registry.statistics.published import PublishedRelease, Table

WRITERS: Final[Mapping[str, Callable[[PublishedRelease, Table], bytes]]] = MappingProxyType(
    {
        "csv": flat.plain_csv,
        "sdmx.csv": flat.sdmx_csv,
        "json": jsonstat.dataset,
        "parquet": parquet.written,
        "xlsx": workbook.written,
    }
)
LIBRARIES: Final = ("pyarrow", "rdflib", "XlsxWriter")


def render(release: PublishedRelease, *, software: str) -> Mapping[str, bytes]:
    """All files by their paths in the folder, but for the signature, which whoever keeps the key adds.

    `software` goes into the manifest, see `written_with`. Raises ValueError for a table with a missing cell, or a value
    that is not as exact as its measure.
    """
    contents: dict[str, bytes] = {
        "structure.json": structure.structure(release),
        "dictionary.csv": structure.dictionary(release),
        "corrections.json": structure.corrections(release),
    }
    for table in release.tables:
        require_whole(release, table)
        contents |= {f"tables/{table.id}.{form}": write(release, table) for form, write in WRITERS.items()}
    contents |= drawings.charts(release)
    contents |= catalogue.of_release(catalogue.describe(release, manifest.files_of(contents)))
    contents[manifest.MANIFEST] = manifest.manifest(release, contents, software=software)
    contents[manifest.SUMS] = manifest.sums(contents)
    return MappingProxyType({path: contents[path] for path in sorted(contents)})


def written_with() -> str:
    """The libraries that decide on bytes, with their versions: a release is written again exactly by the same ones."""
    libraries = "; ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"{libraries}; zlib {zlib.ZLIB_RUNTIME_VERSION}"
