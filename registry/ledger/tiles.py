"""The public log as static files (C2SP tlog-tiles): their paths, what growing writes, and proofs read back from them.

Tiles hold 256 hashes of one level in a row; a hash of level n + 1 is the root of a full tile of level n. Entry bundles
hold the leaves themselves. Full files never change, and a partial file never changes under its own width.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from registry.ledger import tree
from registry.ledger.tree import HASH_BYTES, Compact, Nodes

WIDTH, HEIGHT = 256, 8
LARGEST_ENTRY = 0xFFFF  # bytes: its length is written in two
ENTRIES = -1  # stands for a level: the bundles of entries
KEPT = 64  # tiles that reading keeps at hand

_LEVELS = 64
_PATH = re.compile(
    r"tile/(?P<level>entries|[0-9]|[1-5][0-9]|6[0-3])/(?P<index>(?:x[0-9]{3}/)*[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)

Fetch = Callable[[str], bytes]
"""Gives the content of the file at a path of the log. Raises FileNotFoundError where there is none."""


class TileRefused(ValueError):
    """A file of the log that is not of its form; the text says which."""


@dataclass(frozen=True)
class Tile:
    """One file: its level (`ENTRIES` for a bundle), its place in the level, and how many hashes or entries it has."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Where it lies under the log's prefix, such as `tile/0/x001/x234/067.p/112`."""
        level = "entries" if self.level == ENTRIES else str(self.level)
        groups = [f"{self.index % 1000:03}"]
        rest = self.index // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03}")
            rest //= 1000
        return f"tile/{level}/{'/'.join(groups)}{'' if self.width == WIDTH else f'.p/{self.width}'}"


@dataclass(frozen=True)
class File:
    """A file of the log that is to be published: its path and its whole content."""

    path: str
    content: bytes


