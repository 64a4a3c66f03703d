"""A document while it is being written: the draft of a filing, or of a further version of it. One way for both.

Every page of the forms keeps the whole document; what is kept can be read (`document.read`), whatever it still lacks.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast

from registry import rows
from registry.acting import Actor, inside_acting_as
from registry.errors import NotFound, NotPossible, Stale
from registry.filings import actions, document, lifecycle
from registry.filings.assessment import Assessment
from registry.filings.checks.engine import Acknowledgement
from registry.filings.checks.subject import VersionKind
from registry.filings.lifecycle import Status
from registry.filings.models import Amendment, Filing, Kind

AMENDING = (Kind.UPDATE, Kind.COMPLETION, Kind.CORRECTION)
_STAGE_OF = {Kind.UPDATE: "monitoring", Kind.COMPLETION: "completed"}


@dataclass(frozen=True)
class Draft:
    """What is being written: `content` as it stands, `revision` of it, `base` the filing's at the beginning.

    `acknowledgements` are the reasons kept so far for warnings that shall stay.
    """

    filing: Filing
    kind: Kind
    content: Mapping[str, Any]
    revision: int
    base: int
    acknowledgements: tuple[Acknowledgement, ...] = ()

    @property
    def is_overtaken(self) -> bool:
        """Whether the filing moved on since the amendment began."""
        return self.kind is not Kind.NOTIFICATION and self.base != self.filing.revision


@inside_acting_as
def draft_of(reference: str, *, by: Actor) -> Draft:
    """What is being written of a filing. Raises `NotFound` for who may not see it, `NotPossible` where nothing is."""
    filing = Filing.objects.visible_to(by).select_related("organisation").filter(reference=reference).first()
    if filing is None:
        raise NotFound
    return _draft(filing, by)


@inside_acting_as
def begin(*, reference: str, kind: Kind, by: Actor, at: datetime) -> Draft:
    """Begin a further version from the newest one, or go on with the one that was begun."""
    by.require("filing_amend")
    filing = rows.locked(Filing.objects.visible_to(by).filter(reference=reference))
    if filing.status != Status.RETURNED:
        lifecycle.require_amendable(filing.status, withdrawal=False)
    newest = filing.versions.order_by("-number").first()
    if newest is None or not newest.canonical:
        raise NotPossible("There is no version to amend.", remedy="Finish and submit the draft.")
    under_way = _amendment(filing, by)
    if under_way is None:
        content = document.plain(document.read(json.loads(newest.canonical)))
        content["stage"] = _STAGE_OF.get(kind, content["stage"])
        content.pop("signature", None)
        Amendment.objects.create(
            organisation_id=filing.organisation_id,
            territory=filing.territory,
            filing=filing,
            kind=kind.value,
            content=content,
            base=filing.revision,
            changed_at=at,
        )
    return _draft(filing, by)


@inside_acting_as
def keep(
    *, reference: str, content: Mapping[str, Any], revision: int, by: Actor, at: datetime, language: str = "en"
) -> None:
    """Keep the document in place of what stands. Raises `Stale` where that changed since `revision`, and `Invalid`."""
    found = draft_of(reference, by=by)
    if found.kind is Kind.NOTIFICATION:
        actions.redraft(reference=reference, content=content, revision=revision, by=by, at=at, language=language)
        return
    row = _locked_amendment(found.filing, revision, by)
    row.content = document.plain(document.read(content, language=language))
    row.revision += 1
    row.changed_at = at
    row.save(update_fields=["content", "revision", "changed_at"])


@inside_acting_as
def keep_acknowledgements(*, reference: str, acknowledgements: Sequence[Acknowledgement], by: Actor) -> None:
    """Keep the reasons in place of those kept before, complete or not; the document and its revision stay."""
    found = draft_of(reference, by=by)
    by.require("filing_draft" if found.kind is Kind.NOTIFICATION else "filing_amend")
    kept = [asdict(each) for each in acknowledgements]
    if found.kind is Kind.NOTIFICATION:
        Filing.objects.visible_to(by).filter(pk=found.filing.pk).update(acknowledgements=kept)
    else:
        Amendment.objects.visible_to(by).filter(filing=found.filing).update(acknowledgements=kept)


@inside_acting_as
def rebase(*, reference: str, by: Actor, at: datetime) -> None:
    """Go on with an amendment on top of what the filing has become meanwhile."""
    found = draft_of(reference, by=by)
    if found.kind is not Kind.NOTIFICATION:
        row = _locked_amendment(found.filing, found.revision, by)
        row.base, row.changed_at = found.filing.revision, at
        row.save(update_fields=["base", "changed_at"])


@inside_acting_as
def give_up(*, reference: str, by: Actor) -> None:
    """Throw away an amendment that was begun; the filing stays as it is."""
    found = draft_of(reference, by=by)
    if found.kind is Kind.NOTIFICATION:
        raise NotPossible("Only an amendment can be given up.", remedy="Withdraw the draft instead.")
    _locked_amendment(found.filing, found.revision, by).delete()


@inside_acting_as
def examined(draft: Draft, *, by: Actor, at: datetime, language: str = "en") -> Assessment:
    """What the register would say of the document if it were handed in now; nothing is stored."""
    return actions.examine(
        filing=draft.filing,
        kind=cast(VersionKind, draft.kind.value),
        content=draft.content,
        by=by,
        at=at,
        language=language,
    )


@inside_acting_as
def hand_in(
    *,
    reference: str,
    signature: Mapping[str, Any],
    revision: int,
    acknowledgements: tuple[Acknowledgement, ...],
    by: Actor,
    at: datetime,
    language: str = "en",
) -> Filing:
    """Sign the document and file it as the next version. Raises as `actions.submit` and `actions.amend` do."""
    found = draft_of(reference, by=by)
    content = {**found.content, "signature": dict(signature)}
    given: dict[str, Any] = {"acknowledgements": acknowledgements, "by": by, "at": at, "language": language}
    if found.kind is Kind.NOTIFICATION:
        actions.redraft(reference=reference, content=content, revision=revision, by=by, at=at, language=language)
        return actions.submit(reference=reference, **given)
    _locked_amendment(found.filing, revision, by).delete()
    kind = cast(VersionKind, found.kind.value)
    return actions.amend(reference=reference, kind=kind, content=content, revision=found.base, **given)


def _draft(filing: Filing, by: Actor) -> Draft:
    if filing.status == Status.DRAFT and filing.draft is not None:
        kept = _acknowledgements(filing.acknowledgements)
        return Draft(filing, Kind.NOTIFICATION, filing.draft, filing.revision, filing.revision, kept)
    row = _amendment(filing, by)
    if row is None:
        raise NotPossible("Nothing is being written here.", remedy="Begin an amendment on the page of the filing.")
    return Draft(filing, Kind(row.kind), row.content, row.revision, row.base, _acknowledgements(row.acknowledgements))


def _acknowledgements(kept: Sequence[Mapping[str, str]]) -> tuple[Acknowledgement, ...]:
    return tuple(Acknowledgement(**each) for each in kept)


def _amendment(filing: Filing, by: Actor) -> Amendment | None:
    return Amendment.objects.visible_to(by).filter(filing=filing).first()


def _locked_amendment(filing: Filing, revision: int, by: Actor) -> Amendment:
    """The amendment, locked until the unit of work ends."""
    by.require("filing_amend")
    row = rows.locked(Amendment.objects.visible_to(by).filter(filing=filing))
    if row.revision != revision:
        raise Stale("The filing changed since you read it.", remedy="Read it again and repeat the change.")
    return row
