"""Releases for data portals: DCAT-AP 3 as Turtle and JSON-LD.

A table is a series; each vintage of it is a dataset in the series, with its version and the files of its formats. In
the folder of a release addresses are relative to it, so that it says the same wherever it lies; the catalogue of all
releases names whole addresses.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from rdflib import RDF, XSD, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, FOAF

from registry.languages import SPOKEN
from registry.periods import Quarter
from registry.statistics.formats.manifest import File
from registry.statistics.formats.structure import moment
from registry.statistics.published import Listed, PublishedRelease, Texts

DCAT: Final = Namespace("http://www.w3.org/ns/dcat#")  # that of the library does not know DCAT 3
ADMS: Final = Namespace("http://www.w3.org/ns/adms#")
SPDX: Final = Namespace("http://spdx.org/rdf/terms#")
VCARD: Final = Namespace("http://www.w3.org/2006/vcard/ns#")
DCATAP: Final = Namespace("http://data.europa.eu/r5r/")
EU: Final = "http://publications.europa.eu/resource/authority/"
IANA: Final = "https://www.iana.org/assignments/media-types/"
LICENCE: Final = URIRef(f"{EU}licence/CC_BY_4_0")
AI_ACT: Final = URIRef("http://data.europa.eu/eli/reg/2024/1689/oj")
EVERY: Final[Mapping[str, str]] = {"Q": "QUARTERLY", "A": "ANNUAL", "M": "MONTHLY"}
IN_THE_UNIONS_LIST: Final[Mapping[str, str]] = {"en": "ENG", "fr": "FRA", "de": "DEU"}

# Ending: media type, type of file in the Union's list, what it conforms to, title.
FORMATS: Final[Mapping[str, tuple[str, str, str, str]]] = {
    ".csv": ("text/csv", "CSV", "https://www.rfc-editor.org/rfc/rfc4180", "CSV"),
    ".sdmx.csv": ("application/vnd.sdmx.data+csv", "CSV", "https://sdmx.org/standards-2/", "SDMX-CSV 2.0"),
    ".json": ("application/json", "JSON", "https://json-stat.org/full/", "JSON-stat 2.0"),
    ".parquet": (
        "application/vnd.apache.parquet",
        "PARQUET",
        "https://parquet.apache.org/docs/file-format/",
        "Parquet",
    ),
    ".xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "XLSX",
        "https://www.iso.org/standard/71691.html",
        "XLSX",
    ),
}
NAME: Final[Texts] = {
    "en": "Statistics of the European Compute-Access Registry",
    "fr": "Statistiques du Registre européen de l’accès au calcul",
    "de": "Statistiken des Europäischen Registers für Rechenzugang",
}
ABOUT: Final[Texts] = {
    "en": "What the register publishes: figures under disclosure control that identify nobody.",
    "fr": "Ce que publie le registre : des chiffres sous contrôle du secret statistique, qui n’identifient personne.",
    "de": "Was das Register veröffentlicht: Zahlen unter statistischer Geheimhaltung, die niemanden erkennen lassen.",
}
KEYWORDS: Final[tuple[Texts, ...]] = (
    {"en": "artificial intelligence", "fr": "intelligence artificielle", "de": "künstliche Intelligenz"},
    {"en": "training compute", "fr": "calcul d’entraînement", "de": "Trainingsrechenaufwand"},
    {"en": "data centres", "fr": "centres de données", "de": "Rechenzentren"},
)
PUBLISHER: Final[Texts] = {
    "en": "European Compute-Access Registry",
    "fr": "Registre européen de l’accès au calcul",
    "de": "Europäisches Register für Rechenzugang",
}
DESK: Final = "Statistics desk"


@dataclass(frozen=True)
class Described:
    """One vintage of one release: what the catalogue tells of it."""

    id: str
    vintage: int
    published_at: datetime
    is_provisional: bool
    tables: tuple[Listed, ...]
    files: tuple[File, ...]


@dataclass(frozen=True)
class Places:
    """Where things are: the folder of all releases, that of one vintage below it, and the pages."""

    root: str
    folder: str
    pages: str

    @classmethod
    def within(cls) -> "Places":
        """As seen from the folder of a vintage."""
        return cls(root="../../", folder="", pages="../../../en/")

    @classmethod
    def at(cls, base_url: str, described: Described) -> "Places":
        """Whole addresses."""
        root = f"{base_url}/statistics/"
        return cls(root, f"{root}{described.id}/{described.vintage}/", f"{base_url}/en/")


def describe(release: PublishedRelease, files: Sequence[File]) -> Described:
    """What the catalogue tells of a release with these files."""
    tables = tuple(Listed(each.id, each.title, each.note, each.frequency) for each in release.tables)
    return Described(release.id, release.vintage, release.published_at, release.is_provisional, tables, tuple(files))


def of_release(described: Described) -> dict[str, bytes]:
    """`catalogue.ttl` and `catalogue.jsonld` of the folder of one vintage."""
    graph = _graph()
    places = Places.within()
    _publisher(graph, places)
    _add_datasets(graph, described, places)
    for table in described.tables:
        _add_series(graph, table, places)
    return _written(graph)


def render_catalogue(releases: Sequence[Described], *, base_url: str) -> dict[str, bytes]:
    """The catalogue of all vintages, oldest first, as `catalogue.ttl` and `catalogue.jsonld`."""
    graph = _graph()
    catalogue = URIRef(f"{base_url}/statistics/catalogue.ttl#catalogue")
    root = Places(f"{base_url}/statistics/", "", f"{base_url}/en/")
    publisher = _publisher(graph, root)
    _say(graph, catalogue, DCTERMS.title, NAME)
    _say(graph, catalogue, DCTERMS.description, ABOUT)
    _tell(
        graph,
        catalogue,
        {
            RDF.type: DCAT.Catalog,
            DCTERMS.publisher: publisher,
            DCTERMS.license: LICENCE,
            FOAF.homepage: URIRef(f"{base_url}/en/statistics/"),
            DCAT.themeTaxonomy: URIRef(f"{EU}data-theme"),
        },
    )
    _speak(graph, catalogue)
    series: dict[str, Listed] = {}
    newest: dict[str, URIRef] = {}
    for described in releases:
        places = Places.at(base_url, described)
        for table, dataset in _add_datasets(graph, described, places):
            graph.add((catalogue, DCAT.dataset, dataset))
            if table.id in newest:
                graph.add((dataset, DCAT.prev, newest[table.id]))
            series[table.id], newest[table.id] = table, dataset
    for table in series.values():
        graph.add((catalogue, DCAT.dataset, _add_series(graph, table, root)))
    if releases:
        changed = max(each.published_at for each in releases)
        graph.add((catalogue, DCTERMS.modified, _moment(changed)))
    return _written(graph)


def _graph() -> Graph:
    graph = Graph()
    named = {"dcat": DCAT, "dct": DCTERMS, "foaf": FOAF, "adms": ADMS, "spdx": SPDX, "vcard": VCARD, "dcatap": DCATAP}
    for prefix, namespace in named.items():
        graph.bind(prefix, namespace, replace=True)
    return graph


def _publisher(graph: Graph, places: Places) -> URIRef:
    agent = URIRef(f"{places.root}#publisher")
    graph.add((agent, RDF.type, FOAF.Agent))
    _say(graph, agent, FOAF.name, PUBLISHER)
    desk = URIRef(f"{places.root}#desk")
    told = {RDF.type: VCARD.Kind, VCARD.fn: Literal(DESK), VCARD.hasURL: URIRef(f"{places.pages}about/")}
    _tell(graph, desk, told)
    return agent


def _add_series(graph: Graph, table: Listed, places: Places) -> URIRef:
    series = URIRef(f"{places.root}#{table.id}")
    _say(graph, series, DCTERMS.title, table.title)
    _say(graph, series, DCTERMS.description, _described(table))
    _tell(
        graph,
        series,
        {
            RDF.type: DCAT.DatasetSeries,
            DCTERMS.accrualPeriodicity: URIRef(f"{EU}frequency/{EVERY[table.frequency]}"),
            DCTERMS.publisher: URIRef(f"{places.root}#publisher"),
            DCAT.contactPoint: URIRef(f"{places.root}#desk"),
            DCATAP.applicableLegislation: AI_ACT,
        },
    )
    return series


def _described(table: Listed) -> Texts:
    """The note of the table; its title where there is none."""
    return {language: table.note[language] or table.title[language] for language in SPOKEN}


def _add_datasets(graph: Graph, described: Described, places: Places) -> Iterator[tuple[Listed, URIRef]]:
    """Add a dataset for each table, and give them."""
    made = [(table, _add_dataset(graph, described, table, places)) for table in described.tables]
    return iter(made)


def _add_dataset(graph: Graph, described: Described, table: Listed, places: Places) -> URIRef:
    dataset = URIRef(f"{places.folder}#{table.id}")
    title = {language: f"{table.title[language]}, {described.id}" for language in SPOKEN}
    status = "DEVELOP" if described.is_provisional else "COMPLETED"
    _say(graph, dataset, DCTERMS.title, title)
    _say(graph, dataset, DCTERMS.description, _described(table))
    _tell(
        graph,
        dataset,
        {
            RDF.type: DCAT.Dataset,
            DCTERMS.identifier: Literal(f"ecar:{described.id}:{described.vintage}:{table.id}"),
            DCTERMS.issued: _moment(described.published_at),
            DCTERMS.publisher: URIRef(f"{places.root}#publisher"),
            DCTERMS.accessRights: URIRef(f"{EU}access-right/PUBLIC"),
            DCTERMS.accrualPeriodicity: URIRef(f"{EU}frequency/{EVERY[table.frequency]}"),
            DCTERMS.spatial: URIRef(f"{EU}country/EUR"),
            DCTERMS.temporal: _period(graph, described, places),
            DCAT.contactPoint: URIRef(f"{places.root}#desk"),
            DCAT.inSeries: URIRef(f"{places.root}#{table.id}"),
            DCAT.landingPage: URIRef(f"{places.pages}statistics/{described.id}/{described.vintage}/"),
            DCAT.theme: URIRef(f"{EU}data-theme/TECH"),
            DCAT.version: Literal(str(described.vintage)),
            ADMS.status: URIRef(f"{EU}dataset-status/{status}"),
            DCATAP.applicableLegislation: AI_ACT,
        },
    )
    _speak(graph, dataset)
    for keyword in KEYWORDS:
        _say(graph, dataset, DCAT.keyword, keyword)
    for ending in FORMATS:
        for file in described.files:
            if file.path == f"tables/{table.id}{ending}":
                graph.add((dataset, DCAT.distribution, _add_distribution(graph, file, ending, table, places)))
    return dataset


def _add_distribution(graph: Graph, file: File, ending: str, table: Listed, places: Places) -> URIRef:
    media_type, kind, standard, name = FORMATS[ending]
    address = URIRef(f"{places.folder}{file.path}")
    distribution, checksum = URIRef(f"{places.folder}#{table.id}{ending}"), URIRef(f"{address}#sha256")
    _say(graph, distribution, DCTERMS.title, {language: f"{table.title[language]} ({name})" for language in SPOKEN})
    _tell(
        graph,
        distribution,
        {
            RDF.type: DCAT.Distribution,
            DCAT.accessURL: address,
            DCAT.downloadURL: address,
            DCAT.byteSize: Literal(str(file.size_bytes), datatype=XSD.nonNegativeInteger),
            DCAT.mediaType: URIRef(f"{IANA}{media_type}"),
            DCTERMS.format: URIRef(f"{EU}file-type/{kind}"),
            DCTERMS.license: LICENCE,
            DCTERMS.conformsTo: URIRef(standard),
            DCATAP.availability: URIRef(f"{EU}planned-availability/STABLE"),
            SPDX.checksum: checksum,
        },
    )
    told = {
        RDF.type: SPDX.Checksum,
        SPDX.algorithm: SPDX.checksumAlgorithm_sha256,
        SPDX.checksumValue: Literal(file.sha256.upper(), datatype=XSD.hexBinary),
    }
    _tell(graph, checksum, told)
    return distribution


def _period(graph: Graph, described: Described, places: Places) -> URIRef:
    """The quarter that the release is named after."""
    year, _, number = described.id.partition("-Q")
    quarter = Quarter(int(year), int(number))
    period = URIRef(f"{places.folder}#period")
    last: date = quarter.next().starts_on - timedelta(days=1)
    _tell(
        graph,
        period,
        {
            RDF.type: DCTERMS.PeriodOfTime,
            DCAT.startDate: Literal(quarter.starts_on.isoformat(), datatype=XSD.date),
            DCAT.endDate: Literal(last.isoformat(), datatype=XSD.date),
        },
    )
    return period


def _tell(graph: Graph, subject: URIRef, said: Mapping[Any, Any]) -> None:
    for predicate, value in said.items():
        graph.add((subject, predicate, value))


def _say(graph: Graph, subject: URIRef, predicate: Any, given: Texts) -> None:
    for language in SPOKEN:
        graph.add((subject, predicate, Literal(given[language], lang=language)))


def _speak(graph: Graph, subject: URIRef) -> None:
    for language in SPOKEN:
        graph.add((subject, DCTERMS.language, URIRef(f"{EU}language/{IN_THE_UNIONS_LIST[language]}")))


def _moment(at: datetime) -> Literal:
    return Literal(moment(at), datatype=XSD.dateTime)


# What the values of a property are, for readers who do not fetch them.
KINDS: Final[Mapping[URIRef, URIRef]] = {
    DCAT.landingPage: FOAF.Document,
    DCAT.mediaType: DCTERMS.MediaType,
    DCATAP.applicableLegislation: URIRef("http://data.europa.eu/eli/ontology#LegalResource"),
    DCTERMS.accessRights: DCTERMS.RightsStatement,
    DCTERMS.accrualPeriodicity: DCTERMS.Frequency,
    DCTERMS.conformsTo: DCTERMS.Standard,
    DCTERMS["format"]: DCTERMS.MediaTypeOrExtent,
    DCTERMS.language: DCTERMS.LinguisticSystem,
    DCTERMS.license: DCTERMS.LicenseDocument,
    DCTERMS.spatial: DCTERMS.Location,
    FOAF.homepage: FOAF.Document,
}


def _written(graph: Graph) -> dict[str, bytes]:
    for predicate, kind in KINDS.items():
        for value in set(graph.objects(None, predicate)):
            graph.add((value, RDF.type, kind))
    turtle = graph.serialize(format="turtle", encoding="utf-8")
    context = {prefix: str(namespace) for prefix, namespace in graph.namespaces() if prefix in _PREFIXES}
    linked = json.loads(graph.serialize(format="json-ld", context=context))
    return {"catalogue.ttl": turtle, "catalogue.jsonld": _canonical(linked)}


_PREFIXES: Final = frozenset({"dcat", "dct", "foaf", "adms", "spdx", "vcard", "dcatap", "xsd"})


def _canonical(linked: Any) -> bytes:
    """The same bytes for the same statements: nodes, members and lists in their order."""

    def ordered(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: ordered(value[name]) for name in sorted(value)}
        if isinstance(value, list):
            return sorted((ordered(each) for each in value), key=lambda each: json.dumps(each, sort_keys=True))
        return value

    return (json.dumps(ordered(linked), indent=1, ensure_ascii=False) + "\n").encode()
