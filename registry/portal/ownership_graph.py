"""The picture of who owns an organisation: drawing, finding in words, legend, table, downloads."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

from babel.numbers import format_decimal
from django.utils.translation import gettext

from registry.charts import ownership as drawing
from registry.charts.ownership import Edge, Node
from registry.filings.ownership_document import FILER, PERSON, OwnershipDocument
from registry.filings.ownership_resolution import Owner, Resolution, names, resolve
from registry.organisations import ownership
from registry.organisations.ownership import Holding, Kind
from registry.portal.presentation import words
from registry.portal.presentation.figures import DataTable, Figure, Key
from registry.portal.presentation.marks import Link
from registry.quantities import as_decimal

SHOWN = 40  # entities in the drawing; the table has all
# What figures.css says of these marks, in plain colours: a file of its own has no other style.
STYLE = (
    "svg{font-family:Inter,Arial,sans-serif}.entity{fill:#fff;stroke:#8794a8;stroke-width:1.3}"
    ".entity-group--filer .entity{fill:#0b2a4f;stroke:#0b2a4f}.entity-group--filer .owner{fill:#fff}"
    ".entity-group--person .entity{fill:#f4f8fc;stroke:#3f78b5}.owner{font-size:12.5px;font-weight:600;fill:#14233b}"
    ".owner--note{font-size:11.5px;font-weight:400;fill:#51617a}.holding{fill:none;stroke:#8794a8;stroke-width:1.3}"
    ".holding--majority{stroke:#14233b;stroke-width:2.6}"
    ".holding--control{stroke:#b93a0b;stroke-width:2;stroke-dasharray:7 4}"
    ".holding--nominee{stroke:#14233b;stroke-width:1.6;stroke-dasharray:2 3}"
    ".holding--stated{stroke-width:2;stroke-dasharray:1 4;stroke-linecap:round}"
    ".remark{font-size:12px;font-weight:550;fill:#14233b;paint-order:stroke;stroke:#fff;stroke-width:4px}"
)


def figure(
    document: OwnershipDocument, *, organisation: str, on: date, downloads: tuple[Link, ...] = (), uid: str = "owners"
) -> Figure:
    """The ownership of a day as one statement tells it. `organisation` is the name that stands at the bottom."""
    found = resolve(document, on=on)
    called = names(document, filer=organisation)
    kinds = {FILER: "filer"} | {e.id: "person" if e.kind == PERSON else "company" for e in document.entities}
    shown = _shown(found)
    edges = _edges(found, shown)
    notes = {owner.id: _note(owner) for owner in found.owners}
    nodes = [Node(key, called[key], kinds[key], notes.get(key, "")) for key in shown]
    title = gettext("Who owns %(organisation)s") % {"organisation": organisation}
    told = finding(found, called)
    return Figure(
        uid=uid,
        title=title,
        subtitle=told,
        svg=drawing.graph(uid=uid, title=title, finding=told, nodes=nodes, edges=edges, root=FILER),
        table=table(document, found, called, caption=title),
        legend=_legend(edges, {kinds[key] for key in shown}),
        downloads=downloads,
        note=_remark(found, len(called) - len(shown), on),
        layout="wide",
    )


def finding(found: Resolution, called: Mapping[str, str]) -> str:
    """Who has most in the end, who controls, in a sentence or two."""
    if not found.owners:
        return gettext("No owner has been stated.")
    ultimate = [owner for owner in found.owners if owner.is_ultimate]
    most = max(ultimate or found.owners, key=lambda owner: (owner.capital, owner.votes))
    sentences = [
        gettext("In the end %(name)s has most: %(share)s of the capital.")
        % {"name": called[most.id], "share": percent(most.capital)}
    ]
    parents = [called[key] for key in found.standing.parents if key != FILER]
    if found.standing.is_joint:
        sentences.append(gettext("It is controlled jointly by %(names)s.") % {"names": ", ".join(parents)})
    elif parents:
        sentences.append(gettext("It is controlled by %(names)s.") % {"names": ", ".join(parents)})
    else:
        sentences.append(gettext("Nobody controls it alone."))
    if found.unstated:
        sentences.append(
            gettext("Whose %(share)s of the capital is has not been stated.") % {"share": percent(found.unstated)}
        )
    return " ".join(sentences)


def table(document: OwnershipDocument, found: Resolution, called: Mapping[str, str], *, caption: str) -> DataTable:
    """Every owner, direct or indirect, with its effective shares and why it counts."""
    countries = {entity.id: entity.country for entity in document.entities}
    beneficial = {each.key for each in found.beneficial}
    rows = tuple(
        (
            called[owner.id],
            words.country(countries[owner.id]) if owner.id in countries else "",
            percent(found.graph.capital.get(FILER, {}).get(owner.id, ownership.NONE)),
            percent(owner.capital),
            percent(owner.votes),
            _standing(owner, found, is_beneficial=owner.id in beneficial) or "–",
        )
        for owner in found.owners
    )
    head = (
        gettext("Owner"),
        gettext("Country"),
        gettext("Direct share of capital"),
        gettext("Capital, all chains"),
        gettext("Votes, all chains"),
        gettext("Counts as"),
    )
    return DataTable(caption, head, rows)


def percent(share: Fraction) -> str:
    """A share of one as per cent in the reader's language, two decimals at most."""
    shown = round(as_decimal(share * 100), 2) if share else Decimal(0)
    return f"{format_decimal(shown, '#,##0.##', locale=words.locale())}\u00a0%"


