"""The audit: attacks a release with all that was published before and all that is known, and says what was found."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ecar_audit.assault import Remaining, assault
from ecar_audit.attack import SUSPECTS
from ecar_audit.counts import shown_counts
from ecar_audit.findings import Finding, Knowledge, Outcome, Report, Subject
from ecar_audit.naming import Identity
from ecar_audit.programme import FARTHEST, TOLERANCE
from ecar_audit.refusals import BadInput
from ecar_audit.values import Bundle, Parameters, Released, Truth, Unions

_UNIONS: Mapping[Unions, str] = {
    Unions.OFF: "sums of withheld figures were not judged as figures of their own",
    Unions.FEW: "sums of withheld figures that a published sum tells were judged by the number of holdings alone",
    Unions.ALL: "sums of withheld figures that a published sum tells were judged by all rules",
}


def audit(
    *,
    bundle: Bundle,
    truth: Truth,
    parameters: Parameters,
    earlier: Sequence[tuple[Bundle, Truth]] = (),
    coalition: int | None = None,
    time_limit: float | None = None,
    with_intervals: bool = False,
) -> Report:
    """Attack a release. `earlier` is what was published before, oldest first, vintages too, each with its truth.

    `coalition` stands above that of the parameters. After `time_limit` seconds what is not judged is undecided. Raises
    `BadInput` where bundles, truths and parameters do not fit together.
    """
    started = time.monotonic()

    def remaining() -> float | None:
        return None if time_limit is None else time_limit - (time.monotonic() - started)

    chosen = parameters if coalition is None else replace(parameters, coalition=coalition)
    released = (*earlier, (bundle, truth))
    _require_sound(released, chosen)
    work = assault(released, chosen, remaining, with_intervals=with_intervals)
    findings = [*work.findings, *shown_counts([each for each, _ in released], frozenset(work.sensitive))]
    limits = (*_limits(chosen), *work.system.limits)
    if findings:
        findings, is_whole = _with_knowledge(findings, released, chosen, remaining)
        if not is_whole:
            limits = (*limits, "time ended before it was known what each finding needs beyond the release itself")
    return Report(
        _outcome(findings, work.undecided),
        tuple(sorted(findings, key=_order)),
        work.undecided,
        work.counts,
        limits,
        tuple(work.intervals),
    )


def _outcome(findings: Sequence[Finding], undecided: int) -> Outcome:
    if findings:
        return Outcome.DISCLOSURE
    return Outcome.UNDECIDED if undecided else Outcome.CLEAN


def _require_sound(released: Released, parameters: Parameters) -> None:
    named = [bundle.place for bundle, _ in released]
    for place in named:
        if named.count(place) > 1:
            raise BadInput(place, "is given twice")
    if parameters.coalition < 1:
        raise BadInput("coalitions", "a coalition has at least one member")
    measures = {each.id for bundle, _ in released for each in bundle.measures}
    codes = {(each.id, code) for bundle, _ in released for each in bundle.dimensions for code in each.codes}
    for ratio in parameters.ratios:
        for name in {ratio.numerator, ratio.denominator} - measures:
            raise BadInput("parameters", f"{name}, in a ratio, is no measure of these releases")
        if (ratio.dimension, ratio.code) not in codes:
            raise BadInput("parameters", f"{ratio.dimension} {ratio.code}, in a ratio, is no code of these releases")


def _with_knowledge(
    findings: Sequence[Finding], released: Released, parameters: Parameters, remaining: Remaining
) -> tuple[list[Finding], bool]:
    """Say of each finding what it needs beyond the release itself (without it, it is not found), and whether all is."""
    needs: dict[int, list[Knowledge]] = {at: [] for at in range(len(findings))}
    own, is_whole = [each.id for each in released[-1][0].dimensions], True
    asked = {_identity(each, own) for each in findings}
    for knowledge, fewer, weaker in _weaker(released, parameters):
        found = assault(fewer, weaker, remaining, only=asked)
        is_whole &= not found.undecided
        known = {(_identity(each, own), each.attackers) for each in found.findings}
        for at, each in enumerate(findings):
            is_found = any((_identity(each, own), who) in known for who in ((), each.attackers))
            if each.subject is not Subject.COUNT and not is_found and not found.undecided:
                needs[at].append(knowledge)
    return [replace(each, through=tuple(needs[at])) for at, each in enumerate(findings)], is_whole


def _identity(each: Finding, dimensions: Sequence[str]) -> Identity:
    return each.subject, each.release, tuple(each.codes[name] for name in dimensions), each.measure


def _weaker(released: Released, parameters: Parameters) -> Iterator[tuple[Knowledge, Released, Parameters]]:
    """What is published and known, less one kind of knowledge at a time."""
    if len(released) > 1:
        own = {each.id for each in released[-1][0].measures}
        ratios = tuple(each for each in parameters.ratios if {each.numerator, each.denominator} <= own)
        yield Knowledge.EARLIER, released[-1:], replace(parameters, ratios=ratios)
    if parameters.ratios:
        yield Knowledge.RATIO, released, replace(parameters, ratios=())
    bases = {each.id for bundle, _ in released for each in bundle.measures if each.is_additive and each.rounded_to}
    if bases:
        yield Knowledge.ROUNDING, [(_without(bundle, bases), truth) for bundle, truth in released], parameters


def _without(bundle: Bundle, measures: set[str]) -> Bundle:
    """The bundle with all values of these measures withheld."""
    tables = tuple(
        replace(table, values={at: None if at[1] in measures else value for at, value in table.values.items()})
        for table in bundle.tables
    )
    return replace(bundle, tables=tables)


def _order(each: Finding) -> tuple[object, ...]:
    where = each.release, each.table, *each.codes.values(), each.measure
    return list(Subject).index(each.subject), where, len(each.attackers), each.attackers


def _limits(parameters: Parameters) -> tuple[str, ...]:
    tried = "everybody and every single holding"
    if parameters.coalition > 1:
        tried += f"; coalitions of 2 among the {SUSPECTS[2]} holdings nearest to each target, until one succeeds"
    if parameters.coalition > 2:
        tried += f"; larger ones among the {SUSPECTS[3]} nearest"
    return (
        f"attackers tried: {tried}",
        f"tolerance: {TOLERANCE:g} of what is asked for, in floating point; witnesses are checked by addition",
        f"witnesses move no figure by more than {FARTHEST:g} times what is asked for; this can only add findings",
        "everybody knows that no figure is negative, and which figures did not change from vintage to vintage",
        "tables are related by the cells they share and the sums they show, not by what lies inside both unseen",
        "measures that do not sum up: only that they are not shown, unrounded, for a cell that is sensitive",
        _UNIONS[parameters.unions],
    )
