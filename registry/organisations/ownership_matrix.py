"""The same for a whole register at once: effective shares of all ultimate owners in everything, as sparse matrices.

100,000 entities are resolved in seconds (docs/adr/0010). Shares here are floating-point and for finding; whether one
reaches a limit is decided exactly: what comes within a billionth of the limit is worked out again with fractions.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy
from scipy import sparse
from scipy.sparse import csgraph

from registry.organisations import ownership
from registry.organisations.ownership import Graph, Limit, Measure

NEAR: Final = 1e-9  # far above the error of the sums (some 1e-13), far below what shares differ by

Matrix = Any  # a sparse matrix: SciPy has no types


@dataclass(frozen=True)
class Resolved:
    """Effective shares: row `owners[i]`, column `entities[j]`. A row is an owner of whom no owner is stated."""

    owners: tuple[str, ...]
    entities: tuple[str, ...]
    shares: Matrix

    def __iter__(self) -> Iterator[tuple[str, str, float]]:
        """Owner, entity and share of each pair with a share; an owner's whole of itself is left out."""
        pairs = self.shares.tocoo()
        for row, column, share in zip(pairs.row, pairs.col, pairs.data, strict=True):
            if self.owners[row] != self.entities[column]:
                yield self.owners[row], self.entities[column], float(share)


def resolved(picture: Graph, *, measure: Measure) -> Resolved:
    """The effective share of every ultimate owner in every entity of the graph.

    `W = R + R·D·B + R·(D·B)² + …`, where `R` picks the ultimate owners, `B` holds the direct shares between different
    circles and `D` solves each circle by itself. Without circles left the series ends after the longest chain.
    """
    direct = picture.shares(measure)
    entities = tuple(sorted({key for held, owners in direct.items() for key in (held, *owners)}))
    place = {key: number for number, key in enumerate(entities)}
    matrix = _matrix(direct, place)
    labels = csgraph.connected_components(matrix, directed=True, connection="strong")[1]
    rings = _rings(labels)
    closed = [ring for ring in rings if ownership.is_closed(frozenset(entities[i] for i in ring), direct)]
    matrix = _without(matrix, labels, {int(labels[ring[0]]) for ring in closed})
    roots = numpy.flatnonzero(numpy.asarray(matrix.sum(axis=0)).ravel() == 0)
    inner, between = _split(matrix, labels)
    step = between @ _solved(inner, [ring for ring in rings if ring not in closed], len(entities))
    weight = sparse.csr_array(
        (numpy.ones(len(roots)), (numpy.arange(len(roots)), roots)), shape=(len(roots), len(entities))
    )
    total = front = weight
    while front.nnz:
        front = front @ step
        total = total + front
    return Resolved(tuple(entities[i] for i in roots), entities, total)


def reaching(picture: Graph, *, measure: Measure, limit: Limit) -> Mapping[str, frozenset[str]]:
    """Of each entity the ultimate owners whose effective share reaches the limit. Exact."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    unsure: defaultdict[str, set[str]] = defaultdict(set)
    bound = float(limit.share)
    for owner, entity, share in resolved(picture, measure=measure):
        if abs(share - bound) <= NEAR:
            unsure[entity].add(owner)
        elif share > bound:
            found[entity].add(owner)
    for entity, owners in unsure.items():
        exact = ownership.owned(picture, entity, measure=measure).shares
        found[entity] |= {owner for owner in owners if limit.reached(exact.get(owner, Fraction(0)))}
    return {entity: frozenset(owners) for entity, owners in found.items() if owners}


def _matrix(direct: Mapping[str, Mapping[str, Fraction]], place: Mapping[str, int]) -> Matrix:
    """Direct shares, row the owner, column what is held."""
    edges = [(place[owner], place[held], share) for held, owners in direct.items() for owner, share in owners.items()]
    rows, columns = (numpy.fromiter((edge[side] for edge in edges), dtype=numpy.int32) for side in (0, 1))
    shares = numpy.fromiter((edge[2].numerator / edge[2].denominator for edge in edges), dtype=float)
    return sparse.csr_array((shares, (rows, columns)), shape=(len(place), len(place)))


def _rings(labels: Any) -> list[list[int]]:
    """The circles: members of each strong component of more than one."""
    counts = numpy.bincount(labels)
    members: defaultdict[int, list[int]] = defaultdict(list)
    for index in numpy.flatnonzero(counts[labels] > 1):
        members[int(labels[index])].append(int(index))
    return list(members.values())


def _without(matrix: Matrix, labels: Any, closed: set[int]) -> Matrix:
    """The matrix without the holdings inside circles that own all of themselves: their members then count as roots."""
    pairs = matrix.tocoo()
    inside = (labels[pairs.row] == labels[pairs.col]) & numpy.isin(labels[pairs.row], sorted(closed))
    kept = ~inside
    return sparse.csr_array((pairs.data[kept], (pairs.row[kept], pairs.col[kept])), shape=matrix.shape)


def _split(matrix: Matrix, labels: Any) -> tuple[Matrix, Matrix]:
    """Holdings inside circles, and holdings between different ones."""
    pairs = matrix.tocoo()
    inside = labels[pairs.row] == labels[pairs.col]
    inner, between = (
        sparse.csr_array((pairs.data[chosen], (pairs.row[chosen], pairs.col[chosen])), shape=matrix.shape)
        for chosen in (inside, ~inside)
    )
    return inner, between


def _solved(inner: Matrix, rings: list[list[int]], size: int) -> Matrix:
    """`(I - inner)⁻¹`, worked out circle by circle; the identity for everything that is in none."""
    alone = numpy.ones(size, dtype=bool)
    rows, columns, values = [], [], []
    for ring in rings:
        alone[ring] = False
        block = numpy.linalg.inv(numpy.eye(len(ring)) - inner[ring, :][:, ring].toarray())
        rows.append(numpy.repeat(ring, len(ring)))
        columns.append(numpy.tile(ring, len(ring)))
        values.append(block.ravel())
    single = numpy.flatnonzero(alone)
    return sparse.csr_array(
        (
            numpy.concatenate([numpy.ones(len(single)), *values]),
            (numpy.concatenate([single, *rows]), numpy.concatenate([single, *columns])),
        ),
        shape=(size, size),
    )
