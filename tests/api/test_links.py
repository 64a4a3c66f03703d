"""Every link of the OpenAPI document leads to an operation, from a member that the answer has."""

from typing import Any

import pytest
from uritemplate import variables

from api import links
from api.schema import openapi
from tests.api.described import operations, resolved

LINKS = {
    (operation_id, name): resolved(link)
    for operation_id, (_, _, operation) in operations().items()
    for reply in operation["responses"].values()
    for name, link in resolved(reply).get("links", {}).items()
}


def _schema(name: str) -> Any:
    return openapi()["components"]["schemas"][name]


@pytest.mark.parametrize(("name", "pointer"), [(name, p) for name, row in links.FOUND.items() for p in row.values()])
def test_a_member_that_a_link_reads_is_in_the_answer(name: str, pointer: str) -> None:
    schema = _schema(name)
    for part in pointer.removeprefix("/").split("/"):
        schema = resolved(schema["items"] if part == "0" else schema["properties"][part])


@pytest.mark.parametrize("link", LINKS.values(), ids=[f"{one} to {other}" for one, other in LINKS])
def test_a_link_gives_all_that_the_path_needs(link: dict[str, Any]) -> None:
    _, path, operation = operations()[link["operationId"]]
    given = set(link["parameters"])
    assert {f"path.{name}" for name in variables(path)} == {name for name in given if name.startswith("path.")}
    needs_tag = any(row.get("name") == "If-Match" and row["required"] for row in operation["parameters"])
    assert ("header.If-Match" in given) is needs_tag


def test_a_filing_leads_to_its_versions_receipts_and_end() -> None:
    targets = {other for one, other in LINKS if one == "filings_file"}
    assert {"filings_read", "filings_withdraw", "versions_list", "versions_file", "versions_read"} <= targets
    assert "versions_receipt" in targets
    assert ("versions_list", "versions_receipt") in LINKS
