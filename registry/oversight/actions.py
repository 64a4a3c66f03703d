"""What regulators do beside deciding (registry.filings.actions.decide): open a filing for a stated purpose."""

from datetime import datetime

from registry.acting import Actor, inside_acting_as
from registry.errors import NotFound
from registry.filings.models import Filing
from registry.oversight import looks
from registry.oversight.models import LookKind
from registry.oversight.purposes import Purpose


@inside_acting_as
def open_filing(
    *, reference: str, purpose: Purpose, by: Actor, at: datetime, kind: LookKind = LookKind.OPENED
) -> Filing:
    """The filing, with the look noted where the provider can read it and recorded in the ledger (AI Act Art. 78)."""
    filing = Filing.objects.visible_to(by).filter(reference=reference).select_related("organisation").first()
    if filing is None:
        raise NotFound
    by.require("filing_read")
    looks.note([filing], kind=kind, purpose=purpose, by=by, at=at)
    return filing
