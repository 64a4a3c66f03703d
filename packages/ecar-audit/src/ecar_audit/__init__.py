"""Attacks a release of statistics before somebody else does. Imports nothing of the register; files alone are enough.

`audit` judges frozen values; `read_bundle`, `read_truth` and `read_parameters` make them of files and raise `BadInput`.
"""

from ecar_audit.auditing import audit
from ecar_audit.bundle import read_bundle
from ecar_audit.findings import Finding, Outcome, Report
from ecar_audit.refusals import BadInput
from ecar_audit.truth import read_parameters, read_truth
from ecar_audit.values import Bundle, Contribution, Dimension, Measure, Parameters, Ratio, Table, Truth, Unions

__all__ = [
    "BadInput",
    "Bundle",
    "Contribution",
    "Dimension",
    "Finding",
    "Measure",
    "Outcome",
    "Parameters",
    "Ratio",
    "Report",
    "Table",
    "Truth",
    "Unions",
    "audit",
    "read_bundle",
    "read_parameters",
    "read_truth",
]
