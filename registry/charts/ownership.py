"""A graph of owners, drawn in layers: the organisation below, whoever owns it above, each edge with its share.

Lines tell what they are by their dashes and words, never by colour alone.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from registry.charts import svg
from registry.organisations.ownership_circles import components

BOX, HIGH, GAP, RISE, MARGIN = 160, 52, 14, 88, 10
LANE = 44  # the room of a line that passes a layer
LETTERS = 22  # that fit into a box
SWEEPS = 6
SWING = 30  # how far a line between two boxes of one layer bends out
LABEL_WIDE, LABEL_HIGH = 58, 16

Point = tuple[float, float]


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
class _Lane:
    """Where a line passes a layer between its ends; `edge` is its place among the edges."""

    edge: int
    level: int


_Item = str | _Lane  # what takes room in a layer: a node, or a line that passes


def graph(*, uid: str, title: str, finding: str, nodes: Sequence[Node], edges: Sequence[Edge], root: str) -> svg.Drawn:
    """The drawing. `root` is the node at the bottom; every other node stands above what it holds."""
    levels = _levels([node.key for node in nodes], edges, root)
    layers = _layers(levels, edges)
    width = max(sum(_room(item) for item in layer) for layer in layers) + 2 * MARGIN
    width = max(width, 2 * BOX + 2 * MARGIN)
    height = len(layers) * HIGH + (len(layers) - 1) * RISE + 2 * (MARGIN + SWING / 2)
    places = _places(layers, width, height)
    courses = [_course(edge, number, levels, places) for number, edge in enumerate(edges)]
    lines = [
        svg.element("path", class_=f"holding holding--{edge.kind}", d=_drawn(course))
        for edge, course in zip(edges, courses, strict=True)
    ]
    labels = [
        svg.text(edge.label, x=x, y=y + 4, class_="remark", anchor="middle")
        for edge, (x, y) in zip(edges, _apart(courses), strict=True)
    ]
    boxes = [_box(node, places[node.key]) for node in nodes]
    return svg.picture([*lines, *boxes, *labels], uid=uid, width=width, height=height, name=title, finding=finding)


def kinds(edges: Iterable[Edge]) -> frozenset[str]:
    """The kinds of lines in a drawing, for its legend."""
    return frozenset(edge.kind for edge in edges)


def _levels(keys: Sequence[str], edges: Sequence[Edge], root: str) -> dict[str, int]:
    """The longest chain from each node to the root, which is at 0; the members of a circle stand beside each other."""
    above: defaultdict[str, set[str]] = defaultdict(set)
    for edge in edges:
        above[edge.held].add(edge.owner)
    level = dict.fromkeys(keys, 1) | {root: 0}
    for ring in reversed(components(keys, above)):
        lowest = max(level[key] for key in ring)
        for key in ring:
            level[key] = 0 if key == root else lowest
            for owner in above[key] - ring - {root}:
                level[owner] = max(level[owner], level[key] + 1)
    used = sorted(set(level.values()))
    return {key: used.index(each) for key, each in level.items()}


def _layers(levels: Mapping[str, int], edges: Sequence[Edge]) -> list[list[_Item]]:
    """What stands in each layer, in the order of the mean place of its neighbours, a few times down and up."""
    layers: list[list[_Item]] = [[] for _ in range(max(levels.values()) + 1)]
    for key, level in levels.items():
        layers[level].append(key)
    beside: defaultdict[_Item, list[_Item]] = defaultdict(list)
    for number, edge in enumerate(edges):
        low, high = sorted((levels[edge.owner], levels[edge.held]))
        lanes: list[_Item] = [_Lane(number, level) for level in range(low + 1, high)]
        for lane, level in zip(lanes, range(low + 1, high), strict=True):
            layers[level].append(lane)
        first, last = sorted((edge.owner, edge.held), key=lambda key: levels[key])
        chain: list[_Item] = [first, *lanes, last]
        for one, other in pairwise(chain):
            beside[one].append(other)
            beside[other].append(one)
    for _ in range(SWEEPS):
        for layer in layers:
            spot = {item: (i + 0.5) / len(each) for each in layers for i, item in enumerate(each)}
            layer.sort(key=lambda item: _mean([spot[other] for other in beside[item]], spot[item]))
    return layers


def _mean(values: Collection[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _room(item: _Item) -> float:
    return LANE if isinstance(item, _Lane) else BOX + GAP


def _places(layers: Sequence[Sequence[_Item]], width: float, height: float) -> dict[_Item, Point]:
    """The middle of each box and of each passing line."""
    found: dict[_Item, Point] = {}
    for level, layer in enumerate(layers):
        y = height - MARGIN - SWING / 2 - HIGH / 2 - level * (HIGH + RISE)
        spare = (width - 2 * MARGIN - sum(_room(item) for item in layer)) / len(layer)
        x = float(MARGIN)
        for item in layer:
            found[item] = (x + (_room(item) + spare) / 2, y)
            x += _room(item) + spare
    return found


def _course(edge: Edge, number: int, levels: Mapping[str, int], places: Mapping[_Item, Point]) -> list[Point]:
    """The points of a line from the owner's box to the held one; within a layer it bends out, above or below."""
    (x1, y1), (x2, y2) = places[edge.owner], places[edge.held]
    high, low = levels[edge.owner], levels[edge.held]
    if high == low:
        side = -1 if x1 < x2 else 1
        y = y1 + side * HIGH / 2
        return [(x1, y), (x1 + (x2 - x1) * 0.2, y + side * SWING), (x2 - (x2 - x1) * 0.2, y + side * SWING), (x2, y)]
    half = HIGH / 2 if high > low else -HIGH / 2
    step = -1 if high > low else 1
    course = [(x1, y1 + half)]
    for level in range(high + step, low, step):
        x, y = places[_Lane(number, level)]
        course += [(x, y - half), (x, y + half)]
    return [*course, (x2, y2 - half)]


