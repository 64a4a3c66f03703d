"""The attack on a vintage before anybody sees it: the auditor, as a process of its own, on files in a folder that goes.

The auditor (packages/ecar-audit) shares no code with what protects. It is given what everybody will see, what everybody
saw before, and the confidential figures behind both; each subject is attacked by itself, for subjects share no figure.
Its report names true values: it is returned to be stored for the statistician, and nothing of it is logged.
"""

import csv
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any, Final

from registry.statistics import definitions
from registry.statistics.building import Material, Published
from registry.statistics.definitions import Subject
from registry.statistics.disclosure.rules import Rules
from registry.statistics.facts import Fact
from registry.statistics.formats import flat, structure
from registry.statistics.models import Verdict
from registry.statistics.protecting import Found
from registry.statistics.published import PublishedRelease

SECONDS: Final = 1800
GRACE_SECONDS: Final = 60
PROGRAM: Final = Path(__file__).resolve().parents[2] / "packages" / "ecar-audit" / "src"
Codes = Mapping[str, AbstractSet[str]]
_CHANGES: Final = frozenset({"change", "late filer"})
_MENDED: Final = frozenset({"cell", "union"}) | _CHANGES
_VERDICTS: Final = {0: Verdict.CLEAN, 1: Verdict.DISCLOSURE, 2: Verdict.BAD_INPUT, 3: Verdict.UNDECIDED}
_WORST_FIRST: Final = (Verdict.DISCLOSURE, Verdict.BAD_INPUT, Verdict.UNDECIDED, Verdict.CLEAN)


@dataclass(frozen=True)
class Attack:
    """What the auditor said in all: the worst of its verdicts, its reports by subject, as JSON, and what it found.

    Of what it found, cells, their changes and sums of cells are `found`: the next pattern can mend those.
    """

    verdict: str
    report: str = field(repr=False)
    found: frozenset[Found] = field(default=frozenset(), repr=False)


def attack(known: Material, release: PublishedRelease, *, rules: Rules, seconds: int = SECONDS) -> Attack:
    """Attack the release together with all that was published of its year. What goes wrong is never called clean."""
    current = Published(known.number, release, known.facts)
    verdicts, reports = [], {}
    for subject in definitions.subjects_of(known.quarter):
        if not any(each.subject == subject.id for each in known.facts):
            continue  # nothing was counted: all its cells are zero, and tell that
        with tempfile.TemporaryDirectory(prefix="ecar-audit-") as folder:
            verdict, report = _attack(subject, [*known.before, current], Path(folder), rules, seconds)
        verdicts.append(verdict)
        reports[subject.id] = {"verdict": verdict.value, **report}
    worst = next((each for each in _WORST_FIRST if each in verdicts), Verdict.CLEAN)
    found = frozenset(each for name, said in reports.items() for each in _found(name, said))
    return Attack(worst.value, json.dumps(reports, ensure_ascii=False, indent=1), found)


def _found(subject: str, said: Mapping[str, Any]) -> Iterator[Found]:
    for each in said.get("findings", ()):
        if each["subject"] in _MENDED:
            lines = ([(name, code) for code in said.split("+")] for name, said in sorted(each["codes"].items()))
            attackers, amount = tuple(sorted(each["attackers"])), Decimal(each["needed"])
            yield Found(
                subject, tuple(product(*lines)), each["measure"], attackers, amount, each["subject"] in _CHANGES
            )


def _attack(
    subject: Subject, vintages: Sequence[Published], folder: Path, rules: Rules, seconds: int
) -> tuple[Verdict, dict[str, object]]:
    shown = [(vintage, _of_subject(vintage.release, subject)) for vintage in vintages]
    shown = [(vintage, release) for vintage, release in shown if release.tables]
    codes = _codes([release for _, release in shown])
    listed = []
    for number, (vintage, release) in enumerate(shown):
        place = folder / f"{number:03}-{vintage.release.id}-{vintage.number}"
        _write(place, _without(release, codes), subject, vintage.facts, _places(release, codes))
        listed.append(place)
    (folder / "parameters.json").write_text(json.dumps(_parameters(rules)), "utf-8")
    try:
        code, told = _run(listed, folder, seconds)
    except subprocess.TimeoutExpired:
        return Verdict.UNDECIDED, {}
    try:
        said = json.loads(told)
    except ValueError:  # it ended without a word: whatever its exit code, that is no verdict
        return Verdict.BAD_INPUT, {}
    return _VERDICTS.get(code, Verdict.BAD_INPUT) if said.get("exit_code") == code else Verdict.BAD_INPUT, said


