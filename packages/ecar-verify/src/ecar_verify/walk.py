"""Reading a whole log: every entry, every tile of hashes, each tile recomputed from the entries (C2SP tlog-tiles)."""

from collections.abc import Iterator

from ecar_verify import merkle
from ecar_verify.merkle import Growing
from ecar_verify.refusals import Malformed, Misbehaviour
from ecar_verify.source import Source

_WIDTH = 256


def name(kind: str, index: int, width: int = _WIDTH) -> str:
    """The path of a file: `kind` is a level, or `entries`."""
    digits = f"{index:03}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = f"tile/{kind}/{'/'.join([*(f'x{group}' for group in groups[:-1]), groups[-1]])}"
    return path if width == _WIDTH else f"{path}.p/{width}"


def entries(source: Source, size: int) -> Iterator[bytes]:
    """The entries of a log of `size`, in order; after the last, all tiles have been compared with them.

    Memory: the hashes of levels 1 and above (32 bytes for each 256 entries). Raises `NotIncluded` for missing files,
    `Malformed` for ill-formed ones, `Misbehaviour` for tiles that do not follow from the entries.
    """
    tops: list[bytes] = []
    for index in range(-(-size // _WIDTH)):
        width = min(_WIDTH, size - index * _WIDTH)
        bundle = source.required(name("entries", index, width), name("entries", index))
        found = _unbundled(bundle, width)
        hashes = [merkle.leaf_hash(entry) for entry in found]
        _compare(source, "0", index, hashes)
        if width == _WIDTH:
            tops.append(_top(hashes))
        yield from found
    level = 1
    while tops:
        for index in range(-(-len(tops) // _WIDTH)):
            _compare(source, str(level), index, tops[index * _WIDTH : (index + 1) * _WIDTH])
        full = len(tops) // _WIDTH
        tops = [_top(tops[index * _WIDTH : (index + 1) * _WIDTH]) for index in range(full)]
        level += 1


def _top(hashes: list[bytes]) -> bytes:
    growing = Growing()
    for each in hashes:
        growing.add(each)
    return growing.root()


def _compare(source: Source, level: str, index: int, hashes: list[bytes]) -> None:
    path = name(level, index, len(hashes))
    content = source.required(path, name(level, index))
    if len(content) not in (32 * len(hashes), 32 * _WIDTH):
        raise Malformed(f"{path} has {len(content)} bytes")
    if content[: 32 * len(hashes)] != b"".join(hashes):
        raise Misbehaviour(f"{path} does not hold the hashes of the log's own entries", details={"file": path})


def _unbundled(content: bytes, width: int) -> list[bytes]:
    """The first `width` entries of a bundle (a full one may stand for a partial one). Raises `Malformed`."""
    found: list[bytes] = []
    rest = memoryview(content)
    while rest and len(found) < _WIDTH:
        length = int.from_bytes(rest[:2], "big")
        if len(rest) < 2 + length or len(rest) < 2:
            raise Malformed("a bundle of entries is cut")
        found.append(bytes(rest[2 : 2 + length]))
        rest = rest[2 + length :]
    if rest or len(found) not in (width, _WIDTH):
        raise Malformed(f"a bundle holds {len(found)} entries or more, not {width}")
    return found[:width]
