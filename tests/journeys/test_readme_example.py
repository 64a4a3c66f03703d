"""The example of the README is a document that the register takes from the demonstration's first client."""

import json
from pathlib import Path

from registry.filings import document
from registry.management.demonstration.organisations import COMPANIES

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "api" / "example-filing.json"


def test_the_example_reads_and_names_the_demonstrations_own_organisation() -> None:
    body = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    filer = document.read(body["document"]).filer
    company = next(company for company in COMPANIES if company.name == filer.legal_name)
    assert (filer.lei, filer.seat_country) == (company.lei, company.country)
