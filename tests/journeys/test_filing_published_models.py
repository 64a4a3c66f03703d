"""A plain client files one run for every published model that carries accelerator, quantity, time and utilisation.

Over HTTP, as illustrative filings of an invented organisation. The register's own estimate, read back from the version,
is held against the published compute.
"""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from registry.quantities import within
from tests.documents import AURELIA_LEI
from tests.journeys.live import LiveRegister, PlainClient
from tests.journeys.published_models import PublishedModel, as_document, published_models

pytestmark = [pytest.mark.xdist_group("running"), pytest.mark.shared]
TOLERANCE = Decimal("0.30")
APART = Path(__file__).with_name("published_models_apart.csv")


def reasons() -> dict[str, str]:
    """Why a model's published figures do not give its published compute."""
    with APART.open(encoding="utf-8", newline="") as lines:
        return {row["name"]: row["reason"] for row in csv.DictReader(lines)}


def filed(client: PlainClient, model: PublishedModel) -> dict[str, Any]:
    """The filing of a model; warnings are acknowledged as a filer would who took the figures from a publication."""
    body = {"document": as_document(model), "client_reference": model.name}
    answer = client.post("/api/v1/filings/", body)
    if answer.status_code == 422:
        obstacles = answer.json()["errors"]
        assert {obstacle["severity"] for obstacle in obstacles} == {"warning"}, (model.name, obstacles)
        sentence = "The figures are those of the publication."
        acknowledged = [
            {"code": o["code"], "pointer": o["pointer"], "reason_code": "supplier_statement", "sentence": sentence}
            for o in obstacles
        ]
        answer = client.post("/api/v1/filings/", body | {"acknowledgements": acknowledged})
    assert answer.status_code == 201, (model.name, answer.text)
    return dict(answer.json())


def test_the_registers_own_estimate_reproduces_the_published_compute(live: LiveRegister) -> None:
    client = live.client("Aurélia Modèles SA", lei=AURELIA_LEI)
    apart = {}
    for model in published_models():
        version = client.get(filed(client, model)["url"] + "versions/1/").json()
        estimated = Decimal(version["estimated_flop"])
        if not within(model.published_flop, estimated, tolerance=TOLERANCE):
            apart[model.name] = f"{estimated / model.published_flop:.2f} of what is published"
    assert len(published_models()) == 43
    assert len(apart) <= 43 - 34, apart
    assert set(apart) <= set(reasons()), f"no reason on record for {set(apart) - set(reasons())}"
    seen = client.get("/api/v1/filings/?limit=100").json()["results"]
    assert {row["client_reference"] for row in seen} == {model.name for model in published_models()}
