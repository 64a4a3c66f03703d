"""A graph of owners, drawn in layers: the organisation below, whoever owns it above, each edge with its share.

Lines tell what they are by their dashes and words, never by colour alone.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from registry.organisations.ownership_circles import components
from registry.portal.charts import svg

BOX, HIGH, GAP, RISE, MARGIN = 178, 52, 26, 84, 14
LETTERS = 25  # that fit into a box
SWEEPS = 4
SIDE = 34  # how far an edge within a layer swings out


@dataclass(frozen=True)
class Node:
    """Somebody or something: `kind` is filer, company or person. `note` is the second line, such as its share."""

    key: str
    name: str
    kind: str
    note: str = ""


@dataclass(frozen=True)
class Edge:
    """From an owner to what it holds. `kind` is share, majority, control, nominee or stated; `label` stands on it."""

    owner: str
    held: str
    kind: str
    label: str


@dataclass(frozen=True)
class _Place:
    x: float
    y: float


def graph(*, uid: str, title: str, finding: str, nodes: Sequence[Node], edges: Sequence[Edge], root: str) -> svg.Drawn:
    """The drawing. `root` is the node at the bottom; every other node stands above what it holds."""
    layers = _layers([node.key for node in nodes], edges, root)
    widest = max(len(layer) for layer in layers)
    width = max(widest * (BOX + GAP) - GAP + 2 * MARGIN + SIDE, 2 * (BOX + GAP))
    height = len(layers) * HIGH + (len(layers) - 1) * RISE + 2 * MARGIN
    places = _places(layers, width, height)
    lines = [_line(edge, places) for edge in edges]
    labels = [_label(edge, place) for edge, place in zip(edges, _apart(edges, places), strict=True)]
    boxes = [_box(node, places[node.key]) for node in nodes]
    return svg.picture([*lines, *boxes, *labels], uid=uid, width=width, height=height, name=title, finding=finding)


def _layers(keys: Sequence[str], edges: Sequence[Edge], root: str) -> list[list[str]]:
    """Nodes by the longest chain to the root, the root first; the members of a circle stand beside each other."""
    above: defaultdict[str, set[str]] = defaultdict(set)
    for edge in edges:
        above[edge.held].add(edge.owner)
    depth = dict.fromkeys(keys, 0 if len(keys) == 1 else 1) | {root: 0}
    for ring in reversed(components(keys, above)):
        lowest = max(depth[key] for key in ring)
        for key in ring:
            depth[key] = 0 if key == root else lowest
            for owner in above[key] - ring - {root}:
                depth[owner] = max(depth[owner], depth[key] + 1)
    layers: list[list[str]] = [[] for _ in range(max(depth.values()) + 1)]
    for key in keys:
        layers[depth[key]].append(key)
    return _untangled([layer for layer in layers if layer], edges)


def _untangled(layers: list[list[str]], edges: Sequence[Edge]) -> list[list[str]]:
    """Each layer in the order of the mean place of its neighbours, a few times up and down."""
    beside: defaultdict[str, list[str]] = defaultdict(list)
    for edge in edges:
        beside[edge.owner].append(edge.held)
        beside[edge.held].append(edge.owner)
    for _ in range(SWEEPS):
        for layer in layers:
            spot = {key: (i + 1) / (len(each) + 1) for each in layers for i, key in enumerate(each)}
            layer.sort(key=lambda key: _mean([spot[other] for other in beside[key]], spot[key]))
    return layers


def _mean(values: Collection[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _places(layers: Sequence[Sequence[str]], width: float, height: float) -> dict[str, _Place]:
    """The middle of each box."""
    found = {}
    for level, layer in enumerate(layers):
        y = height - MARGIN - HIGH / 2 - level * (HIGH + RISE)
        step = (width - SIDE) / len(layer)
        for i, key in enumerate(layer):
            found[key] = _Place(step * (i + 0.5), y)
    return found


def _line(edge: Edge, places: Mapping[str, _Place]) -> svg.Drawn:
    """Straight from box to box; within a layer or upwards it swings out at the right."""
    owner, held = places[edge.owner], places[edge.held]
    if owner.y < held.y:
        points = f"M{owner.x:g},{owner.y + HIGH / 2:g}L{held.x:g},{held.y - HIGH / 2:g}"
    else:
        x = max(owner.x, held.x) + BOX / 2 + SIDE
        points = (
            f"M{owner.x + BOX / 2:g},{owner.y:g}C{x:g},{owner.y:g} {x:g},{held.y:g} {held.x + BOX / 2:g},{held.y:g}"
        )
    return svg.element("path", class_=f"holding holding--{edge.kind}", d=points)


def _apart(edges: Sequence[Edge], places: Mapping[str, _Place]) -> list[_Place]:
    """Where each label stands: on its line, moved along it until it covers no other label."""
    taken: list[_Place] = []
    for edge in edges:
        owner, held = places[edge.owner], places[edge.held]
        spots = [_spot(owner, held, share) for share in (0.5, 0.36, 0.64, 0.25, 0.75)]
        free = (spot for spot in spots if all(abs(spot.x - t.x) > 52 or abs(spot.y - t.y) > 15 for t in taken))
        taken.append(next(free, spots[0]))
    return taken


def _spot(owner: _Place, held: _Place, share: float) -> _Place:
    if owner.y < held.y:
        top, bottom = owner.y + HIGH / 2, held.y - HIGH / 2
        return _Place(owner.x + (held.x - owner.x) * share, top + (bottom - top) * share)
    return _Place(max(owner.x, held.x) + BOX / 2 + SIDE * 0.7, owner.y + (held.y - owner.y) * share)


def _label(edge: Edge, place: _Place) -> svg.Drawn:
    return svg.text(edge.label, x=place.x, y=place.y + 4, class_="remark", anchor="middle")


def _box(node: Node, place: _Place) -> svg.Drawn:
    x, y = place.x - BOX / 2, place.y - HIGH / 2
    corner = HIGH / 2 if node.kind == "person" else 4
    lines = [
        svg.text(_short(node.name), x=place.x, y=place.y - (3 if node.note else -4), class_="owner", anchor="middle")
    ]
    if node.note:
        lines.append(svg.text(node.note, x=place.x, y=place.y + 15, class_="owner owner--note", anchor="middle"))
    return svg.element(
        "g",
        svg.title(" · ".join(part for part in (node.name, node.note) if part)),
        svg.element("rect", x=x, y=y, width=BOX, height=HIGH, rx=corner, class_="entity"),
        *lines,
        class_=f"entity-group entity-group--{node.kind}",
    )


def _short(name: str) -> str:
    return name if len(name) <= LETTERS else f"{name[: LETTERS - 1].rstrip()}…"


def kinds(edges: Iterable[Edge]) -> frozenset[str]:
    """The kinds of lines in a drawing, for its legend."""
    return frozenset(edge.kind for edge in edges)
