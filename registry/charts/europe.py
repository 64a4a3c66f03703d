"""The map of the Member States. Geometry: Natural Earth, drawn once by `static/vendor/draw_map.py`."""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from registry.charts import svg

# Where a label must not stand on its shape's centre: pixels to the right and down.
NUDGES = {
    "FR": (8, 0), "SE": (-6, 34), "FI": (6, 24), "IT": (-2, -18), "GR": (-16, -14), "HR": (-4, -12), "AT": (14, 0),
    "CY": (18, 12), "MT": (2, 20), "DK": (-9, 0), "LV": (4, -2), "EE": (6, 4), "NL": (6, 0), "PT": (-4, 4),
    "BE": (-3, 0),
}  # fmt: skip
WITHOUT_LABEL = {"LU", "SI"}
WITH_DOT = ("LU", "MT")
OUTSIDE = {"CY", "MT"}


@dataclass(frozen=True)
class MapValue:
    """What a Member State shows: a step of the scale (0 lightest to 4), None for nothing; words; confidential."""

    step: int | None
    text: str
    confidential: bool = False


@functools.cache
def geometry() -> dict[str, Any]:
    """Path data by ISO 3166-1 alpha-2 code, with centres in pixels of the view box."""
    read: dict[str, Any] = json.loads(resources.files("registry.charts").joinpath("data/europe.json").read_text())
    return read


def choropleth(
    *,
    uid: str,
    title: str,
    finding: str,
    values: Mapping[str, MapValue],
    names: Mapping[str, str],
    not_covered: str,
    nothing: str,
) -> svg.Drawn:
    """The Union's Member States shaded by step; keys of `values` and `names` are ISO 3166-1 codes (GR, not EL).

    `not_covered` and `nothing` are the words for the other EEA states and for a Member State without a value.
    """
    shapes = geometry()
    parts = [svg.hatch(uid), svg.element("path", class_="neighbour", d=shapes["other"])]
    parts += [
        svg.element("path", svg.title(f"{code}: {not_covered}"), class_="eea", d=d) for code, d in shapes["eea"].items()
    ]
    empty = MapValue(step=None, text=nothing)
    for code, shape in shapes["members"].items():
        value = values.get(code, empty)
        parts.append(_state(uid, value, f"{names.get(code, code)}: {value.text}", d=shape["d"]))
    for code in WITH_DOT:
        value, shape = values.get(code, empty), shapes["members"][code]
        parts.append(_state(uid, value, f"{names.get(code, code)}: {value.text}", x=shape["x"], y=shape["y"]))
    parts += [
        _label(code, values.get(code, empty), shape["x"], shape["y"])
        for code, shape in shapes["members"].items()
        if code not in WITHOUT_LABEL
    ]
    return svg.picture(parts, uid=uid, left=26, top=2, width=590, height=594, name=title, finding=finding)


def _state(uid: str, value: MapValue, name: str, *, d: str = "", x: float = 0, y: float = 0) -> svg.Drawn:
    shade = "none" if value.step is None else str(value.step)
    class_ = "state state--hidden" if value.confidential else f"state state--{shade}"
    fill = f"url(#{uid}-hatch)" if value.confidential else None
    if d:
        return svg.element("path", svg.title(name), class_=class_, d=d, fill=fill)
    return svg.element("circle", svg.title(name), class_=f"{class_} state--dot", cx=x, cy=y, r=7, fill=fill)


def _label(code: str, value: MapValue, x: float, y: float) -> svg.Drawn:
    right, down = NUDGES.get(code, (0, 0))
    on_dark = value.step is not None and value.step >= 3 and not value.confidential and code not in OUTSIDE
    shown = "EL" if code == "GR" else code  # the Union writes EL
    class_ = "place place--dark" if on_dark else "place"
    return svg.text(shown, x=x + right, y=y + down + 4, class_=class_, anchor="middle")
