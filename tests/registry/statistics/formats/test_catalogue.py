"""The catalogue as RDF: read by rdflib's parsers, checked by pySHACL, and of the same files as the manifest."""

import json
from collections.abc import Mapping
from pathlib import Path

import pyshacl
import pytest
from rdflib import RDF, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCTERMS, XSD

from registry.periods import Quarter
from registry.statistics.formats import bundle, catalogue, manifest
from registry.statistics.published import PublishedRelease
from tests.registry.statistics import samples

DCAT = Namespace("http://www.w3.org/ns/dcat#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
SHAPES = Path(__file__).with_name("dcat_ap_3.ttl")
COMMISSION = Path(__file__).parents[3] / "vendor/dcat-ap/dcat-ap-SHACL.ttl"
# What the shapes expect a validator to know of the vocabularies that the catalogue points to, and of DCAT itself.
KNOWN = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix spdx: <http://spdx.org/rdf/terms#> .
dcat:DatasetSeries rdfs:subClassOf dcat:Dataset .
spdx:checksumAlgorithm_sha256 a spdx:ChecksumAlgorithm .
@prefix eu: <http://publications.europa.eu/resource/authority/> .
eu:data-theme a skos:ConceptScheme ; dct:title "Data theme"@en .
eu:data-theme\\/TECH a skos:Concept ; skos:prefLabel "Science and technology"@en .
eu:planned-availability\\/STABLE a skos:Concept ; skos:prefLabel "stable"@en .
"""
BASE = "https://registry.example"
FOLDER = f"{BASE}/statistics/2026-Q3/1/"
RELEASES = (samples.release(Quarter(2026, 2)), samples.release(), samples.release(vintage=2, more=1))


def _described(release: PublishedRelease) -> catalogue.Described:
    return catalogue.describe(release, manifest.files_of(bundle.render(release, software="x")))


@pytest.fixture(scope="module")
def everything() -> Mapping[str, bytes]:
    return catalogue.render_catalogue([_described(each) for each in RELEASES], base_url=BASE)


@pytest.fixture(scope="module")
def folder() -> Mapping[str, bytes]:
    return bundle.render(samples.release(), software="x")


def _read(content: bytes, form: str, base: str = FOLDER) -> Graph:
    return Graph().parse(data=content.decode(), format=form, publicID=base)


def _conforms(graph: Graph) -> None:
    agrees, _, told = pyshacl.validate(graph, shacl_graph=Graph().parse(SHAPES), inference="none")
    assert agrees, told


def test_the_shapes_find_what_is_missing(everything: Mapping[str, bytes]) -> None:
    graph = _read(everything["catalogue.ttl"], "turtle")
    for subject in list(graph.subjects(RDF.type, DCAT.Distribution))[:1]:
        graph.remove((subject, DCAT.accessURL, None))
    agrees, _, told = pyshacl.validate(graph, shacl_graph=Graph().parse(SHAPES), inference="none")
    assert not agrees
    assert "accessURL" in told


@pytest.mark.parametrize("form", ["turtle", "json-ld"])
def test_both_catalogues_conform(form: str, everything: Mapping[str, bytes], folder: Mapping[str, bytes]) -> None:
    name = {"turtle": "catalogue.ttl", "json-ld": "catalogue.jsonld"}[form]
    _conforms(_read(everything[name], form))
    _conforms(_read(folder[name], form))


@pytest.mark.parametrize("name", ["everything", "folder"])
def test_the_shapes_of_the_commission_are_met(name: str, request: pytest.FixtureRequest) -> None:
    files: Mapping[str, bytes] = request.getfixturevalue(name)
    graph = _read(files["catalogue.ttl"], "turtle") + Graph().parse(data=KNOWN, format="turtle")
    agrees, _, told = pyshacl.validate(graph, shacl_graph=Graph().parse(COMMISSION), inference="none")
    assert agrees, told


def test_the_shapes_of_the_commission_find_what_is_missing(folder: Mapping[str, bytes]) -> None:
    graph = _read(folder["catalogue.ttl"], "turtle") + Graph().parse(data=KNOWN, format="turtle")
    graph.remove((None, DCAT.accessURL, None))
    agrees, _, told = pyshacl.validate(graph, shacl_graph=Graph().parse(COMMISSION), inference="none")
    assert not agrees
    assert "accessURL" in told


def test_both_forms_say_the_same(everything: Mapping[str, bytes], folder: Mapping[str, bytes]) -> None:
    for files in (everything, folder):
        turtle, linked = _read(files["catalogue.ttl"], "turtle"), _read(files["catalogue.jsonld"], "json-ld")
        assert isomorphic(turtle, linked)


def test_every_vintage_is_a_dataset_of_its_tables_series(everything: Mapping[str, bytes]) -> None:
    graph = _read(everything["catalogue.ttl"], "turtle")
    series = URIRef(f"{BASE}/statistics/#runs-by-state-and-band")
    assert (series, RDF.type, DCAT.DatasetSeries) in graph
    members = {str(each): str(graph.value(each, DCAT.version)) for each in graph.subjects(DCAT.inSeries, series)}
    folders = {"2026-Q2/1": "1", "2026-Q3/1": "1", "2026-Q3/2": "2"}
    assert members == {
        f"{BASE}/statistics/{place}/#runs-by-state-and-band": version for place, version in folders.items()
    }
    newest = URIRef(f"{BASE}/statistics/2026-Q3/2/#runs-by-state-and-band")
    assert graph.value(newest, DCAT.prev) == URIRef(f"{BASE}/statistics/2026-Q3/1/#runs-by-state-and-band")


def test_the_distributions_are_the_files_of_the_manifest(folder: Mapping[str, bytes]) -> None:
    graph = _read(folder["catalogue.ttl"], "turtle")
    files = {each["path"]: each for each in json.loads(folder["manifest.json"])["files"]}
    found = set()
    for distribution in graph.subjects(RDF.type, DCAT.Distribution):
        path = str(graph.value(distribution, DCAT.downloadURL)).removeprefix(FOLDER)
        checksum = graph.value(distribution, SPDX.checksum)
        assert graph.value(distribution, DCAT.byteSize) == Literal(
            str(files[path]["size_bytes"]), datatype=XSD.nonNegativeInteger
        )
        assert str(graph.value(checksum, SPDX.checksumValue)).lower() == files[path]["sha256"]
        found.add(path)
    assert found == {path for path in files if path.startswith("tables/")}


def test_titles_are_in_three_languages(everything: Mapping[str, bytes]) -> None:
    graph = _read(everything["catalogue.ttl"], "turtle")
    for subject in graph.subjects(RDF.type, DCAT.Dataset):
        titles = list(graph.objects(subject, DCTERMS.title))
        assert {title.language for title in titles if isinstance(title, Literal)} == {"en", "fr", "de"}


def test_an_empty_catalogue_can_be_read() -> None:
    made = catalogue.render_catalogue([], base_url=BASE)
    assert len(_read(made["catalogue.ttl"], "turtle")) == len(_read(made["catalogue.jsonld"], "json-ld")) > 0
