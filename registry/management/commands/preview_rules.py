"""`manage.py preview_rules`: what a draft of thresholds or flags, or the present checks, would change among filings.

    preview_rules --thresholds draft.toml [--on 2027-01-01]
    preview_rules --flags draft.toml [--on 2027-01-01]
    preview_rules --checks [--on 2027-01-01]

A list, then counts; nothing is changed. A code in the draft replaces all rows of that code, the others stay.
"""

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.filings import previews, thresholds
from registry.filings.checks.catalogue import RULE_SET
from registry.filings.thresholds import Change
from registry.filings.working_days import day_of
from registry.screening import previews as flag_previews
from registry.screening import rulebook, taking, taking_facilities


class Command(BaseCommand):
    """Reads as the screener, in a unit of work that cannot write."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Exactly one of the previews; the day on which the new rules hold."""
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--thresholds", type=Path, metavar="FILE.toml", help="Draft rows, as in thresholds.toml.")
        which.add_argument("--flags", type=Path, metavar="FILE.toml", help="Draft rows of screening rules.")
        which.add_argument("--checks", action="store_true", help="Judge every newest version again.")
        parser.add_argument(
            "--on",
            type=_day,
            help="Thresholds, flags: the day on which the draft holds (else the latest first day in it). "
            "Checks: judge as if all came on that day (else each as of its own).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """List and count."""
        with acting_as(of_the_register("screener"), read_only=True) as screener:
            for line in self._lines(screener, options):
                self.stdout.write(line)

    def _lines(self, actor: Actor, options: dict[str, Any]) -> Iterator[str]:
        if options["checks"]:
            return self._checks(actor, options)
        return self._flags(actor, options) if options["flags"] else self._thresholds(actor, options)

    def _thresholds(self, actor: Actor, options: dict[str, Any]) -> Iterator[str]:
        text = _text(options["thresholds"])
        try:
            rows = previews.draft(text)
            day = options["on"] or max(row.validity.starts_on for row in thresholds.read(text))
        except (KeyError, ValueError) as wrong:
            raise CommandError(f"{options['thresholds']} is no table of thresholds: {wrong!r}") from wrong
        today = day_of(timezone.now())
        yield f"Thresholds of {today} against the draft's of {day}."
        crossing, leaving = Counter[str](), Counter[str]()
        old, new = thresholds.in_force(on=today), thresholds.in_force(on=day, among=rows)
        for change in previews.of_thresholds(actor, old=old, new=new):
            (crossing if change.is_crossed else leaving)[change.threshold] += 1
            yield _line(change)
        for code in sorted({*crossing, *leaving}):
            yield f"{code}: {crossing[code]} would cross it, {leaving[code]} would no longer."
        if not crossing and not leaving:
            yield "No stored value changes side."

    def _flags(self, actor: Actor, options: dict[str, Any]) -> Iterator[str]:
        text = _text(options["flags"])
        try:
            rows = rulebook.drafted(text)
            day = options["on"] or max(rule.valid_from for rule in rulebook.read(text))
        except (KeyError, ValueError) as wrong:
            raise CommandError(f"{options['flags']} is no table of screening rules: {wrong!r}") from wrong
        today = day_of(timezone.now())
        yield f"Screening rules of {today} against the draft's of {day}."
        appear, disappear, change = Counter[str](), Counter[str](), Counter[str]()
        stored = chain(taking.of_filings(actor), taking_facilities.of_facilities(actor, on=today))
        for found in flag_previews.of_rules(stored, old=rulebook.rows(), new=rows, today=today, on=day):
            counter = appear if found.appears else disappear if found.disappears else change
            counter[found.rule] += 1
            yield f"{found.key} {found.rule}: {_cases(found.before)} -> {_cases(found.after)}"
        for code in sorted({*appear, *disappear, *change}):
            yield f"{code}: {appear[code]} would appear, {disappear[code]} disappear, {change[code]} change."
        if not appear and not disappear and not change:
            yield "Every finding would be the same."

    def _checks(self, actor: Actor, options: dict[str, Any]) -> Iterator[str]:
        yield f"Stored answers against rule set {RULE_SET}."
        appear, disappear, count = Counter[str](), Counter[str](), 0
        for found in previews.of_checks(actor, on=options["on"]):
            count += 1
            yield f"{found.reference} version {found.number}, judged by {found.rule_set}"
            for sign, said, counter in (("+", found.appear, appear), ("-", found.disappear, disappear)):
                for severity, code, pointer in said:
                    counter[code] += 1
                    yield f"  {sign} {severity} {code} {pointer}"
        for code in sorted({*appear, *disappear}):
            yield f"{code}: appears {appear[code]} times, disappears {disappear[code]} times."
        yield f"Judged otherwise: {count}." if count else "Every answer would be the same."


def _cases(cases: tuple[str, ...]) -> str:
    return ", ".join(cases) or "nothing"


def _line(change: Change) -> str:
    verb = "would cross" if change.is_crossed else "would no longer cross"
    limits = f"{change.old_limit or 'none'} -> {change.new_limit or 'none'}"
    return f"{change.reference}: {change.value:g} {verb} {change.threshold} ({limits})"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as gone:
        raise CommandError(f"{path} cannot be read: {gone.strerror}") from gone


def _day(written: str) -> date:
    return date.fromisoformat(written)
