"""The reference of a return, such as `ECAM-2026-000012-4`: year, running number, check digit (ISO 7064 MOD 11,10)."""

import re

from stdnum.iso7064 import mod_11_10

PATTERN = re.compile(r"ECAM-(20[0-9]{2})-([0-9]{6,9})-([0-9])", re.ASCII)


def make(*, year: int, number: int) -> str:
    """The reference for the `number`-th return, with its check digit last."""
    digits = f"{number:06d}"
    return f"ECAM-{year}-{digits}-{mod_11_10.calc_check_digit(f'{year}{digits}')}"


def is_valid(reference: str) -> bool:
    """Whether the form and the check digit are right: a slip of the pen is found before anything is looked up."""
    found = PATTERN.fullmatch(reference)
    return found is not None and bool(mod_11_10.is_valid("".join(found.groups())))


class LineInPath:
    """The id of a line of a return in a path."""

    regex = "[A-Za-z0-9][A-Za-z0-9._:-]{0,99}"

    def to_python(self, value: str) -> str:
        """The id as it stands."""
        return value

    def to_url(self, value: str) -> str:
        """The id as it stands."""
        return value


class ReturnInPath:
    """The reference of a return in a path, as Django's maps want it; the check digit is not looked at."""

    regex = PATTERN.pattern.replace("(", "(?:")

    def to_python(self, value: str) -> str:
        """The reference as it stands."""
        return value

    def to_url(self, value: str) -> str:
        """The reference as it stands."""
        return value
