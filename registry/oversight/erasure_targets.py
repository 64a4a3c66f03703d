"""What is erased at the end of its period: where it is found, what hangs on it, and how its entry is called.

What is filed (filings, statements of ownership that were replaced, facilities, what was said and measured of them,
returns, pleas), what came of it (findings, cases, mismatches), and applications that came to their end. What of their
tables is emptied says registry.ledger.emptying; rows that only repeat what is emptied are deleted after it. All names
are this module's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_BY_FILING: Final = "filing_id = any(%(ids)s)"
_BY_STATEMENT: Final = "statement_id = any(%(ids)s)"
_BY_APPLICATION: Final = "application_id = any(%(ids)s)"
_BY_RETURN: Final = "monthly_return_id = any(%(ids)s)"
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


def _ended(chosen: str) -> str:
    """Of what is chosen, that of which the period ended, oldest first."""
    return (
        f"{chosen} and old.{{moment}} < %(at)s::timestamptz - %(keep)s::interval "
        "order by old.{moment}, old.id limit %(limit)s"
    )


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
            deleted={"screening_postedrun": _BY_FILING},
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
        # Closed for as long, and nothing was said of it since; what was said and measured goes by itself, below.
        "facility": Target(
            table="compute_facility",
            event="facility.erased",
            moments=frozenset({"closed_on"}),
            found=_ended(
                "select old.id, old.reference from compute_facility as old where old.operator_name <> '' "
                "and old.changed_at < %(at)s::timestamptz - %(keep)s::interval"
            ),
            emptied={"compute_facility": _BY_ID},
            deleted={},
        ),
        "facility_act": Target(
            table="compute_facilityact",
            event="facility_act.erased",
            moments=frozenset({"at"}),
            found=_ended("select old.id, old.id::text from compute_facilityact as old where old.salt <> ''"),
            emptied={"compute_facilityact": _BY_ID},
            deleted={},
        ),
        "facility_report": Target(
            table="compute_facilityreport",
            event="facility_report.erased",
            moments=frozenset({"at"}),
            found=_ended("select old.id, old.id::text from compute_facilityreport as old where old.salt <> ''"),
            emptied={"compute_facilityreport": _BY_ID},
            deleted={},
        ),
        "return": Target(
            table="compute_return",
            event="return.erased",
            moments=frozenset({"changed_at"}),
            found=_ended("select old.id, old.reference from compute_return as old where old.opened_by <> ''"),
            emptied={"compute_return": _BY_ID, "compute_returnversion": _BY_RETURN, "compute_upload": _BY_RETURN},
            deleted={"compute_accessrecord": _BY_RETURN},
        ),
        # About a duty of the organisation itself: those about a filing go with it.
        "plea": Target(
            table="filings_plea",
            event="plea.erased",
            moments=frozenset({"at"}),
            found=_ended(
                "select old.id, old.id::text from filings_plea as old where old.filing_id is null and old.salt <> '' "
                "and not exists (select from filings_decision as answer where answer.plea_id = old.id "
                "and answer.at >= %(at)s::timestamptz - %(keep)s::interval)"
            ),
            emptied={"filings_plea": _BY_ID, "filings_decision": "plea_id = any(%(ids)s)"},
            deleted={},
        ),
        # About customers, owner groups, facilities and uses: those about a filing go with it.
        "finding": Target(
            table="screening_finding",
            event="finding.erased",
            moments=frozenset({"found_at"}),
            found=_ended(
                "select old.id, old.id::text from screening_finding as old "
                "where old.filing_id is null and old.subject_name <> ''"
            ),
            emptied={"screening_finding": _BY_ID},
            deleted={},
        ),
        "case": Target(
            table="oversight_case",
            event="case.erased",
            moments=frozenset({"closed_at"}),
            found=_ended(
                "select old.id, old.reference from oversight_case as old where old.title <> '' "
                "and old.state = any(%(statuses)s)"
            ),
            emptied={"oversight_case": _BY_ID, "oversight_casestep": "case_id = any(%(ids)s)"},
            deleted={},
        ),
        "mismatch": Target(
            table="screening_mismatch",
            event="mismatch.erased",
            moments=frozenset({"closed_at"}),
            found=_ended("select old.id, old.reference from screening_mismatch as old where old.bundle_key <> ''"),
            emptied={"screening_mismatch": _BY_ID, "screening_mismatchanswer": "mismatch_id = any(%(ids)s)"},
            deleted={},
        ),
    }
)
