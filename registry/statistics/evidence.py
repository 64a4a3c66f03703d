"""What proves a release: the document that its entry in the ledger stands for, its opening, and its place in the log.

`ecar-verify release` checks it (packages/ecar-verify). The place grows until the log has the entry.
"""

import json
from typing import Any

from registry.acting import inside_acting_as
from registry.errors import NotFound
from registry.ledger import keeping, proofs
from registry.ledger.models import Entry
from registry.statistics import building
from registry.statistics.models import Vintage


@inside_acting_as
def of_vintage(vintage: Vintage) -> bytes:
    """The evidence of a published vintage, which commits to its manifest. Raises `NotFound` before it is published."""
    if vintage.entry_id is None:
        raise NotFound
    said = building.document(vintage)
    return of(
        said, salt=bytes(vintage.salt or b""), digest=bytes(vintage.content_digest or b""), entry=vintage.entry_id
    )


@inside_acting_as
def of(document: Any, *, salt: bytes, digest: bytes, entry: int) -> bytes:
    """The evidence of a document with the digest that, opened by the salt, the entry of that index commits to."""
    found = Entry.objects.only("index", "at", "commitment").get(index=entry)  # more is nobody's business
    place = proofs.told(
        bytes(found.commitment),
        at=found.at,
        published=keeping.places().published,
        quorum=keeping.policy().is_reached,
    )
    opening = {"salt": salt.hex(), "document_sha256": digest.hex()}
    body = {"document": document, "opening": opening, "log": place}
    return (json.dumps(body, indent=1, ensure_ascii=False) + "\n").encode()
