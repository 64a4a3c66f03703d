"""The log as files: paths, what growing writes, and proofs read back from them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.ledger import tiles, tree
from registry.ledger.tiles import ENTRIES, Frontier, Tile, TileRefused


def entry(number: int) -> bytes:
    return tree.leaf(commitment=number.to_bytes(32, "big"))


class Folder:
    """Published files, in memory."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def fetch(self, path: str) -> bytes:
        if path not in self.files:
            raise FileNotFoundError(path)
        return self.files[path]

    def publish(self, edge: Frontier, *, until: int) -> set[str]:
        """Grow the log to `until` leaves; the paths that were written."""
        files = [*edge.grow(map(entry, range(edge.size, until))), *edge.partial()]
        for file in files:
            assert self.files.setdefault(file.path, file.content) == file.content, "a published file changed"
        return {file.path for file in files}


def published(size: int) -> Folder:
    folder = Folder()
    folder.publish(Frontier(), until=size)
    return folder


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(1, 999), "tile/1/999"),
        (Tile(1, 1000), "tile/1/x001/000"),
        (Tile(63, 5, 1), "tile/63/005.p/1"),
        (Tile(0, 273, 112), "tile/0/273.p/112"),
        (Tile(ENTRIES, 0), "tile/entries/000"),
        (Tile(ENTRIES, 1234067, 255), "tile/entries/x001/x234/067.p/255"),
    ],
)
def test_a_path_is_as_the_specification_says(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert tiles.read_path(path) == tile


@pytest.mark.parametrize(
    "path",
    ["", "checkpoint", "tile/0/0", "tile/00/000", "tile/64/000", "tile/-1/000", "tile/0/x000/001", "tile/0/001/234",
     "tile/0/x001", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "/tile/0/000", "tile/0/000/",
     "tile/0/000\n", "tile/entry/000", "tile/0/../000", "tile/0/٠٠٠", "tile/0/000.p/"],
)  # fmt: skip
def test_any_other_path_is_refused(path: str) -> None:
    with pytest.raises(TileRefused):
        tiles.read_path(path)


@given(st.integers(-1, 63), st.integers(0, 10**12), st.integers(1, 256))
def test_every_path_leads_back_to_its_tile(level: int, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    assert tiles.read_path(tile.path) == tile


def test_the_example_of_the_specification_has_these_files() -> None:
    """Section "Partial Tiles": 70,000 leaves, and 256."""
    found = [tile for tile in tiles.written(before=0, after=70_000) if tile.level != ENTRIES]
    assert [sum(tile.level == level and tile.width == 256 for tile in found) for level in (0, 1, 2)] == [273, 1, 0]
    assert [tile for tile in found if tile.width < 256] == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert list(tiles.written(before=0, after=256)) == [Tile(ENTRIES, 0), Tile(0, 0), Tile(1, 0, 1)]


@pytest.mark.parametrize("sizes", [(0, 1, 255, 256, 257, 600), (5, 5, 6), (0, 65_535, 65_536, 65_537), (70_000,)])
def test_growing_writes_exactly_the_files_it_should(sizes: tuple[int, ...]) -> None:
    folder, edge, before = Folder(), Frontier(), 0
    for size in sizes:
        paths = folder.publish(edge, until=size)
        new = {tile.path for tile in tiles.written(before=before, after=size)}
        assert new <= paths
        assert all(path in folder.files for path in paths)
        before = size
        assert edge.root == tree.root(tree.leaf_hash(entry(number)) for number in range(size))
    expected = {tile.path for tile in tiles.written(before=0, after=sizes[-1])}
    assert expected <= set(folder.files)


def test_a_log_does_not_shrink() -> None:
    with pytest.raises(ValueError, match="does not grow"):
        list(tiles.written(before=2, after=1))


@settings(max_examples=25, deadline=None)
@given(size=st.integers(1, 1500), data=st.data())
def test_proofs_from_tiles_are_those_from_memory(size: int, data: st.DataObject) -> None:
    leaves = [tree.leaf_hash(entry(number)) for number in range(size)]
    stored, held = tiles.nodes(size=size, fetch=published(size).fetch), tree.in_memory(leaves)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    assert tree.compact(size=size, nodes=stored) == tree.compact(size=size, nodes=held)
    for nodes in (stored, held):
        proof = tree.inclusion(index=index, size=size, nodes=nodes)
        tree.verify_inclusion(index=index, size=size, leaf_hash=leaves[index], proof=proof, root=tree.root(leaves))
    assert tree.consistency(old=old, new=size, nodes=stored) == tree.consistency(old=old, new=size, nodes=held)


def test_proofs_reach_over_several_levels_of_tiles() -> None:
    size = 70_000
    nodes = tiles.nodes(size=size, fetch=published(size).fetch)
    root = tree.compact(size=size, nodes=nodes).root
    for index in (0, 255, 256, 65_535, 65_536, 69_999):
        proof = tree.inclusion(index=index, size=size, nodes=nodes)
        hashed = tree.leaf_hash(entry(index))
        tree.verify_inclusion(index=index, size=size, leaf_hash=hashed, proof=proof, root=root)


@settings(max_examples=25, deadline=None)
@given(start=st.integers(0, 1500), more=st.integers(0, 600))
def test_a_log_is_grown_on_from_its_files(start: int, more: int) -> None:
    folder = published(start)
    edge = tiles.frontier(size=start, fetch=folder.fetch)
    assert edge.root == tree.root(tree.leaf_hash(entry(number)) for number in range(start))
    folder.publish(edge, until=start + more)
    whole = published(start + more)
    assert whole.files.items() <= folder.files.items()


def test_the_entries_are_read_back_from_any_place() -> None:
    folder = published(600)
    for start in (0, 1, 255, 256, 257, 599, 600):
        read = list(tiles.entries(size=600, fetch=folder.fetch, start=start))
        assert read == [entry(number) for number in range(start, 600)]


def test_a_full_file_stands_in_for_a_partial_one_that_was_removed() -> None:
    folder = published(300)
    folder.publish(tiles.frontier(size=300, fetch=folder.fetch), until=512)
    del folder.files["tile/0/001.p/44"], folder.files["tile/entries/001.p/44"]
    nodes = tiles.nodes(size=300, fetch=folder.fetch)
    assert tree.compact(size=300, nodes=nodes).root == tree.root(tree.leaf_hash(entry(n)) for n in range(300))
    assert list(tiles.entries(size=300, fetch=folder.fetch, start=290)) == [entry(n) for n in range(290, 300)]


def test_a_missing_file_is_said() -> None:
    folder = published(600)
    for path in ("tile/0/001", "tile/entries/001", "tile/0/002.p/88"):
        del folder.files[path]
    with pytest.raises(FileNotFoundError, match="tile/0/001"):
        tree.compact(size=511, nodes=tiles.nodes(size=600, fetch=folder.fetch))
    with pytest.raises(FileNotFoundError, match="tile/0/002"):
        tree.inclusion(index=520, size=600, nodes=tiles.nodes(size=600, fetch=folder.fetch))
    with pytest.raises(FileNotFoundError, match="tile/entries/001"):
        list(tiles.entries(size=600, fetch=folder.fetch))


def test_there_is_no_node_beyond_the_tree() -> None:
    nodes = tiles.nodes(size=300, fetch=published(300).fetch)
    for level, index in ((0, 300), (0, -1), (8, 1), (9, 0)):
        with pytest.raises(LookupError, match="has no node"):
            nodes(level, index)


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_a_bundle_gives_back_its_entries(entries: list[bytes]) -> None:
    content = tiles.bundled(entries)
    assert tiles.unbundled(content, width=len(entries)) == entries
    for width in (len(entries) - 1, len(entries) + 1):
        if width >= 0:
            with pytest.raises(TileRefused, match="exactly"):
                tiles.unbundled(content, width=width)


@pytest.mark.parametrize("content", [b"\x00", b"\x00\x02a", b"\xff\xff"])
def test_a_bundle_that_is_cut_is_refused(content: bytes) -> None:
    with pytest.raises(TileRefused, match="cut"):
        tiles.unbundled(content, width=1)


def test_a_tile_has_whole_hashes() -> None:
    assert tiles.hashes(bytes(64), width=2) == [bytes(32)] * 2
    for length in (0, 63, 65, 96):
        with pytest.raises(TileRefused, match="does not have"):
            tiles.hashes(bytes(length), width=2)


def test_an_entry_that_is_too_long_is_refused() -> None:
    longest = bytes(65_535)
    assert tiles.unbundled(tiles.bundled([longest]), width=1) == [longest]
    for refuse in (lambda: tiles.bundled([longest + b"x"]), lambda: list(Frontier().grow([longest + b"x"]))):
        with pytest.raises(TileRefused, match="does not fit"):
            refuse()
