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
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Final

from registry.statistics import definitions
from registry.statistics.building import Material, Published
from registry.statistics.definitions import Subject
from registry.statistics.disclosure.rules import Rules
from registry.statistics.facts import Fact
from registry.statistics.formats import flat, structure
from registry.statistics.models import Verdict
from registry.statistics.published import PublishedRelease

SECONDS: Final = 1800
GRACE_SECONDS: Final = 60
PROGRAM: Final = Path(__file__).resolve().parents[2] / "packages" / "ecar-audit" / "src"
_VERDICTS: Final = {0: Verdict.CLEAN, 1: Verdict.DISCLOSURE, 2: Verdict.BAD_INPUT, 3: Verdict.UNDECIDED}
_WORST_FIRST: Final = (Verdict.DISCLOSURE, Verdict.BAD_INPUT, Verdict.UNDECIDED, Verdict.CLEAN)


@dataclass(frozen=True)
class Attack:
    """What the auditor said in all: the worst of its verdicts, and its reports by subject, as JSON."""

    verdict: str
    report: str


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
    return Attack(worst.value, json.dumps(reports, ensure_ascii=False, indent=1))


def _attack(
    subject: Subject, vintages: Sequence[Published], folder: Path, rules: Rules, seconds: int
) -> tuple[Verdict, dict[str, object]]:
    listed = []
    for number, vintage in enumerate(vintages):
        shown = _of_subject(vintage.release, subject)
        if shown.tables:
            place = folder / f"{number:03}-{vintage.release.id}-{vintage.number}"
            _write(place, shown, subject, vintage.facts)
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


def _write(place: Path, release: PublishedRelease, subject: Subject, facts: Iterable[Fact]) -> None:
    (place / "tables").mkdir(parents=True)
    (place / "structure.json").write_bytes(structure.structure(release))
    for table in release.tables:
        (place / "tables" / f"{table.id}.csv").write_bytes(flat.plain_csv(release, table))
    measures = {each.id for each in release.measures}
    dimensions = tuple(each.id for each in release.dimensions)
    shown = {each.id: {code.id for code in each.codes} for each in release.dimensions}
    period = subject.period
    own = (
        each
        for each in facts
        if each.subject == subject.id and each.measure in measures and each.key[period] in shown[period]
    )
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("holding", "provider", *dimensions, "measure", "value", "has_waiver"))
    writer.writerows(_lines(own, dimensions))
    _truth(place).write_text(out.getvalue(), "utf-8")


def _lines(facts: Iterable[Fact], dimensions: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for each in facts:
        codes = (each.key[name] for name in dimensions)
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
