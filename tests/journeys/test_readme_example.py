"""The examples are documents that the register takes from the demonstration's first client."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from api.examples import EXAMPLES
from registry.filings import document
from registry.management.demonstration.organisations import COMPANIES

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "api" / "example-filing.json"
BODIES = {"of the README": json.loads(EXAMPLE.read_text("utf-8")), "of the API": EXAMPLES["filing"]["value"]}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_an_example_reads_and_names_the_demonstrations_own_organisation(body: dict[str, Any]) -> None:
    filer = document.read(body["document"]).filer
    company = next(company for company in COMPANIES if company.name == filer.legal_name)
    assert (filer.lei, filer.seat_country) == (company.lei, company.country)


def test_the_first_steps_need_no_program_that_a_bare_machine_lacks() -> None:
    (steps,) = re.findall(r"## File something\n\n```\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    programs = set(re.findall(r"(?:^|\$\()([a-z./][\w./-]*)(?= )", steps, re.MULTILINE))
    assert programs == {".venv/bin/python", "curl"}
    assert "manage.py ask_token" in steps
