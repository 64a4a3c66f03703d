"""Playing the agenda: every act through the action that does it for real, one unit of work for each hand at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.dispatch import outbox
from registry.errors import DomainError, Invalid
from registry.filings import actions as filings
from registry.filings import duty_actions as duties
from registry.filings.actions import NewFiling
from registry.filings.checks.engine import Acknowledgement
from registry.filings.models import Duty, Plea
from registry.management.demonstration import papers
from registry.management.demonstration.acts import ASKED_ABOUT, DECISIONS, VERSIONS, Act, stage_on
from registry.management.demonstration.hours import WEEK
from registry.management.demonstration.people import Client, Hands
from registry.management.demonstration.runs import Plan
from registry.screening import actions as screening

NIGHT = time(19)
SCREENING_TASK = "screen_filing"  # registry.tasks: what the night has done, the worker need not do again
SCREENED_ON = frozenset({"filing.submitted", "filing.amended"})
LEFT_OUT_OF_A_DRAFT = ("signature", "security")

# With which reason and sentence a filer keeps what a warning questions, by oddity or fate of the run.
KEPT: dict[str, tuple[str, str]] = {
    "architecture_differs": (
        "special_design",
        "A fifth of the layers is run three times on each token, which six operations a parameter do not count.",
    ),
    "utilisation_high": ("measured", "Measured over 48 hours with the vendor's profiler; the record is on file."),
    "utilisation_low": ("measured", "The run waits for retrieval most of the time; measured over two days."),
    "declared_off": ("under_inquiry", "The clocks were throttled in summer; the metering is being evaluated."),
    "declared_low": ("measured", "The declared figure is the measured one, with the pauses of the run left out."),
    "late": ("other", "The duty to notify was overlooked when the team changed; we file as soon as we saw it."),
    "after_start": ("other", "The run was brought forward at short notice when hardware became free."),
}


@dataclass
class Play:
    """The register while three years are played. `refused` holds what was not accepted, in a sentence each.

    `references` and `filed`, the last document, are by the key of the run.
    """

    plan: Plan
    hands: Hands
    clients: dict[str, Client] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    filed: dict[str, dict[str, object]] = field(default_factory=dict)

    def day(self, acts: Sequence[Act]) -> None:
        """All acts of one day, in order, and the night after it when something was filed."""
        for _, together in groupby(acts, key=lambda act: act.hand):
            at_once = list(together)
            with acting_as(self._actor(at_once[0])) as actor:
                for batch in _batches(at_once):
                    self._do(batch, actor)
        if not VERSIONS.isdisjoint(act.verb for act in acts):
            self._night(datetime.combine(acts[-1].at.date(), NIGHT, tzinfo=UTC))

    def _actor(self, act: Act) -> Actor:
        """Who acts: a company's machine as soon as it has one, officers of one authority by turns, week by week."""
        if not act.territory:
            client = self.clients.get(act.hand)
            return client.actor if client else self.hands.providers[act.hand]
        officers = self.hands.authorities[act.territory]
        return officers[act.at.date().toordinal() // WEEK.days % len(officers)]

    def _do(self, batch: Sequence[Act], actor: Actor) -> None:
        act = batch[0]
        if act.verb in {"file", "draft"}:
            self._file(batch, actor)
        elif act.run.key in self.references:
            try:
                self._go_on(act, self.references[act.run.key], actor)
            except DomainError as refusal:
                self._note(act, refusal)

    def _file(self, batch: Sequence[Act], actor: Actor) -> None:
        """File what one company files at one time; what only warnings stand against, again with their reasons."""
        items = [self._item(act) for act in batch]
        outcomes = filings.file(items, by=actor, at=batch[0].at)
        for act, item, first in zip(batch, items, outcomes, strict=True):
            outcome = first
            if first.refusal is not None and (kept := _kept(act, first.refusal)):
                again = NewFiling(item.content, item.client_reference, acknowledgements=kept)
                [outcome] = filings.file([again], by=actor, at=act.at)
            if outcome.refusal is None:
                self.references[act.run.key] = outcome.reference
            else:
                self._note(act, outcome.refusal)

    def _item(self, act: Act) -> NewFiling:
        content = self._document(act)
        is_draft = act.verb == "draft"
        if is_draft:
            content = {name: part for name, part in content.items() if name not in LEFT_OUT_OF_A_DRAFT}
        return NewFiling(content, act.run.key, draft=is_draft)

    def _go_on(self, act: Act, reference: str, actor: Actor) -> None:
        """The one further act on a filing that exists."""
        if act.verb in DECISIONS:
            about = ASKED_ABOUT.get(act.reason, ()) if act.verb == "ask" else ()
            filings.decide(reference=reference, verb=act.verb, reason=act.reason, pointers=about, by=actor, at=act.at)
        elif act.verb in BESIDE:
            BESIDE[act.verb](act, reference, actor)
        elif act.verb == "withdraw":
            filings.withdraw(reference=reference, reason=act.reason, revision=None, by=actor, at=act.at)
        elif act.verb == "answer":
            filings.answer(reference=reference, reason=act.reason, by=actor, at=act.at)
        elif act.verb == "submit":
            filings.submit(reference=reference, by=actor, at=act.at)
        elif act.verb == "redraft":
            content = self._document(act)
            filings.redraft(reference=reference, content=content, revision=1, by=actor, at=act.at)
        else:
            self._amend(act, reference, actor)

    def _amend(self, act: Act, reference: str, actor: Actor) -> None:
        content = self._document(act)

        def amend(kept: tuple[Acknowledgement, ...]) -> None:
            filings.amend(
                reference=reference,
                kind=act.kind,
                content=content,
                revision=None,
                by=actor,
                at=act.at,
                acknowledgements=kept,
            )

        try:
            amend(())
        except Invalid as refusal:
            kept = _kept(act, refusal)
            if not kept:
                raise
            amend(kept)

    def _document(self, act: Act) -> dict[str, object]:
        """What is filed: a withdrawal repeats the last document and changes its signature alone."""
        day = act.at.date()
        made = papers.document(
            act.run,
            self.plan,
            stage=stage_on(act.run, day),
            on=day,
            factor=act.factor,
            base_reference=self.references.get(act.run.base, ""),
        )
        if act.kind == "withdrawal":
            made = {**self.filed[act.run.key], "signature": made["signature"]}
        self.filed[act.run.key] = made
        return made

    def _note(self, act: Act, refusal: DomainError) -> None:
        found = ", ".join(f"{each.code} at {each.pointer}" for each in getattr(refusal, "obstacles", ()))
        self.refused.append(f"{act.run.key}, {act.verb} on {act.at.date()}: {refusal.sentence} {found}".strip())

    def _night(self, at: datetime) -> None:
        """Relay what happened, and screen what was filed: the relay's and the worker's work, in two units of work."""
        events: list[tuple[str, str]] = []

        def keep(key: str, kind: str, subject: str) -> None:
            if kind in SCREENED_ON:
                events.append((key, subject))

        with acting_as(of_the_register("relay")):
            outbox.relay(publish=keep, at=at)
        with acting_as(of_the_register("screener")) as screener:
            for key, reference in events:
                if outbox.first_time(task=SCREENING_TASK, event_key=key, at=at):
                    screening.screen(reference=reference, by=screener, at=at)


def _report(act: Act, reference: str, actor: Actor) -> None:
    """What was done elsewhere, the day before it is reported, if it is among the duties of the filing."""
    if _owed(act, reference, actor):
        done_on = act.at.date() - timedelta(days=1)
        duties.report(reference=reference, code=act.duty, done_on=done_on, evidence=act.reason, by=actor, at=act.at)


def _ask_excuse(act: Act, reference: str, actor: Actor) -> None:
    for trigger_on in _owed(act, reference, actor):
        duties.ask_excuse(
            reference=reference, code=act.duty, trigger_on=trigger_on, reason=act.reason, by=actor, at=act.at
        )


def _owed(act: Act, reference: str, actor: Actor) -> list[date]:
    """The days that started the duty, as the provider reads them in its list."""
    owed = Duty.objects.visible_to(actor).filter(filing__reference=reference, code=act.duty, is_current=True)
    return list(owed.values_list("trigger_on", flat=True))


def _decide(act: Act, reference: str, actor: Actor) -> None:
    """Decide whatever the provider has asked for and was not told yet."""
    asked = Plea.objects.visible_to(actor).filter(filing__reference=reference, decision__isnull=True)
    for plea in asked.values_list("id", flat=True):
        duties.decide(plea=plea, is_granted=act.is_granted, reason=act.reason, by=actor, at=act.at)


def _designate(act: Act, reference: str, actor: Actor) -> None:
    duties.designate(reference=reference, reason=act.reason, by=actor, at=act.at)


# What is done beside the versions.
BESIDE = {"report": _report, "ask_excuse": _ask_excuse, "decide": _decide, "designate": _designate}


def _batches(acts: Sequence[Act]) -> Iterator[list[Act]]:
    """Filings made at one moment together, everything else one by one, in their order."""
    for (verb, _), together in groupby(acts, key=lambda act: (act.verb, act.at)):
        batch = list(together)
        yield from [batch] if verb == "file" else [[act] for act in batch]


def _kept(act: Act, refusal: DomainError) -> tuple[Acknowledgement, ...]:
    """The filer's reasons for each warning; none where something else stands in the way, or it has no reason."""
    reason = KEPT.get(act.run.oddity) or KEPT.get(act.run.fate)
    obstacles = refusal.obstacles if isinstance(refusal, Invalid) else ()
    if reason is None or any(each.severity != "warning" for each in obstacles):
        return ()
    return tuple(Acknowledgement(each.code, each.pointer, *reason) for each in obstacles)
