"""An ownership statement as a plain form, and back. Names of fields are pointers: `/holdings/0/share_percent`.

Rows are numbered in the form as they stand there; a row without any content, or marked to be left out, is not part of
the statement. Entities keep the ids by which holdings name them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, get_args

from django.utils.translation import gettext

from registry.errors import Obstacle
from registry.filings.ownership_document import FILER, ControlKind, EntityKind, HoldingKind
from registry.organisations.identifiers import COUNTRIES
from registry.portal.presentation import words
from registry.portal.presentation.marks import Field, Option
from registry.portal.presentation.owners import OwnersPart, OwnersRow

ENTITIES, HOLDINGS, MANAGERS = PARTS = ("entities", "holdings", "senior_managers")
OUT: Final = "out"  # the box that leaves a row out
_MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    ENTITIES: ("id", "kind", "name", "country", "born_on", "nationalities", "lei", "euid", "registration_number"),
    HOLDINGS: (
        "owner_id",
        "owned_id",
        "kind",
        "share_percent",
        "nominator_id",
        "control_kind",
        "since_on",
        "until_on",
        "source",
    ),
    MANAGERS: ("name", "function"),
}
# What a fresh row holds already, and what alone does not make a row.
_GIVEN: Final[Mapping[str, Mapping[str, str]]] = {ENTITIES: {}, HOLDINGS: {"owned_id": FILER}, MANAGERS: {}}
_EMPTY_WITH: Final[Mapping[str, frozenset[str]]] = {
    ENTITIES: frozenset({"id"}),
    HOLDINGS: frozenset({"owned_id"}),
    MANAGERS: frozenset(),
}
# As many fields as one request may have; longer statements come over the interface.
MOST_ROWS: Final[Mapping[str, int]] = {ENTITIES: 40, HOLDINGS: 40, MANAGERS: 10}
_LIMITS: Final[Mapping[str, int]] = {"name": 200, "euid": 60, "lei": 20, "source": 300, "function": 200}

Row = dict[str, str]


@dataclass
class Entered:
    """What stands in the form: rows as they are numbered there, and the members that are no rows."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: {part: [] for part in PARTS})
    as_of_on: str = ""
    explanation: str = ""

    def add(self, part: str) -> None:
        """One more empty row; an entity with an id that is free."""
        if len(self.rows[part]) >= MOST_ROWS[part]:
            return
        row = dict(_GIVEN[part])
        if part == ENTITIES:
            taken = {each.get("id", "") for each in self.rows[ENTITIES]} | {FILER}
            row["id"] = next(name for name in (f"e{n}" for n in range(1, len(taken) + 2)) if name not in taken)
        self.rows[part].append(row)


def of_form(form: Mapping[str, str]) -> Entered:
    """What was filled in, row by row, trimmed; rows that were to be left out are gone."""
    found = Entered(as_of_on=form.get("/as_of_on", "").strip(), explanation=form.get("/explanation", "").strip())
    for part in PARTS:
        for place in range(MOST_ROWS[part]):
            given = {name: form.get(f"/{part}/{place}/{name}") for name in _MEMBERS[part]}
            if all(value is None for value in given.values()):
                break
            if not form.get(f"/{part}/{place}/{OUT}"):
                found.rows[part].append({name: (value or "").strip() for name, value in given.items()})
    return found


def of_statement(content: Mapping[str, Any], *, today: str) -> Entered:
    """A statement as it stands, to be said anew as of today."""
    found = Entered(as_of_on=today, explanation=str(content.get("explanation") or ""))
    for part in PARTS:
        for row in content.get(part, ()):
            found.rows[part].append({name: _text(row.get(name)) for name in _MEMBERS[part]})
    return found


def fits(content: Mapping[str, Any]) -> bool:
    """Whether a statement is short enough for the form."""
    return all(len(content.get(part, ())) <= most for part, most in MOST_ROWS.items())


def content_of(entered: Entered) -> tuple[dict[str, Any], dict[str, str]]:
    """The statement, and for each of its rows' pointers the one of the row in the form."""
    content: dict[str, Any] = {"as_of_on": entered.as_of_on}
    places: dict[str, str] = {}
    for part in PARTS:
        kept: list[dict[str, Any]] = []
        for place, row in enumerate(entered.rows[part]):
            if any(value for name, value in row.items() if name not in _EMPTY_WITH[part]):
                places[f"/{part}/{len(kept)}"] = f"/{part}/{place}"
                kept.append({name: _value(name, value) for name, value in row.items() if value})
        content[part] = kept
    if entered.explanation:
        content["explanation"] = entered.explanation
    return content, places


