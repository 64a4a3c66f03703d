"""`python -m ecar_audit`, the same as the command `ecar-audit`."""

import sys

from ecar_audit import command

if __name__ == "__main__":
    sys.exit(command.main())
