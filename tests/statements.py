"""Ownership statements for tests: an upper company, and Ada, who has most of it."""

from typing import Any


def holding(owner: str, owned: str, percent: str | None, **more: Any) -> dict[str, Any]:
    """One holding of capital since 2020, unless `more` says otherwise."""
    share = {} if percent is None else {"share_percent": percent}
    return {"owner_id": owner, "owned_id": owned, "kind": "capital", "since_on": "2020-01-01", **share, **more}


def statement(**changes: Any) -> dict[str, Any]:
    """Upper Holding has 70 % of the filer, Ada 30 % of it and 80 % of Upper Holding."""
    return {
        "as_of_on": "2026-11-01",
        "entities": [
            {"id": "up", "kind": "company", "name": "Upper Holding BV", "country": "NL", "lei": "724500DEMONSTRATIO11"},
            {
                "id": "ada",
                "kind": "natural_person",
                "name": "Ada Example",
                "country": "BE",
                "born_on": "1970-02-03",
                "nationalities": ["BE"],
            },
        ],
        "holdings": [holding("up", "filer", "70"), holding("ada", "filer", "30"), holding("ada", "up", "80")],
        **changes,
    }
