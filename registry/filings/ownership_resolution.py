"""What follows from one statement about one day: owners with their effective shares, parents, what is not known. Pure.

Entities are called by the ids of the statement; the organisation itself is `filer`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from registry.filings import ownership_document
from registry.filings.ownership_document import FILER, PERSON, OwnershipDocument
from registry.organisations import ownership, ownership_control
from registry.organisations.ownership import Graph, Holding, Measure, Owned
from registry.organisations.ownership_control import BeneficialOwner, Standing
from registry.quantities import as_decimal

DECIMALS = 6


@dataclass(frozen=True)
class Owner:
    """Somebody upstream: effective shares, direct or indirect, and whether the chain ends there."""

    id: str
    capital: Fraction
    votes: Fraction
    is_ultimate: bool
    controls: bool


@dataclass(frozen=True)
class Resolution:
    """The graph of a day and what follows from it. `owners` by capital, largest first; `nominees` as (holder, for)."""

    graph: Graph
    holdings: tuple[Holding, ...]
    owners: tuple[Owner, ...]
    beneficial: tuple[BeneficialOwner, ...]
    standing: Standing
    unstated: Fraction
    circular: frozenset[str]


def resolve(document: OwnershipDocument, *, on: date) -> Resolution:
    """What the statement says about a day. Its holdings have passed the checks: no day holds more than the whole."""
    ids = {FILER: FILER, **{entity.id: entity.id for entity in document.entities}}
    holdings = tuple(each for each in ownership_document.holdings(document, ids) if on in each.validity)
    picture = ownership.graph(holdings, on=on)
    people = frozenset(entity.id for entity in document.entities if entity.kind == PERSON)
    capital, votes = (ownership.owned(picture, FILER, measure=measure) for measure in Measure)
    controllers = ownership_control.controllers(picture).get(FILER, frozenset())
    return Resolution(
        picture,
        holdings,
        _owners(capital, votes, controllers),
        ownership_control.beneficial_owners(picture, FILER, people=people),
        ownership_control.standing(picture, FILER),
        capital.unstated,
        capital.circular,
    )


def percent(share: Fraction) -> str:
    """A share as a percentage, rounded to six decimals, without closing zeros."""
    text = f"{as_decimal(share * 100):.{DECIMALS}f}"
    return text.rstrip("0").rstrip(".")


def names(document: OwnershipDocument, *, filer: str) -> Mapping[str, str]:
    """What people read for each id."""
    return {FILER: filer, **{entity.id: entity.name for entity in document.entities}}


def _owners(capital: Owned, votes: Owned, controllers: frozenset[str]) -> tuple[Owner, ...]:
    keys = {*capital.shares, *votes.shares, *controllers}
    found = (
        Owner(
            key,
            capital.shares.get(key, ownership.NONE),
            votes.shares.get(key, ownership.NONE),
            key in capital.ultimate or key in votes.ultimate,
            key in controllers,
        )
        for key in keys
    )
    return tuple(sorted(found, key=lambda owner: (-owner.capital, -owner.votes, owner.id)))
