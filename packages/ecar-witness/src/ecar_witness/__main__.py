"""`python -m ecar_witness`, the same as the command `ecar-witness`."""

import sys

from ecar_witness import command

if __name__ == "__main__":
    sys.exit(command.main())