def parts(
    entered: Entered, *, filer: str, obstacles: Sequence[Obstacle] = (), places: Mapping[str, str] | None = None
) -> tuple[tuple[OwnersPart, ...], tuple[str, ...]]:
    """The form with what was entered and what is wrong beside it; and what is wrong with no place in it."""
    wrong = _wrong(obstacles, places or {})
    called = {FILER: filer}
    for place, row in enumerate(entered.rows[ENTITIES]):
        called[row.get("id", "")] = row.get("name") or gettext("No. %(number)s") % {"number": place + 1}
    made = (
        _whole(entered, wrong),
        OwnersPart(
            ENTITIES,
            gettext("Persons and companies"),
            gettext("Everybody in the chain of owners but your organisation itself. A row left empty is not stated."),
            tuple(_entity(place, row, wrong) for place, row in enumerate(entered.rows[ENTITIES])),
            gettext("Add a person or company"),
        ),
        OwnersPart(
            HOLDINGS,
            gettext("Holdings and control"),
            gettext("Who holds how much of whom. Somebody just named can be chosen once a row was added."),
            tuple(_holding(place, row, wrong, called) for place, row in enumerate(entered.rows[HOLDINGS])),
            gettext("Add a holding"),
        ),
        OwnersPart(
            MANAGERS,
            gettext("Senior managers"),
            gettext("Only where nobody is a beneficial owner: Regulation (EU) 2024/1624, Article 63(4)."),
            tuple(_manager(place, row, wrong) for place, row in enumerate(entered.rows[MANAGERS])),
            gettext("Add a senior manager"),
        ),
    )
    shown = {each.name for part in made for row in part.rows for each in row.fields}
    shown |= {f"/{part}/{place}" for part in PARTS for place in range(len(entered.rows[part]))}
    return made, tuple(sentence for pointer, sentence in wrong.items() if pointer not in shown)


def _wrong(obstacles: Sequence[Obstacle], places: Mapping[str, str]) -> dict[str, str]:
    """The sentences by place in the form; several at one place in one text."""
    found: dict[str, str] = {}
    for each in obstacles:
        _, part, place, *rest = [*each.pointer.split("/"), "", "", ""][:5]
        pointer = each.pointer
        if row := places.get(f"/{part}/{place}"):
            name = rest[0] if rest and rest[0] in _MEMBERS[part] and rest[0] != "id" else ""
            pointer = f"{row}/{name}" if name else row
        told = " ".join(filter(None, (each.sentence, each.remedy)))
        found[pointer] = f"{found[pointer]} {told}" if pointer in found else told
    return found


def _whole(entered: Entered, wrong: Mapping[str, str]) -> OwnersPart:
    told = gettext("Why shares are not known, or why nobody is a beneficial owner.")
    fields = (
        _field("/as_of_on", gettext("As of"), entered.as_of_on, wrong, kind="date", required=True),
        _field("/explanation", gettext("Explanation"), entered.explanation, wrong, kind="area", help=told),
    )
    return OwnersPart("statement", gettext("Statement"), "", (OwnersRow("", fields),))


def _entity(place: int, row: Row, wrong: Mapping[str, str]) -> OwnersRow:
    head = f"/{ENTITIES}/{place}"

    def one(name: str, label: str, kind: str = "text", **more: Any) -> Field:
        return _field(f"{head}/{name}", label, row.get(name, ""), wrong, kind=kind, **more)

    codes = gettext("Two letters for each country, separated by commas.")
    fields = (
        Field(f"{head}/id", "", "hidden", row.get("id", "")),
        one("kind", gettext("What it is"), "select", options=_options(entity_kinds(), row.get("kind", ""))),
        one("name", gettext("Name")),
        one("country", gettext("Country of seat or residence"), "select", options=_countries(row.get("country", ""))),
        one("born_on", gettext("Date of birth"), "date", help=gettext("Of natural persons.")),
        one("nationalities", gettext("Nationalities"), help=codes),
        one("lei", "LEI", help=gettext("Of companies, if there is one.")),
        one("euid", "EUID", help=gettext("Of companies, as in the business register.")),
        one(
            "registration_number", gettext("Registration number"), help=gettext("Where there is neither LEI nor EUID.")
        ),
        _leave_out(head),
    )
    return OwnersRow(gettext("No. %(number)s") % {"number": place + 1}, fields, wrong.get(head, ""))