class Frontier:
    """The growing edge of a log: its rightmost tiles, kept in memory (at most 256 hashes a level and one bundle)."""

    def __init__(self) -> None:
        """The edge of an empty log. `frontier` gives that of a published one."""
        self.size = 0
        self._bundle: list[bytes] = []
        self._edges: list[list[bytes]] = []

    @property
    def root(self) -> bytes:
        """The root of the tree that was grown so far."""
        return tree.folded([peak for edge in reversed(self._edges) for peak in Compact().grown(edge).peaks])

    def grow(self, entries: Iterable[bytes]) -> Iterator[File]:
        """Append `entries` one by one, yielding each file that became full. Raises `TileRefused` for a too long one."""
        for entry in entries:
            _require_fits(entry)
            self._bundle.append(entry)
            if len(self._bundle) == WIDTH:
                yield File(Tile(ENTRIES, self.size // WIDTH).path, bundled(self._bundle))
                self._bundle.clear()
            self.size += 1
            yield from self._climb(tree.leaf_hash(entry))

    def partial(self) -> Iterator[File]:
        """The partial files of the size reached; with the full ones before, they are what a checkpoint needs."""
        if self._bundle:
            yield File(Tile(ENTRIES, self.size // WIDTH, len(self._bundle)).path, bundled(self._bundle))
        for level, edge in enumerate(self._edges):
            if edge:
                yield File(Tile(level, self.size >> HEIGHT * (level + 1), len(edge)).path, b"".join(edge))

    def _climb(self, node: bytes) -> Iterator[File]:
        """Put a hash into the edge of level 0, and the root of each tile it fills into the level above."""
        for level in range(_LEVELS):
            if level == len(self._edges):
                self._edges.append([])
            edge = self._edges[level]
            edge.append(node)
            if len(edge) < WIDTH:
                return
            yield File(Tile(level, (self.size >> HEIGHT * (level + 1)) - 1).path, b"".join(edge))
            node = tree.root(edge)
            edge.clear()


def read_path(path: str) -> Tile:
    """The file that `path` names. Raises `TileRefused` when it is not written in the only way."""
    found = _PATH.fullmatch(path)
    if not found:
        raise TileRefused(f"{path!r} is no path of a tile")
    level = ENTRIES if found["level"] == "entries" else int(found["level"])
    tile = Tile(level, int(re.sub("[x/]", "", found["index"])), int(found["width"] or WIDTH))
    if tile.path != path:
        raise TileRefused(f"{path!r} is not written as {tile.path!r}")
    return tile


def written(*, before: int, after: int) -> Iterator[Tile]:
    """The files that growing from `before` to `after` leaves writes: new full ones, and the partial ones of `after`.

    Raises ValueError when the log would shrink.
    """
    if not 0 <= before <= after:
        raise ValueError(f"a log of {before} leaves does not grow to {after}")
    for level in (ENTRIES, *range(_LEVELS)):
        shift = HEIGHT * max(level, 0)
        if before >> shift == after >> shift:
            continue
        for index in range((before >> shift) // WIDTH, (after >> shift) // WIDTH):
            yield Tile(level, index)
        if width := (after >> shift) % WIDTH:
            yield Tile(level, (after >> shift) // WIDTH, width)


def bundled(entries: Sequence[bytes]) -> bytes:
    """Entries as a bundle holds them, each behind its length. Raises `TileRefused` for one over 65,535 bytes."""
    for entry in entries:
        _require_fits(entry)
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def unbundled(content: bytes, *, width: int) -> list[bytes]:
    """The `width` entries of a bundle. Raises `TileRefused` when it holds more or fewer, or is cut."""
    found: list[bytes] = []
    at = 0
    while at < len(content) and len(found) < width:
        end = at + 2 + int.from_bytes(content[at : at + 2], "big")
        if at + 2 > len(content) or end > len(content):
            raise TileRefused("a bundle is cut")
        found.append(content[at + 2 : end])
        at = end
    if at != len(content) or len(found) != width:
        raise TileRefused(f"a bundle does not hold exactly {width} entries")
    return found


def hashes(content: bytes, *, width: int) -> list[bytes]:
    """The `width` hashes of a tile. Raises `TileRefused` for another length."""
    if len(content) != width * HASH_BYTES:
        raise TileRefused(f"a tile of {width} hashes does not have {len(content)} bytes")
    return [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]


def nodes(*, size: int, fetch: Fetch) -> Nodes:
    """The complete subtrees of a log of `size` leaves, read from its tiles; what `tree` makes proofs from.

    Raises `TileRefused` for malformed tiles, FileNotFoundError for missing ones, LookupError beyond the tree. Proofs
    made from it must be verified against a root, as tiles are not signed.
    """

    @lru_cache(KEPT)
    def tile(level: int, index: int) -> list[bytes]:
        here = min((size >> HEIGHT * level) - index * WIDTH, WIDTH)
        return hashes(_fetched(Tile(level, index, here), HASH_BYTES, fetch), width=here)

    def node(level: int, index: int) -> bytes:
        if index < 0 or (index + 1) << level > size:
            raise LookupError(f"a tree of {size} leaves has no node {index} of level {level}")
        first, count = (index << level % HEIGHT), 1 << level % HEIGHT
        start = first % WIDTH
        return tree.root(tile(level // HEIGHT, first // WIDTH)[start : start + count])

    return node


def entries(*, size: int, fetch: Fetch, start: int = 0) -> Iterator[bytes]:
    """The log's leaves from `start` on, bundle by bundle. Raises as `nodes` does."""
    for index in range(start // WIDTH, -(-size // WIDTH)):
        width = min(size - index * WIDTH, WIDTH)
        found = unbundled(_bundle(Tile(ENTRIES, index, width), fetch), width=width)
        yield from found[max(start - index * WIDTH, 0) :]


def frontier(*, size: int, fetch: Fetch) -> Frontier:
    """The growing edge of a published log of `size` leaves, from its partial files. Raises as `nodes` does."""
    edge = Frontier()
    edge.size = size
    edge._bundle = list(entries(size=size, fetch=fetch, start=size - size % WIDTH))
    for level in range(-(-size.bit_length() // HEIGHT)):
        there = size >> HEIGHT * level
        width = there % WIDTH
        tile = Tile(level, there // WIDTH, width)
        edge._edges.append(hashes(_fetched(tile, HASH_BYTES, fetch), width=width) if width else [])
    return edge


def _fetched(tile: Tile, each: int, fetch: Fetch) -> bytes:
    """A tile's content; the full tile's beginning where a partial one was already removed."""
    try:
        return fetch(tile.path)
    except FileNotFoundError:
        if tile.width == WIDTH:
            raise
        return fetch(Tile(tile.level, tile.index).path)[: tile.width * each]


def _bundle(tile: Tile, fetch: Fetch) -> bytes:
    """A bundle's content; the full bundle's beginning where a partial one was already removed."""
    try:
        return fetch(tile.path)
    except FileNotFoundError:
        if tile.width == WIDTH:
            raise
        whole = unbundled(fetch(Tile(tile.level, tile.index).path), width=WIDTH)
        return bundled(whole[: tile.width])


def _require_fits(entry: bytes) -> None:
    if len(entry) > LARGEST_ENTRY:
        raise TileRefused(f"an entry of {len(entry)} bytes does not fit a bundle")
