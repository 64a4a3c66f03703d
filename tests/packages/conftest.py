"""The packages are tried from their sources, without being installed."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packages" / "ecar-verify" / "src"))
