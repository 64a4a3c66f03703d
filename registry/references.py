"""References that people copy by hand, such as `ECAR-2026-000123-7`: kind, year, running number, check digit.

The check digit is that of ISO 7064 MOD 11,10, reckoned over year and number.
"""

import re
from dataclasses import dataclass

from stdnum.iso7064 import mod_11_10


@dataclass(frozen=True)
class Series:
    """The references of one kind of thing; `prefix` is what they begin with."""

    prefix: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """The form, its three numbers as groups."""
        return re.compile(rf"{self.prefix}-(20[0-9]{{2}})-([0-9]{{6,9}})-([0-9])", re.ASCII)

    @property
    def in_path(self) -> str:
        """The form as Django's maps want it, without groups; the check digit is not looked at."""
        return self.pattern.pattern.replace("(", "(?:")

    def make(self, *, year: int, number: int) -> str:
        """The reference for the `number`-th of its kind, with its check digit last."""
        digits = f"{number:06d}"
        return f"{self.prefix}-{year}-{digits}-{mod_11_10.calc_check_digit(f'{year}{digits}')}"

    def is_valid(self, reference: str) -> bool:
        """Whether the form and the check digit are right: a slip of the pen is found before anything is looked up."""
        found = self.pattern.fullmatch(reference)
        return found is not None and bool(mod_11_10.is_valid("".join(found.groups())))
