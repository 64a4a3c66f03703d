"""From all statements to one graph, and from the graph to the group and the parent of each organisation.

The columns `holding`, `ultimate_parent_name`, `ultimate_parent_country` and `ultimate_parents` of an organisation that
has stated its owners follow from the graph and from nothing else; statistics and screening read them. Whoever has
stated nothing keeps what was entered at registration.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

from django.db import connection

from registry import rows
from registry.acting import Actor, inside_acting_as
from registry.filings import ownership_neighbours
from registry.filings.ownership_document import PERSON, organisation_key
from registry.filings.working_days import day_of
from registry.organisations import ownership, ownership_control
from registry.organisations.models import Organisation
from registry.organisations.ownership import Graph, Holding, Impossible, Kind
from registry.periods import Period

log = logging.getLogger(__name__)

# Of each organisation the statement that tells of the day.
_IN_FORCE: Final = """
with told as (
    select distinct on (organisation_id) id, organisation_id, key, as_of_on, recorded_at
    from organisations_ownershipstatement
    where as_of_on <= %(on)s and (%(within)s::uuid[] is null or organisation_id = any(%(within)s))
    order by organisation_id, as_of_on desc, number desc
)
"""
_ENTITIES: Final = (
    _IN_FORCE
    + """
select e.key, e.kind, e.name, e.country, e.lei, e.euid
from organisations_ownershipentity e join told on told.id = e.statement_id
order by told.as_of_on, told.recorded_at, e.id
"""
)
_HOLDINGS: Final = (
    _IN_FORCE
    + """
select h.owner_key, h.held_key, h.nominator_key, h.kind, h.share_percent, h.valid_from, h.valid_to, told.key,
    told.as_of_on, told.recorded_at
from organisations_ownershipholding h join told on told.id = h.statement_id
where h.valid_from <= %(on)s and (h.valid_to is null or h.valid_to > %(on)s)
"""
)
_STATED: Final = _IN_FORCE + "select organisation_id, key from told"  # noqa: S608 - words of this module alone


@dataclass(frozen=True)
class Known:
    """What the register knows of an entity of the graph."""

    kind: str
    name: str
    country: str
    lei: str


@dataclass(frozen=True)
class Register:
    """Everything stated about one day: the graph, what is known of its entities, and each organisation's key in it."""

    graph: Graph
    entities: Mapping[str, Known]
    organisations: Mapping[UUID, str]

    @property
    def people(self) -> frozenset[str]:
        """The natural persons among the entities, by pseudonym."""
        return frozenset(key for key, known in self.entities.items() if known.kind == PERSON)


@dataclass(frozen=True)
class _Told:
    """A holding with where it comes from: a statement by the held itself counts before others, a newer before older."""

    holding: Holding
    is_own: bool
    as_of_on: date
    recorded_at: datetime


@inside_acting_as
def register_on(day: date, *, by: Actor, within: Collection[UUID] | None = None) -> Register:
    """The ownership of the whole register on a day, from every organisation's statement about it.

    With `within`, from the statements of these organisations alone: right for them where nobody else is connected with
    them (`ownership_neighbours.connected`).
    """
    by.require("ownership_reckon")
    asked = {"on": day, "within": list(within) if within is not None else None}
    with connection.cursor() as cursor:
        cursor.execute(_ENTITIES, asked)
        entities = cursor.fetchall()
        cursor.execute(_HOLDINGS, asked)
        stated = cursor.fetchall()
        cursor.execute(_STATED, asked)
        told = {UUID(str(organisation)): key for organisation, key in cursor.fetchall()}
    known_here = Organisation.objects.visible_to(by)
    if within is not None:
        known_here = known_here.filter(id__in=within)
    organisations = list(known_here.values_list("id", "legal_name", "seat_country", "lei", "euid"))
    same = _Aliases()
    for key, _, _, _, lei, euid in entities:
        same.join(key, *_numbers(lei, euid))
    for identity, _, _, lei, euid in organisations:
        key = organisation_key(lei=lei, euid=euid, identity=str(identity))
        same.join(key, *_numbers(lei, euid), *([told[identity]] if identity in told else []))
    known = {same.name_of(key): Known(kind, name, country, lei) for key, kind, name, country, lei, _ in entities}
    for identity, name, country, lei, euid in organisations:
        key = organisation_key(lei=lei, euid=euid, identity=str(identity))
        known[same.name_of(key)] = Known("company", name, country, lei)
    graph = _possible(_chosen(_told(stated, same)), on=day)
    return Register(graph, known, {identity: same.name_of(key) for identity, key in told.items()})


