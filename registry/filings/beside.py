"""What stands beside a filing's versions: decisions, what was done elsewhere, and the argument of Art. 52(2). Pure."""

from dataclasses import dataclass
from datetime import date, datetime

from registry.filings.duties import DutyException, Submission


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What stands beside a filing's versions: the authority's decisions, and what the provider did elsewhere."""

    exceptions: tuple[DutyException, ...] = ()
    designated_on: date | None = None
    reassessment_refused_on: tuple[date, ...] = ()
    submitted: tuple[Submission, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Rebuttal:
    """The argument of Art. 52(2) that a model above the threshold has no systemic risk.

    It stands beside the duties and moves none of them (Guidelines, paragraphs 32 to 41).
    """

    filed_at: datetime
    decided_at: datetime | None = None
    accepted: bool = False
    reason: str = ""
    decided_by: str = ""

    def state_at(self, at: datetime) -> str:
        """`filed`, `accepted` or `rejected` at the moment `at`; `none` before it was filed."""
        if at < self.filed_at:
            return "none"
        if self.decided_at is None or at < self.decided_at:
            return "filed"
        return "accepted" if self.accepted else "rejected"