def _drawn(course: Sequence[Point]) -> str:
    return "M" + "L".join(f"{svg.number(x)},{svg.number(y)}" for x, y in course)


def _apart(courses: Sequence[Sequence[Point]]) -> list[Point]:
    """Where each label stands: on its line between two layers, where it covers no other label."""
    taken: list[Point] = []
    for course in courses:
        bends = course[0][1] == course[-1][1]
        legs = [(course[i], course[i + 1]) for i in range(1 if bends else 0, len(course) - 1, 2)]
        spots = [_between(a, b, share) for share in (0.5, 0.34, 0.66, 0.2, 0.8) for a, b in legs[::-1]]
        free = (s for s in spots if all(abs(s[0] - t[0]) > LABEL_WIDE or abs(s[1] - t[1]) > LABEL_HIGH for t in taken))
        taken.append(next(free, spots[0]))
    return taken


def _between(a: Point, b: Point, share: float) -> Point:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def _box(node: Node, place: Point) -> svg.Drawn:
    x, y = place
    top = y - 3 if node.note else y + 4
    lines = [svg.text(_short(node.name), x=x, y=top, class_="owner", anchor="middle")]
    if node.note:
        lines.append(svg.text(node.note, x=x, y=y + 15, class_="owner owner--note", anchor="middle"))
    corner = HIGH / 2 if node.kind == "person" else 4
    return svg.element(
        "g",
        svg.title(" · ".join(part for part in (node.name, node.note) if part)),
        svg.element("rect", x=x - BOX / 2, y=y - HIGH / 2, width=BOX, height=HIGH, rx=corner, class_="entity"),
        *lines,
        class_=f"entity-group entity-group--{node.kind}",
    )


def _short(name: str) -> str:
    return name if len(name) <= LETTERS else f"{name[: LETTERS - 1].rstrip()}…"
