"""What is erased at the end of its period: where it is found, what hangs on it, and how its entry is called.

Three things are: filings, statements of ownership that were replaced, applications that came to their end. What of
their tables is emptied says registry.ledger.emptying; rows that only repeat what is emptied are deleted after it. All
names are this module's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_BY_FILING: Final = "filing_id = any(%(ids)s)"
_BY_STATEMENT: Final = "statement_id = any(%(ids)s)"
_BY_APPLICATION: Final = "application_id = any(%(ids)s)"
_BY_ID: Final = "id = any(%(ids)s)"


@dataclass(frozen=True)
class Target:
    """`found` is SQL that gives id and subject, oldest first, with `at`, `keep`, `statuses` and `limit` left open.

    `{moment}` in it is the ground's, one of `moments`. `emptied` and `deleted` are conditions by table, in their order.
    """

    table: str
    event: str
    moments: frozenset[str]
    found: str
    emptied: Mapping[str, str]
    deleted: Mapping[str, str]


TARGETS: Final[Mapping[str, Target]] = MappingProxyType(
    {
        "filing": Target(
            table="filings_filing",
            event="filing.erased",
            moments=frozenset({"changed_at", "decided_at", "submitted_at"}),
            found=(
                "select id, reference, organisation_id, territory, number from filings_filing as old "
                "where status = any(%(statuses)s) and old.{moment} < %(at)s::timestamptz - %(keep)s::interval "
                "and not exists (select from oversight_erasure as done where done.filing_id = old.id) "
                "and not exists (select from oversight_hold as held where held.filing_id = old.id "
                "and lifted_at is null and (ends_at is null or ends_at > %(at)s)) "
                "order by old.{moment}, id limit %(limit)s"
            ),
            emptied={
                "filings_version": _BY_FILING,
                "filings_transition": _BY_FILING,
                "filings_plea": _BY_FILING,
                "filings_decision": _BY_FILING,
                "filings_act": _BY_FILING,
                "filings_answer": "version_id in (select id from filings_version where filing_id = any(%(ids)s))",
                "screening_finding": _BY_FILING,
                "oversight_sharing": _BY_FILING,
                "filings_filing": _BY_ID,
            },
            deleted={},
        ),
        # Replaced: a later statement tells of the same day or a later one, so that no picture of today rests on it.
        "ownership": Target(
            table="organisations_ownershipstatement",
            event="ownership.erased",
            moments=frozenset({"recorded_at"}),
            found=(
                "select old.id, old.id::text from organisations_ownershipstatement as old where old.key <> '' "
                "and exists (select from organisations_ownershipstatement as newer "
                "where newer.organisation_id = old.organisation_id and newer.number > old.number "
                "and newer.as_of_on >= old.as_of_on "
                "and newer.{moment} < %(at)s::timestamptz - %(keep)s::interval) "
                "order by old.{moment}, old.id limit %(limit)s"
            ),
            emptied={"organisations_ownershipstatement": _BY_ID},
            deleted={
                "organisations_ownershipentity": _BY_STATEMENT,
                "organisations_ownershipholding": _BY_STATEMENT,
            },
        ),
        "application": Target(
            table="onboarding_application",
            event="application.erased",
            moments=frozenset({"changed_at"}),
            found=(
                "select old.id, old.reference from onboarding_application as old where old.language <> '' "
                "and old.status = any(%(statuses)s) and old.{moment} < %(at)s::timestamptz - %(keep)s::interval "
                "order by old.{moment}, old.id limit %(limit)s"
            ),
            emptied={"onboarding_application": _BY_ID, "onboarding_step": _BY_APPLICATION},
            deleted={"onboarding_observation": _BY_APPLICATION},
        ),
    }
)
