"""What a chart of a release is drawn from: places on the map by their own value, or by their group's."""

from decimal import Decimal

from registry.charts import europe
from registry.periods import Quarter
from registry.statistics.formats import drawings
from registry.statistics.published import Cell, Code, Dimension, PublishedRelease, Table
from tests.registry.statistics import samples
from tests.registry.statistics.samples import MEMBERS, said

WEST = MEMBERS[:10]
EAST = MEMBERS[10:]


def grouped() -> PublishedRelease:
    """A release whose table has groups of Member States alone: 40 in the west, a withheld value in the east."""
    whole = samples.release()
    names = ("EU", "EU-WEST", "EU-EAST", *MEMBERS)
    splits = {"EU": (("EU-WEST", "EU-EAST"),), "EU-WEST": (WEST,), "EU-EAST": (EAST,)}
    states = Dimension("member_state", said("State"), tuple(Code(name, said(f"In {name}")) for name in names), splits)
    values = {"EU": Decimal(50), "EU-WEST": Decimal(40), "EU-EAST": None}
    table = Table(
        id="runs-by-state-and-band",
        title=said("Runs"),
        note=said("Runs"),
        frequency="Q",
        time="quarter",
        dimensions=("quarter", "member_state"),
        measures=("runs",),
        cells=tuple(Cell((whole.id, code), (value,)) for code, value in values.items()),
    )
    return PublishedRelease(
        id=whole.id,
        vintage=1,
        as_of=whole.as_of,
        published_at=whole.published_at,
        is_provisional=True,
        dimensions=(samples.period(Quarter(2026, 3)), states),
        measures=(samples.RUNS,),
        tables=(table,),
        corrections=(),
    )


def test_member_states_are_shown_by_their_own_values() -> None:
    release = samples.release()
    found = drawings.breakdown(release, release.tables[0])
    assert found is not None
    assert (found.is_map, found.is_grouped) == (True, False)
    assert drawings.map_names(found, {code: code.lower() for code in MEMBERS}) == {c: c.lower() for c in MEMBERS}


def test_groups_of_member_states_colour_each_of_theirs() -> None:
    release = grouped()
    found = drawings.breakdown(release, release.tables[0])
    assert found is not None
    assert (found.is_map, found.is_grouped) == (True, True)
    values = drawings.map_values(found, hidden="c", shown=str)
    assert {code: (values[code].text, values[code].confidential) for code in MEMBERS} == {
        **dict.fromkeys(WEST, ("40", False)),
        **dict.fromkeys(EAST, ("c", True)),
    }
    assert drawings.map_names(found, {"EU-WEST": "West", "EU-EAST": "East"})[WEST[0]] == "West"


def test_the_file_of_a_grouped_table_is_a_map_that_names_the_groups() -> None:
    drawn = drawings.charts(grouped())["charts/runs-by-state-and-band.svg"].decode()
    assert drawn.count("In EU-WEST: 40") >= len(WEST)
    assert f"In {WEST[0]}:" not in drawn
    assert europe.geometry()["members"][WEST[0]]["d"] in drawn


def test_classes_that_are_no_places_are_bars() -> None:
    release = samples.release()
    found = drawings.breakdown(release, release.tables[1])
    assert found is not None
    assert not found.is_map
