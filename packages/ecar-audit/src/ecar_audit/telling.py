"""The report, for people and for machines. It names true values: the first line says that it is confidential."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal

from ecar_audit.findings import EXIT_CODES, Finding, Knowledge, Outcome, Report, Subject

CONFIDENTIAL = "CONFIDENTIAL: this report names true values. It goes to the statistician and nowhere else."

_SUBJECTS: Mapping[Subject, str] = {
    Subject.CELL: "cell",
    Subject.UNION: "withheld cells together",
    Subject.CHANGE: "change between vintages of cell",
    Subject.LATE_FILER: "change that one holding made alone, of cell",
    Subject.COUNT: "count, not rounded, of the sensitive cell",
}


def as_json(report: Report, release: str) -> str:
    """The report as one JSON document, amounts as strings."""
    said = {
        "confidential": CONFIDENTIAL,
        "release": release,
        "outcome": report.outcome,
        "exit_code": EXIT_CODES[report.outcome],
        "findings": [_finding(each) for each in report.findings],
        "undecided": report.undecided,
        "counts": dict(report.counts),
        "limits": list(report.limits),
        "intervals": list(report.intervals),
    }
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


def bad_input(place: str, reason: str, *, is_json: bool) -> str:
    """The answer where nothing could be judged."""
    if not is_json:
        return f"{CONFIDENTIAL}\nbad input: {place}: {reason}\n"
    said = {"confidential": CONFIDENTIAL, "outcome": Outcome.BAD_INPUT, "exit_code": EXIT_CODES[Outcome.BAD_INPUT]}
    return json.dumps({**said, "place": place, "reason": reason}, indent=1, ensure_ascii=False) + "\n"


def as_text(report: Report, release: str) -> str:
    """The report for a person to read."""
    return "\n".join(_lines(report, release)) + "\n"


def _lines(report: Report, release: str) -> Iterator[str]:
    yield CONFIDENTIAL
    yield f"{release}: {report.outcome}"
    if report.findings:
        yield f"{len(report.findings)} findings:"
    for number, each in enumerate(report.findings, start=1):
        yield f"{number}. {_headline(each)}"
        yield f"   {_amounts(each)}"
        yield from (f"   {step}" for step in each.steps)
    if report.undecided:
        yield f"{report.undecided} targets are undecided (no time, or no answer that holds): this is not clean."
    yield "looked at: " + ", ".join(f"{count} {name}" for name, count in report.counts.items())
    yield from (f"limit: {each}" for each in report.limits)
    yield from (f"interval: {json.dumps(dict(row), ensure_ascii=False)}" for row in report.intervals)


def _headline(each: Finding) -> str:
    where = " ".join(f"{name}={code}" for name, code in each.codes.items())
    who = "everybody" if not each.attackers else " and ".join(each.attackers)
    through = f", through {' and '.join(each.through)}" if each.through else ""
    table = each.table or "in no table"
    return f"{each.kind}: {_SUBJECTS[each.subject]} {where}, {each.measure} ({table}), to {who}{through}"


def _amounts(each: Finding) -> str:
    low, high = ("no end" if end is None else f"{end:f}" for end in each.interval)
    told = f"worked out as {low} to {high}; the truth is {each.true_value:f}"
    return f"{told}, estimates have to be off by {each.needed:f} both ways; {each.holdings} holdings"


def _finding(each: Finding) -> Mapping[str, object]:
    return {
        "kind": each.kind,
        "subject": each.subject,
        "release": each.release,
        "table": each.table,
        "codes": dict(each.codes),
        "measure": each.measure,
        "attackers": list(each.attackers),
        "through": [Knowledge(one) for one in each.through],
        "interval": [_plain(end) for end in each.interval],
        "true_value": _plain(each.true_value),
        "needed": _plain(each.needed),
        "holdings": each.holdings,
        "steps": list(each.steps),
    }


def _plain(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"
