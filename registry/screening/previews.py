"""What a draft of screening rules would find among stored snapshots, against the rows in force. Nothing is written."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from registry.screening import rules
from registry.screening.keeping import Subject
from registry.screening.rulebook import Rule, Severity, rules_in_force
from registry.screening.rules import Hit
from registry.screening.shapes import Snapshot, SubjectKind


@dataclass(frozen=True)
class Rescreened:
    """A subject that a rule would find otherwise: the cases before and after, none where it does not hit."""

    kind: SubjectKind
    key: str
    rule: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    severity_before: Severity | None
    severity_after: Severity | None

    @property
    def appears(self) -> bool:
        """Whether it would be found anew."""
        return bool(self.after) and not self.before

    @property
    def disappears(self) -> bool:
        """Whether it would no longer be found."""
        return bool(self.before) and not self.after


def of_rules(
    taken: Iterable[tuple[Subject, Snapshot]], *, old: Sequence[Rule], new: Sequence[Rule], today: date, on: date
) -> Iterator[Rescreened]:
    """Every subject for which the rows in force `on` a day find otherwise than those of `today`.

    Only codes are looked at of which a row differs. The stream is read once and not kept.
    """
    before, after = _in_force(old, today), _in_force(new, on)
    changed = {code for code in {*before, *after} if before.get(code) != after.get(code)}
    old_rows = [rule for code, rule in before.items() if code in changed]
    new_rows = [rule for code, rule in after.items() if code in changed]
    for subject, snapshot in taken:
        was = {hit.rule: hit for hit in rules.screen(snapshot, of=old_rows)}
        becomes = {hit.rule: hit for hit in rules.screen(snapshot, of=new_rows)}
        for code in sorted({*was, *becomes}):
            found = _compared(subject, code, was.get(code), becomes.get(code), before=before, after=after)
            if (found.before, found.severity_before) != (found.after, found.severity_after):
                yield found


def _in_force(rows: Sequence[Rule], on: date) -> dict[str, Rule]:
    return {rule.code: rule for rule in rules_in_force(on=on, of=rows)}


def _compared(
    subject: Subject,
    code: str,
    was: Hit | None,
    becomes: Hit | None,
    *,
    before: dict[str, Rule],
    after: dict[str, Rule],
) -> Rescreened:
    return Rescreened(
        kind=subject.kind,
        key=subject.key,
        rule=code,
        before=was.cases if was else (),
        after=becomes.cases if becomes else (),
        severity_before=before[code].severity_of(was.cases) if was else None,
        severity_after=after[code].severity_of(becomes.cases) if becomes else None,
    )