def _run(vintages: Sequence[Path], folder: Path, seconds: int) -> tuple[int, str]:
    """The auditor's exit code and report. What it says beside is thrown away: a log is no place for it."""
    *earlier, current = vintages
    command = [sys.executable, "-m", "ecar_audit", "release", current.name, "--truth", _truth(current).name]
    for each in earlier:
        command += ["--earlier", f"{each.name}={_truth(each).name}"]
    command += ["--parameters", "parameters.json", "--json", "--time-limit", str(seconds)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=seconds + GRACE_SECONDS,
        check=False,
        cwd=folder,
        env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(PROGRAM), "PYTHONHASHSEED": "0"},
    )
    return done.returncode, done.stdout


def _truth(vintage: Path) -> Path:
    return vintage.with_name(f"{vintage.name}.truth.csv")


def _of_subject(release: PublishedRelease, subject: Subject) -> PublishedRelease:
    """The tables of one subject, with the dimensions and additive measures that they use."""
    own = {rule.id for rule in definitions.tables() if rule.subject == subject.id}
    tables = []
    for table in (each for each in release.tables if each.id in own):
        kept = [at for at, name in enumerate(table.measures) if release.measure[name].is_additive]
        cells = tuple(cell._replace(values=tuple(cell.values[at] for at in kept)) for cell in table.cells)
        tables.append(replace(table, measures=tuple(table.measures[at] for at in kept), cells=cells))
    names = {name for table in tables for name in table.dimensions}
    measures = {name for table in tables for name in table.measures}
    return replace(
        release,
        dimensions=tuple(each for each in release.dimensions if each.id in names),
        measures=tuple(each for each in release.measures if each.id in measures),
        tables=tuple(tables),
        corrections=(),
    )


def _codes(releases: Sequence[PublishedRelease]) -> Codes:
    """By dimension the codes that any cell of any of these vintages has."""
    found: dict[str, set[str]] = {}
    for table in (table for release in releases for table in release.tables):
        for axis, name in enumerate(table.dimensions):
            found.setdefault(name, set()).update(cell.key[axis] for cell in table.cells)
    return found


def _without(release: PublishedRelease, codes: Codes) -> PublishedRelease:
    """The release without codes that no cell has: what is not shown is no figure that could be told."""
    dimensions = tuple(
        replace(
            each,
            codes=tuple(code for code in each.codes if code.id in codes[each.id]),
            splits={
                parent: tuple(way for way in ways if codes[each.id] >= set(way))
                for parent, ways in each.splits.items()
                if parent in codes[each.id] and any(codes[each.id] >= set(way) for way in ways)
            },
        )
        for each in release.dimensions
    )
    return replace(release, dimensions=dimensions)


def _places(release: PublishedRelease, codes: Codes) -> Mapping[str, Mapping[str, str]]:
    """By dimension and leaf: the finest code that is shown of it."""
    found = {}
    for each in release.dimensions:
        above = {child: parent for parent, ways in each.splits.items() for way in ways for child in way}
        found[each.id] = {code.id: _upwards(code.id, above, codes[each.id]) for code in each.codes}
    return found


def _upwards(code: str, above: Mapping[str, str], shown: AbstractSet[str]) -> str:
    while code not in shown and code in above:
        code = above[code]
    return code


def _write(
    place: Path,
    release: PublishedRelease,
    subject: Subject,
    facts: Iterable[Fact],
    places: Mapping[str, Mapping[str, str]],
) -> None:
    (place / "tables").mkdir(parents=True)
    (place / "structure.json").write_bytes(structure.structure(release))
    for table in release.tables:
        (place / "tables" / f"{table.id}.csv").write_bytes(flat.plain_csv(release, table))
    measures, dimensions = {each.id for each in release.measures}, tuple(each.id for each in release.dimensions)
    own = (
        each
        for each in facts
        if each.subject == subject.id
        and each.measure in measures
        and each.key[subject.period] in places[subject.period]
    )
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("holding", "provider", *dimensions, "measure", "value", "has_waiver"))
    writer.writerows(_lines(own, dimensions, places))
    _truth(place).write_text(out.getvalue(), "utf-8")


def _lines(
    facts: Iterable[Fact], dimensions: Sequence[str], places: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, ...]]:
    for each in facts:
        codes = (places[name][each.key[name]] for name in dimensions)
        yield (each.holding, each.provider, *codes, each.measure, plain(each.value), "false")


def plain(value: Decimal) -> str:
    """A decimal without an exponent."""
    return f"{value:f}"


def _parameters(rules: Rules) -> dict[str, object]:
    return {
        "minimum_holdings": rules.minimum_holdings,
        "p_percent": _decimal(rules.p_percent.numerator, rules.p_percent.denominator),
        "coalition": rules.coalition,
        "dominance": None
        if rules.dominance is None
        else [rules.dominance[0], _decimal(rules.dominance[1].numerator, rules.dominance[1].denominator)],
        "ratios": [],
    }


def _decimal(numerator: int, denominator: int) -> str:
    return plain(Decimal(numerator) / Decimal(denominator))
