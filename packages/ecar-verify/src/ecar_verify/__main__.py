"""`python -m ecar_verify`, the same as the command `ecar-verify`."""

import sys

from ecar_verify import command

if __name__ == "__main__":
    sys.exit(command.main())