def _holding(place: int, row: Row, wrong: Mapping[str, str], called: Mapping[str, str]) -> OwnersRow:
    head = f"/{HOLDINGS}/{place}"

    def one(name: str, label: str, kind: str = "text", **more: Any) -> Field:
        return _field(f"{head}/{name}", label, row.get(name, ""), wrong, kind=kind, **more)

    def among(name: str, label: str, **more: Any) -> Field:
        chosen = row.get(name, "")
        known = called if chosen in called or not chosen else {**called, chosen: chosen}
        return one(name, label, "select", options=_options(known, chosen), **more)

    nominee = gettext("Where the holder is a nominee: for whom it holds.")
    fields = (
        among("owner_id", gettext("Holder")),
        among("owned_id", gettext("Holds part of")),
        one("kind", gettext("Kind"), "select", options=_options(holding_kinds(), row.get("kind", ""))),
        one("share_percent", gettext("Share in per cent"), help=gettext("Up to six decimals; none for other control.")),
        among("nominator_id", gettext("Held for"), help=nominee),
        one(
            "control_kind",
            gettext("Control by"),
            "select",
            options=_options(control_kinds(), row.get("control_kind", "")),
            help=gettext("Only for control by other means."),
        ),
        one("since_on", gettext("Since"), "date"),
        one("until_on", gettext("Until"), "date", help=gettext("The first day on which it no longer is.")),
        one("source", gettext("Where this stands"), help=gettext("Such as the register of shareholders of a day.")),
        _leave_out(head),
    )
    return OwnersRow(gettext("No. %(number)s") % {"number": place + 1}, fields, wrong.get(head, ""))


def _manager(place: int, row: Row, wrong: Mapping[str, str]) -> OwnersRow:
    head = f"/{MANAGERS}/{place}"
    fields = (
        _field(f"{head}/name", gettext("Name"), row.get("name", ""), wrong),
        _field(f"{head}/function", gettext("Function"), row.get("function", ""), wrong),
        _leave_out(head),
    )
    return OwnersRow(gettext("No. %(number)s") % {"number": place + 1}, fields, wrong.get(head, ""))


def entity_kinds() -> dict[str, str]:
    """What an entity is, in words."""
    told = {
        "company": gettext("Company"),
        "natural_person": gettext("Natural person"),
        "public_body": gettext("Public body"),
        "trust": gettext("Trust"),
        "other": gettext("Other"),
    }
    return {code: told[code] for code in get_args(EntityKind)}


def holding_kinds() -> dict[str, str]:
    """What is held, in words."""
    told = {
        "capital": gettext("Capital"),
        "votes": gettext("Votes"),
        "control": gettext("Control by other means"),
        "beneficial": gettext("Beneficial ownership"),
    }
    return {code: told[code] for code in get_args(HoldingKind)}


def control_kinds() -> dict[str, str]:
    """By what means there is control, in words (Art. 53(3) and (4))."""
    told = {
        "board_appointment": gettext("Appointment of the board"),
        "veto": gettext("Veto"),
        "agreement": gettext("Agreement"),
        "family": gettext("Family"),
        "other": gettext("Other"),
    }
    return {code: told[code] for code in get_args(ControlKind)}


def _field(pointer: str, label: str, value: str, wrong: Mapping[str, str], **more: Any) -> Field:
    limit = _LIMITS.get(pointer.rpartition("/")[2])
    return Field(pointer, label, value=value, error=wrong.get(pointer, ""), limit=limit, **more)


def _leave_out(head: str) -> Field:
    return Field(f"{head}/{OUT}", gettext("Leave this out"), "check")


def _options(known: Mapping[str, str], chosen: str) -> tuple[Option, ...]:
    return (Option("", "–", not chosen), *(Option(code, text, code == chosen) for code, text in known.items()))


def _countries(chosen: str) -> tuple[Option, ...]:
    named = sorted((words.country(code), code) for code in COUNTRIES)
    return _options({code: name for name, code in named}, chosen)


def _text(value: object) -> str:
    return ", ".join(map(str, _items(value))) if isinstance(value, list | tuple) else str(value or "")


def _items(value: object) -> Iterator[object]:
    if isinstance(value, list | tuple):
        yield from value


def _value(name: str, value: str) -> Any:
    """As the document has it: several nationalities apart, a decimal comma as a point."""
    if name == "nationalities":
        return [each.strip().upper() for each in value.split(",") if each.strip()]
    return value.replace(",", ".") if name == "share_percent" else value
