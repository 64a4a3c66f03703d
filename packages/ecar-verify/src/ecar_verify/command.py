"""The command line: what is asked, the work, the answer, the exit code.

Each task's module is loaded when it is asked for, so that verifying one receipt does not wait for the reading of logs.
"""

import argparse
import importlib
import sys

from ecar_verify import answer
from ecar_verify.refusals import VALID, Malformed, Misbehaviour, Refused

_TASKS = {
    "receipt": ("ecar_verify.receipt", "run"),
    "release": ("ecar_verify.release", "run"),
    "checkpoint": ("ecar_verify.checkpoints", "run_checkpoint"),
    "consistency": ("ecar_verify.checkpoints", "run_consistency"),
    "monitor": ("ecar_verify.monitor", "run"),
}
_CODES = (
    "exit codes: 0 valid, 10 malformed, 20 bad signature, 30 not included, "
    "40 inconsistent (evidence is written), 50 quorum missing; 2 wrong use of this command"
)


def main(arguments: list[str] | None = None) -> int:
    """Do what the arguments ask, write the answer to standard output, return the exit code."""
    given = _parser().parse_args(arguments)
    code, reason, found = VALID, "", dict[str, object]()
    try:
        found = _run(given)
    except Refused as refused:
        code, reason = refused.code, str(refused)
        if isinstance(refused, Misbehaviour):
            trusted = [*given.key, *([given.policy] if given.policy else [])]
            found = {"evidence": answer.keep_evidence(refused, path=given.evidence, keys=trusted)}
    shown = answer.written(code=code, reason=reason, found=found, language=given.language, as_json=given.json)
    sys.stdout.write(shown)
    return code


def _run(given: argparse.Namespace) -> dict[str, object]:
    module, function = _TASKS[given.task]
    try:
        found: dict[str, object] = getattr(importlib.import_module(module), function)(given)
    except (OSError, UnicodeDecodeError) as error:
        raise Malformed(f"a file cannot be read: {error}") from None
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ecar-verify", description="Check what the register signed.", epilog=_CODES)
    tasks = parser.add_subparsers(dest="task", required=True, metavar="task")
    receipt = _task(tasks, "receipt", "one receipt: a .tlog-proof, or a signed acceptance (JSON)")
    receipt.add_argument("file")
    receipt.add_argument("--opening", metavar="FILE", help="salt and digest (JSON)")
    receipt.add_argument("--document", metavar="FILE", help="the document as it was filed (JSON)")
    receipt.add_argument("--commitment", metavar="HEX", help="the commitment, where it is known")
    receipt.add_argument("--acceptance", metavar="FILE", help="the signed acceptance that the proof must belong to")
    release = _task(tasks, "release", "a release of statistics: its cells are what the log committed to")
    release.add_argument("file", help="the evidence that the register publishes beside the release (JSON)")
    checkpoint = _task(tasks, "checkpoint", "a checkpoint's signatures, and the quorum of witnesses")
    checkpoint.add_argument("file")
    consistency = _task(tasks, "consistency", "two checkpoints: the log of one begins the log of the other")
    consistency.add_argument("old")
    consistency.add_argument("new")
    way = consistency.add_mutually_exclusive_group()
    way.add_argument("--proof", metavar="FILE", help="hashes in Base64, one a line, or JSON with the member proof")
    way.add_argument("--log", metavar="FOLDER_OR_URL", help="recompute from the published entries instead")
    monitor = _task(tasks, "monitor", "a whole log, against all it signed before")
    monitor.add_argument("log", metavar="FOLDER_OR_URL")
    monitor.add_argument("--mirror", metavar="FOLDER", help="kept from visit to visit")
    monitor.add_argument("--against", metavar="FILE", action="append", default=[], help="a checkpoint or receipt, too")
    monitor.add_argument("--acceptance", metavar="FILE", action="append", default=[], help="must be in the log in time")
    monitor.add_argument("--promise", metavar="SECONDS", type=int, default=60, help="within which entries are promised")
    return parser


def _task(
    tasks: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, description: str
) -> argparse.ArgumentParser:
    parser = tasks.add_parser(name, help=description, description=description, epilog=_CODES)
    parser.add_argument("--policy", metavar="FILE", help="whom you trust (C2SP tlog-policy)")
    parser.add_argument(
        "--key", metavar="KEY", action="append", default=[], help="verifier key, or file with it or a PEM"
    )
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    parser.add_argument("--language", choices=answer.LANGUAGES, default="en")
    parser.add_argument("--evidence", metavar="FILE", help="where evidence of misbehaviour is written")
    return parser