def _standing(owner: Owner, found: Resolution, *, is_beneficial: bool) -> str:
    told = (
        (gettext("beneficial owner"), is_beneficial),
        (gettext("ultimate parent"), owner.id in found.standing.parents),
        (gettext("controls"), owner.controls and owner.id not in found.standing.parents),
        (gettext("in a circle"), owner.id in found.circular),
    )
    return ", ".join(text for text, holds in told if holds)


def _shown(found: Resolution) -> list[str]:
    """The organisation, and who owns most of it, with the nominees through whom they hold."""
    direct = {each.owner for each in found.holdings if each.nominator}
    weights = {owner.id: (owner.controls, owner.capital, owner.votes) for owner in found.owners}
    named = {FILER, *weights, *direct, *(each.owner for each in found.holdings if each.kind is Kind.BENEFICIAL)}
    least = (False, ownership.NONE, ownership.NONE)
    ordered = sorted(named - {FILER}, key=lambda key: (weights.get(key, least), key), reverse=True)
    return [FILER, *ordered[: SHOWN - 1]]


def _edges(found: Resolution, shown: list[str]) -> list[Edge]:
    """One line for each pair and kind; capital and votes stand on one line."""
    pairs: dict[tuple[str, str], list[Holding]] = {}
    for each in found.holdings:
        if {each.owner, each.held} <= set(shown):
            pairs.setdefault((each.owner, each.held), []).append(each)
    edges = [_edge(owner, held, several) for (owner, held), several in pairs.items()]
    behind = {(each.nominator, each.owner) for each in found.holdings if each.nominator}
    edges += [
        Edge(nominator, nominee, "nominee", gettext("nominee"))
        for nominator, nominee in sorted(behind)
        if {nominator, nominee} <= set(shown)
    ]
    return sorted(edges, key=lambda edge: (edge.held, edge.owner, edge.kind))


def _edge(owner: str, held: str, several: list[Holding]) -> Edge:
    sums = {kind: sum((e.share or ownership.NONE for e in several if e.kind is kind), ownership.NONE) for kind in Kind}
    capital, votes = sums[Kind.CAPITAL], sums[Kind.VOTES]
    states_votes = any(each.kind is Kind.VOTES for each in several)
    labels = [percent(capital)] if capital else []
    if states_votes and votes != capital:
        labels.append(gettext("%(share)s votes") % {"share": percent(votes)})
    if any(each.kind is Kind.CONTROL for each in several):
        return Edge(owner, held, "control", ", ".join([*labels, gettext("control")]))
    if not labels:
        return Edge(owner, held, "stated", gettext("stated owner"))
    is_majority = ownership.CONTROL.reached(capital) or ownership.CONTROL.reached(votes)
    return Edge(owner, held, "majority" if is_majority else "share", ", ".join(labels))


def _note(owner: Owner) -> str:
    return gettext("%(share)s in all") % {"share": percent(owner.capital)} if owner.capital else ""


def _legend(edges: list[Edge], kinds: set[str]) -> tuple[Key, ...]:
    boxes = {
        "person": Key("entity-person", gettext("natural person")),
        "company": Key("entity-company", gettext("company or other")),
    }
    lines = {
        "majority": Key("holding-majority", gettext("more than half")),
        "share": Key("holding-share", gettext("half or less")),
        "control": Key("holding-control", gettext("control by other means")),
        "nominee": Key("holding-nominee", gettext("holds as a nominee for")),
        "stated": Key("holding-stated", gettext("stated beneficial owner")),
    }
    drawn = drawing.kinds(edges)
    return tuple(
        key for known, there in ((boxes, kinds), (lines, drawn)) for name, key in known.items() if name in there
    )


def _remark(found: Resolution, left_out: int, on: date) -> str:
    told = [gettext("As of %(day)s.") % {"day": words.day(on)}]
    if left_out > 0:
        told.append(gettext("%(count)s more stand in the table.") % {"count": words.count(left_out)})
    if found.circular:
        told.append(gettext("Some entities own each other in full: nobody outside owns them."))
    return " ".join(told)


def alone(drawn: Figure) -> bytes:
    """The drawing as a file of its own in UTF-8, with the style that the page otherwise gives."""
    start, _, rest = drawn.svg.partition(">")
    start = start.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return f"{start}><style>{STYLE}</style>{rest}".encode()
