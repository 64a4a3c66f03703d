"""The command line: what is read, the audit, the report, the exit code."""

import argparse
import sys
from pathlib import Path

from ecar_audit import telling
from ecar_audit.auditing import audit
from ecar_audit.bundle import read_bundle
from ecar_audit.findings import EXIT_CODES, Outcome, Report
from ecar_audit.refusals import BadInput
from ecar_audit.truth import read_parameters, read_truth
from ecar_audit.values import Bundle, Truth

_CODES = "exit codes: 0 clean, 1 disclosure, 2 bad input or wrong use, 3 undecided (never taken as clean)"


def main(arguments: list[str] | None = None) -> int:
    """Do what the arguments ask, write the report to standard output, return the exit code."""
    given = _parser().parse_args(arguments)
    try:
        report = _run(given)
    except BadInput as refused:
        sys.stdout.write(telling.bad_input(refused.place, refused.reason, is_json=given.json))
        return EXIT_CODES[Outcome.BAD_INPUT]
    sys.stdout.write((telling.as_json if given.json else telling.as_text)(report, given.folder))
    return EXIT_CODES[report.outcome]


def _run(given: argparse.Namespace) -> Report:
    parameters = read_parameters(Path(given.parameters))
    return audit(
        bundle=read_bundle(Path(given.folder)),
        truth=read_truth(Path(given.truth)),
        parameters=parameters,
        earlier=[_earlier(each) for each in given.earlier],
        coalition=given.coalitions,
        time_limit=given.time_limit,
        with_intervals=given.intervals,
    )


def _earlier(pair: str) -> tuple[Bundle, Truth]:
    folder, equals, truth = pair.rpartition("=")
    if not equals:
        raise BadInput(f"--earlier {pair}", "a folder and its truth are expected, FOLDER=truth.csv")
    return read_bundle(Path(folder)), read_truth(Path(truth))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ecar-audit", description="Attack a release of statistics before somebody else does.", epilog=_CODES
    )
    tasks = parser.add_subparsers(dest="task", required=True, metavar="task")
    release = tasks.add_parser("release", help="one vintage of a release, after all earlier ones", epilog=_CODES)
    release.add_argument("folder", help="the bundle: structure.json and tables/")
    release.add_argument("--truth", metavar="FILE", required=True, help="the confidential figures behind it (CSV)")
    release.add_argument("--parameters", metavar="FILE", required=True, help="the sealed parameters (JSON)")
    release.add_argument(
        "--earlier",
        metavar="FOLDER=FILE",
        action="append",
        default=[],
        help="a release or vintage published before, with its truth; the oldest first, as often as needed",
    )
    release.add_argument("--coalitions", metavar="N", type=_whole, help="how many holdings put together what they know")
    release.add_argument("--intervals", action="store_true", help="also what everybody can work out of each figure")
    release.add_argument("--json", action="store_true", help="report in JSON")
    release.add_argument("--time-limit", metavar="SECONDS", type=float, help="what is not judged by then is undecided")
    return parser


def _whole(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("a coalition has at least one member")
    return number
