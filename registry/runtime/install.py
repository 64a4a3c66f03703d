"""Install a hashed requirements file and show how far it is: `python registry/runtime/install.py REQUIREMENTS`.

Runs before anything is installed, so it imports the standard library alone. pip follows the user's own configuration;
where that leads is nobody's business, so addresses are left out of what is shown.
"""

import re
import subprocess
import sys
from collections import deque
from pathlib import Path

_ADDRESS = re.compile(r"\b[a-z][a-z+.-]*://\S+")
_COLLECTING = re.compile(r"^(?:Collecting|Requirement already satisfied:) ([A-Za-z0-9._-]+)")


def main(requirements: Path) -> int:
    """Run pip on `requirements` in this interpreter's environment and return its exit code."""
    wanted = sum("==" in line for line in requirements.read_text().splitlines())
    command = [sys.executable, "-m", "pip", "install", "--require-hashes", "--disable-pip-version-check"]
    command += ["--progress-bar=off", "--no-input", "-r", str(requirements)]
    said: deque[str] = deque(maxlen=15)
    count = 0
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as pip:
        for line in pip.stdout or ():
            said.append(_ADDRESS.sub("(address)", line.rstrip()))
            if found := _COLLECTING.match(line):
                count += 1
                _show(f"  {count}/{wanted} {found[1]}")
            elif line.startswith("Installing collected packages"):
                _show("  unpacking …")
    _show("")
    if pip.returncode:
        sys.stderr.write("\n".join(["pip could not install the packages. It says:", *said, ""]))
    return pip.returncode


def _show(text: str) -> None:
    """Show one changing line on a terminal, nothing elsewhere."""
    if sys.stdout.isatty():
        sys.stdout.write(f"\r\x1b[K{text}")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
