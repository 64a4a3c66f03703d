"""What can be done to filings, an action a verb: visible, permitted, possible, done, announced, recorded."""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from registry import rows
from registry.acting import Actor, inside_acting_as
from registry.errors import Conflict, DomainError, Invalid, NotFound, NotPossible, Stale
from registry.filings import assessment, contexts, document, duties, lifecycle, questions, steps, storing
from registry.filings.checks.engine import Acknowledgement, Answer, acknowledged, baseless, unacknowledged
from registry.filings.checks.subject import Context, VersionKind
from registry.filings.lifecycle import Status
from registry.filings.models import Filing, Kind, Version
from registry.filings.storing import Place, Stored, Submission
from registry.organisations.models import Organisation


@dataclass(frozen=True)
class NewFiling:
    """A document to be filed. `acknowledgements` cover warnings; `draft` keeps it without submitting."""

    content: Mapping[str, Any]
    client_reference: str = ""
    draft: bool = False
    acknowledgements: tuple[Acknowledgement, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What became of one item: the filing, or the refusal. The edge renders the answers of the checks.

    `stored` is what was stored of a submission; a draft has none.
    """

    reference: str = ""
    refusal: DomainError | None = None
    territory: str = ""
    answers: tuple[Answer, ...] = ()
    stored: Stored | None = None


_Judged = tuple[NewFiling, str, assessment.Assessment]  # an item, its reference, and what the register says of it


class AlreadyFiled(Conflict):
    """The client reference is taken by a filing of the organisation; `filing` is its reference once it is stored."""

    def __init__(self, filing: str = "") -> None:
        super().__init__(
            "You have a filing under this client reference already.",
            remedy="Look it up with ?client_reference= and file a new version of it.",
        )
        self.filing = filing


@inside_acting_as
def file(
    items: Sequence[NewFiling], *, by: Actor, at: datetime, language: str = "en", dry_run: bool = False
) -> list[Outcome]:
    """File or draft many at once; each item gets its own outcome and the good ones are stored.

    In a dry run, which the caller rolls back, no reference numbers are used up: they are made up. The caller decides
    about the batch: if one refusal shall refuse all, it ends the unit of work.
    """
    by.require("filing_draft" if all(item.draft for item in items) else "filing_submit")
    organisation = _organisation(by)
    context = contexts.maker(organisation=organisation, contents=[item.content for item in items], by=by, at=at)
    taken = _taken([item.client_reference for item in items], by)
    take = storing.make_up_references if dry_run else storing.take_references
    references = take(len(items), at=at)
    outcomes: list[Outcome] = []
    good: list[_Judged] = []
    seen: set[str] = set()
    for item, reference in zip(items, references, strict=True):
        try:
            _require_fresh(item.client_reference, taken, seen)
            assessed = _judge(item, context=context("notification"), language=language)
        except DomainError as refusal:
            outcomes.append(Outcome(refusal=refusal))
            continue
        outcomes.append(Outcome(reference, territory=organisation.territory, answers=assessed.answers))
        good.append((item, reference, assessed))
    place = Place(organisation.id, organisation.territory)
    kept = _store_drafts([each for each in good if each[0].draft], place=place, at=at)
    submissions = [_first(reference, item, assessed) for item, reference, assessed in good if not item.draft]
    stored = {each.submission.reference: each for each in storing.store(submissions, place=place, by=by, at=at)}
    done = zip(items, outcomes, strict=True)
    return [_kept(outcome, kept, stored, client_reference=item.client_reference, by=by) for item, outcome in done]


@inside_acting_as
def redraft(
    *, reference: str, content: Mapping[str, Any], revision: int, by: Actor, at: datetime, language: str = "en"
) -> Filing:
    """Replace the document of a draft. Raises `Stale` when it changed since `revision`."""
    filing = _locked(reference, by)
    by.require("filing_draft")
    if filing.status != Status.DRAFT:
        raise NotPossible("Only a draft can be replaced.", remedy="File a new version instead.")
    _require_revision(filing, revision)
    filing.draft = document.plain(document.read(content, language=language))
    filing.revision += 1
    filing.changed_at = at
    filing.save(update_fields=["draft", "revision", "changed_at"])
    return filing


@inside_acting_as
def submit(
    *,
    reference: str,
    by: Actor,
    at: datetime,
    acknowledgements: tuple[Acknowledgement, ...] = (),
    language: str = "en",
) -> Filing:
    """Submit a draft as the filing's first version."""
    filing = _locked(reference, by)
    by.require("filing_submit")
    lifecycle.require_transition(filing.status, Status.SUBMITTED)
    if filing.draft is None:
        raise NotPossible("There is no draft to submit.", remedy="File a corrected version.")
    return _add_version(
        filing, "notification", NewFiling(filing.draft, acknowledgements=acknowledgements), by, at, language
    )


@inside_acting_as
def amend(
    *,
    reference: str,
    kind: VersionKind,
    content: Mapping[str, Any],
    revision: int | None,
    by: Actor,
    at: datetime,
    acknowledgements: tuple[Acknowledgement, ...] = (),
    language: str = "en",
) -> Filing:
    """File a further version: update, completion, correction. After a return, the filing is submitted again by it."""
    filing = _locked(reference, by)
    by.require("filing_amend")
    if revision is not None:
        _require_revision(filing, revision)
    if filing.status != Status.RETURNED:
        lifecycle.require_amendable(filing.status, withdrawal=kind == "withdrawal")
    return _add_version(filing, kind, NewFiling(content, acknowledgements=acknowledgements), by, at, language)


@inside_acting_as
def examine(
    *, filing: Filing, kind: VersionKind, content: Mapping[str, Any], by: Actor, at: datetime, language: str = "en"
) -> assessment.Assessment:
    """What the register would say of a document as the next version of a filing; nothing is stored."""
    by.require("filing_draft")
    previous = _newest(filing)
    judging = contexts.maker(organisation=_organisation(by), contents=[content], by=by, at=at, besides=filing)
    return assessment.assess(content, context=judging(kind, previous), language=language)


@inside_acting_as
def withdraw(*, reference: str, reason: str, revision: int | None, by: Actor, at: datetime) -> Filing:
    """Withdraw before acceptance. An accepted filing is withdrawn by the authority, on a withdrawal version."""
    filing = _locked(reference, by)
    by.require("filing_withdraw")
    if revision is not None:
        _require_revision(filing, revision)
    return steps.take(filing=filing, verb="withdraw", reason=reason, by=by, at=at)


@inside_acting_as
def answer(*, reference: str, reason: str, by: Actor, at: datetime) -> Filing:
    """Answer the authority's question: the filing goes back into review."""
    filing = _locked(reference, by)
    by.require("filing_answer")
    return steps.take(filing=filing, verb="answer", reason=reason, by=by, at=at)


@inside_acting_as
def decide(
    *,
    reference: str,
    verb: str,
    reason: str,
    by: Actor,
    at: datetime,
    pointers: Sequence[str] = (),
    answer_by: datetime | None = None,
) -> Filing:
    """One step of the authority: review, ask, accept, return, confirm_withdrawal. All but review need a reason.

    A question (ask) is about the fields at `pointers` and to be answered by `answer_by` (`questions.put`).
    """
    filing = _locked(reference, by)
    by.require(f"filing_{verb}")
    if verb != "review" and not reason.strip():
        raise Invalid("A decision needs its reason.", remedy="Write what the provider will receive.")
    question = None
    if verb == "ask":
        question = questions.put(pointers=pointers, answer_by=answer_by, territory=filing.territory, at=at)
    return steps.take(filing=filing, verb=verb, reason=reason, question=question, by=by, at=at)


def _add_version(filing: Filing, kind: VersionKind, item: NewFiling, by: Actor, at: datetime, language: str) -> Filing:
    organisation = _organisation(by)
    versions = list(filing.versions.order_by("number").prefetch_related("crossings"))
    previous = document.read(json.loads(versions[-1].canonical)) if versions else None
    judging = contexts.maker(organisation=organisation, contents=[item.content], by=by, at=at, besides=filing)
    assessed = _judge(item, context=judging(kind, previous), language=language)
    source = Status(filing.status)
    target = Status.SUBMITTED if source in {Status.DRAFT, Status.RETURNED} else source
    submission = Submission(
        filing_id=filing.id,
        reference=filing.reference,
        client_reference=filing.client_reference,
        number=filing.number + 1,
        kind=kind,
        source=source,
        target=target,
        assessed=assessed,
        earlier=_earlier(versions),
    )
    storing.store([submission], place=Place(organisation.id, organisation.territory), by=by, at=at)
    filing.refresh_from_db()
    return filing


def _newest(filing: Filing) -> document.FilingDocument | None:
    newest = filing.versions.order_by("-number").first()
    return document.read(json.loads(newest.canonical)) if newest else None


def _earlier(versions: Iterable[Version]) -> tuple[duties.Submission, ...]:
    """The moments of the versions before, with the thresholds each crossed."""
    return tuple(
        assessment.earlier_submission(
            json.loads(version.canonical),
            kind=version.kind,
            at=version.submitted_at,
            crossings=[crossing.threshold for crossing in version.crossings.all()],
        )
        for version in versions
    )


def _first(reference: str, item: NewFiling, assessed: assessment.Assessment) -> Submission:
    return Submission(
        filing_id=uuid.uuid4(),
        reference=reference,
        client_reference=item.client_reference,
        number=1,
        kind=Kind.NOTIFICATION.value,
        source=None,
        target=Status.SUBMITTED,
        assessed=assessed,
    )


def _judge(item: NewFiling, *, context: Context, language: str) -> assessment.Assessment:
    """Assess; refuse a submission with blocking answers or warnings nobody acknowledged. A draft is only read."""
    try:
        assessed = assessment.assess(item.content, context=context, language=language)
    except Invalid as refused:
        if not item.draft:
            lacking = assessment.missing_besides(item.content, refused, context=context, language=language)
            refused.obstacles = (*refused.obstacles, *lacking)
        raise
    if item.draft:
        return assessed
    in_the_way = (*assessed.errors, *unacknowledged(assessed.answers, item.acknowledgements))
    unfounded = baseless(assessed.answers, item.acknowledgements)
    if in_the_way or unfounded:
        raise Invalid(
            "The filing cannot be submitted yet: each obstacle is listed.",
            remedy="Mend the errors; mend the warnings too, or acknowledge each with a coded reason and a sentence.",
            obstacles=(*unfounded, *assessment.obstacles(in_the_way, language=language)),
        )
    return replace(assessed, answers=acknowledged(assessed.answers, item.acknowledgements))


def _store_drafts(drafts: Sequence[_Judged], *, place: Place, at: datetime) -> frozenset[str]:
    """Store drafts; returns the references of those whose client reference was still free."""
    new = [
        {
            "id": uuid.uuid4(),
            "reference": reference,
            "client_reference": item.client_reference,
            **place.columns(),
            "status": Status.DRAFT.value,
            "draft": document.plain(assessed.content),
            "revision": 1,
            "created_at": at,
            "changed_at": at,
            "number": 0,
            **dict.fromkeys(("kind", "run_stage", "run_id", "lineage", "band", "site_country", "nace_division"), ""),
        }
        for item, reference, assessed in drafts
    ]
    made = storing.insert_filings(new)
    return frozenset(str(row["reference"]) for row in new if row["id"] in made)


def _kept(
    outcome: Outcome, drafts: frozenset[str], stored: Mapping[str, Stored], *, client_reference: str, by: Actor
) -> Outcome:
    """The outcome after storing: another unit of work may have used the client reference in the meantime."""
    if outcome.refusal or outcome.reference in drafts:
        return outcome
    if outcome.reference not in stored:
        return Outcome(refusal=AlreadyFiled(_taken([client_reference], by).get(client_reference, "")))
    return replace(outcome, stored=stored[outcome.reference])


def _organisation(by: Actor) -> Organisation:
    found = Organisation.objects.visible_to(by).filter(id=str(by.organisation)).first()
    if found is None:
        raise NotFound
    return found


def _locked(reference: str, by: Actor) -> Filing:
    """The filing, if the actor may see it, locked until the unit of work ends."""
    return rows.locked(Filing.objects.visible_to(by).filter(reference=reference))


def _require_revision(filing: Filing, revision: int) -> None:
    if filing.revision != revision:
        raise Stale("The filing changed since you read it.", remedy="Read it again and repeat the change.")


def _taken(client_references: Sequence[str], by: Actor) -> dict[str, str]:
    """By client reference, the reference of the organisation's own filing that has it."""
    wanted = [reference for reference in client_references if reference]
    own = Filing.objects.visible_to(by).standing().filter(client_reference__in=wanted)
    return dict(own.values_list("client_reference", "reference"))


def _require_fresh(client_reference: str, taken: Mapping[str, str], seen: set[str]) -> None:
    if client_reference and (client_reference in taken or client_reference in seen):
        raise AlreadyFiled(taken.get(client_reference, ""))
    seen.add(client_reference)