@inside_acting_as
def reckon(*, by: Actor, at: datetime, organisation: UUID | None = None) -> int:
    """Bring group and ultimate parents of every organisation that has stated its owners up to date; returns how many
    changed. Repeatable; time alone may change them, because holdings begin and end.

    With `organisation`, only of those that its statement can change: those connected with it.
    """
    within = ownership_neighbours.connected(organisation, by=by) if organisation else None
    register = register_on(day_of(at), by=by, within=within)
    companies = _without_people(register)
    found = {identity: _columns(key, register, companies) for identity, key in register.organisations.items()}
    stored = Organisation.objects.visible_to(by).filter(id__in=found)
    changed = [
        {"id": organisation.id, **found[organisation.id]}
        for organisation in stored
        if any(getattr(organisation, name) != value for name, value in found[organisation.id].items())
    ]
    rows.update(Organisation, changed, key="id")
    return len(changed)


def _columns(key: str, register: Register, companies: Graph) -> dict[str, Any]:
    """Group, and topmost companies, of one organisation: none where it is itself at the top. The single parent is
    empty where there are several: they are all in `ultimate_parents`, by name.
    """
    group = ownership_control.standing(register.graph, key).group
    tops = ownership_control.standing(companies, key).parents
    known = [register.entities[top] for top in tops if top != key and top in register.entities]
    single = known[0] if len(tops) == 1 and known else None
    return {
        "holding": _group_name(group, register),
        "ultimate_parent_name": single.name if single else "",
        "ultimate_parent_country": single.country if single else "",
        "ultimate_parents": sorted(
            ({"name": each.name, "country": each.country} for each in known),
            key=lambda each: (each["name"], each["country"]),
        ),
    }


def _group_name(group: str, register: Register) -> str:
    """The parent's LEI, else its name; of a natural person the pseudonym, never the name."""
    known = register.entities.get(group)
    return (known.lei or known.name or group) if known else group


def _without_people(register: Register) -> Graph:
    """The graph of companies alone, in which the topmost company is the ultimate parent."""
    people, graph = register.people, register.graph

    def kept(side: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        return {
            held: {key: share for key, share in owners.items() if key not in people} for held, owners in side.items()
        }

    return Graph(
        graph.on,
        kept(graph.capital),
        kept(graph.votes),
        {held: owners - people for held, owners in graph.controllers.items()},
        kept(graph.stated),
    )


def _told(stated: Iterable[Sequence[Any]], same: "_Aliases") -> list[_Told]:
    found = []
    for owner, held, nominator, kind, percent, starts_on, ends_on, key, as_of_on, recorded_at in stated:
        holding = Holding(
            same.name_of(owner),
            same.name_of(held),
            Kind(kind),
            Fraction(percent) / 100 if percent is not None else None,
            Period(starts_on, ends_on),
            same.name_of(nominator) if nominator else "",
        )
        found.append(_Told(holding, same.name_of(key) == holding.held, as_of_on, recorded_at))
    return found


def _chosen(told: Iterable[_Told]) -> list[Holding]:
    """Of each entity the holdings of one statement: its own, else the newest of those that tell of it."""
    by_held: defaultdict[str, list[_Told]] = defaultdict(list)
    for each in told:
        by_held[each.holding.held].append(each)
    found: list[Holding] = []
    for several in by_held.values():
        best = max((each.is_own, each.as_of_on, each.recorded_at) for each in several)
        found += [each.holding for each in several if (each.is_own, each.as_of_on, each.recorded_at) == best]
    return found


def _possible(holdings: list[Holding], *, on: date) -> Graph:
    """The graph, without what is said of an entity where statements together make it impossible."""
    while True:
        try:
            return ownership.graph(holdings, on=on)
        except Impossible as wrong:
            log.warning("what is stated of %s is impossible and left out: %s", wrong.held, wrong.reason)
            holdings = [each for each in holdings if each.held != wrong.held]


def _numbers(lei: str, euid: str) -> list[str]:
    return [key for key in (f"lei:{lei}" if lei else "", f"euid:{euid}" if euid else "") if key]


class _Aliases:
    """Keys that mean the same entity: one statement gives its LEI, another its EUID, a third both."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def join(self, *keys: str) -> None:
        """Say that the keys mean the same."""
        roots = sorted({self.name_of(key) for key in keys})
        for root in roots[1:]:
            self._above[root] = roots[0]

    def name_of(self, key: str) -> str:
        """The one key that stands for all that mean the same."""
        while (above := self._above.get(key, key)) != key:
            key = above
        return key
