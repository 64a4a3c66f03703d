"""What regulators do beside deciding (registry.filings.actions.decide): open a filing for a stated purpose."""

import os
from datetime import datetime

from registry import rows
from registry.acting import Actor, inside_acting_as
from registry.errors import Invalid, NotFound
from registry.filings import document
from registry.filings.models import Filing
from registry.filings.storing import statement_of
from registry.ledger import chain, log
from registry.ledger.log import Line
from registry.oversight.models import Look

LOOKED = "filing.looked_at"


@inside_acting_as
def open_filing(*, reference: str, purpose: str, by: Actor, at: datetime) -> Filing:
    """The filing, with the look noted where the provider can read it and recorded in the ledger (AI Act Art. 78)."""
    filing = Filing.objects.visible_to(by).filter(reference=reference).select_related("organisation").first()
    if filing is None:
        raise NotFound
    by.require("filing_read")
    if not purpose.strip():
        raise Invalid("Say for which purpose you open this filing.", remedy="Name the case or the task.")
    rows.insert(
        Look,
        [
            {
                "filing_id": filing.id,
                "organisation_id": filing.organisation_id,
                "territory": filing.territory,
                "at": at,
                "actor": by.id,
                "actor_name": by.name,
                "purpose": purpose[:200],
            }
        ],
    )
    statement = statement_of({"filing": reference, "by": by.id, "purpose": purpose, "at": at.isoformat()})
    commitment = chain.commitment(salt=os.urandom(32), digest=document.digest(statement))
    log.append([Line(LOOKED, reference, commitment)], by=by, at=at)
    return filing
