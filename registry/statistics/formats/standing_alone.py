"""A chart as a file of its own: the looks that a page gives it by class are written into each mark.

So it needs no style sheet, no font and no script, and a strict policy lets it be shown as it is.
"""

import re
from collections.abc import Mapping
from typing import Final

SVG: Final = "http://www.w3.org/2000/svg"
FONT: Final = "Inter, Arial, Helvetica, sans-serif"
_INK, _QUIET, _WHITE = "#14233b", "#51617a", "#fff"
_CLASS: Final = re.compile(r' class="([^"]*)"')
_VIEW: Final = re.compile(r' viewBox="([^"]*)"')

# The same looks as `static/registry/figures.css` and `theme.css`; a test compares the colours.
LOOKS: Final[Mapping[str, Mapping[str, str]]] = {
    "grid": {"stroke": "#e6ebf2", "stroke-width": "1"},
    "axis": {"stroke": "#8794a8", "stroke-width": "1"},
    "tick": {"fill": _QUIET, "font-size": "11.5"},
    "tick--year": {"fill": _INK, "font-weight": "600"},
    "value": {"fill": _INK, "font-size": "12", "font-weight": "600"},
    "part--0": {"fill": "#c3cfdf"},
    "part--1": {"fill": "#79a6d3"},
    "part--2": {"fill": "#1f5fa6"},
    "part--3": {"fill": "#d1500f"},
    "hatch-ground": {"fill": "#f3e6c8"},
    "hatch-line": {"stroke": "#94762f", "stroke-width": "2.6"},
    "neighbour": {"fill": "#eceff4"},
    "eea": {"fill": "#e1e6ee", "stroke": _WHITE, "stroke-width": "0.8"},
    "state": {"stroke": _WHITE, "stroke-width": "0.9", "stroke-linejoin": "round"},
    "state--none": {"fill": _WHITE, "stroke": "#9fb0c4"},
    "state--0": {"fill": "#d9e6f3"},
    "state--1": {"fill": "#a6c5e3"},
    "state--2": {"fill": "#659ace"},
    "state--3": {"fill": "#2767ad"},
    "state--4": {"fill": "#0d3566"},
    "state--dot": {"stroke": _INK, "stroke-width": "1"},
    "threshold": {"stroke-width": "1.6"},
    "threshold--high": {"stroke": "#b93a0b"},
    "caption": {"font-size": "12", "font-weight": "600"},
    "caption--high": {"fill": "#a33208"},
    "zone": {"fill": "#fdf1ec"},
    "record": {"fill": "none", "stroke": "#0b2a4f", "stroke-width": "2", "stroke-linejoin": "round"},
    "median": {"fill": "none", "stroke": "#0b2a4f", "stroke-width": "1.6", "stroke-dasharray": "2 3"},
    "remark": {"fill": _INK, "font-size": "12", "font-weight": "550"},
    "point": {"stroke": _WHITE, "stroke-width": "1.2"},
    "point--under": {"fill": "#3a7cc4"},
    "decided": {"fill": "#5b8fc7"},
    "decided--late": {"fill": "#d1500f"},
    "heat": {"stroke": "#c4cedb", "stroke-width": "0.5"},
    "heat--0": {"fill": "#f3f5f8"},
    "heat--1": {"fill": "#d9e6f3"},
    "heat--2": {"fill": "#a6c5e3"},
    "heat--3": {"fill": "#659ace"},
    "heat--4": {"fill": "#2767ad"},
    "heat--5": {"fill": "#0d3566"},
    "due": {"stroke-width": "1.2"},
    "due--in-time": {"fill": "#1f5fa6", "stroke": "#1f5fa6"},
    "due--late": {"fill": _WHITE, "stroke": "#b93a0b"},
    "due--overdue": {"fill": "#8f2a06", "stroke": "#8f2a06"},
    "due--open": {"fill": _WHITE, "stroke": "#8794a8"},
    "due__half": {"fill": "#d1500f"},
    "due__cross": {"fill": "none", "stroke": _WHITE, "stroke-width": "1.8"},
    "place": {"fill": _INK, "font-size": "11.5", "font-weight": "600"},
    "place--dark": {"fill": _WHITE},
}


def standing_alone(drawn: str) -> bytes:
    """The drawing, made by `registry.charts`, as an SVG file in UTF-8."""
    left, top, width, height = _VIEW.search(drawn)[1].split()  # type: ignore[index]
    ground = f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="{_WHITE}"/>'
    dressed = _CLASS.sub(lambda found: _attributes(found[1]), drawn)
    opened = dressed.replace("<svg ", f'<svg xmlns="{SVG}" width="{width}" height="{height}" font-family="{FONT}" ', 1)
    return (opened.replace("</desc>", f"</desc>{ground}", 1) + "\n").encode()


def _attributes(names: str) -> str:
    looks: dict[str, str] = {}
    for name in names.split():
        looks |= LOOKS.get(name, {})
    return "".join(f' {attribute}="{value}"' for attribute, value in looks.items())
