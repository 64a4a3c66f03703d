"""The reference of a return, such as `ECAM-2026-000012-4`."""

from typing import Final

from django.urls.converters import StringConverter

from registry.references import Series

_SERIES: Final = Series("ECAM")
PATTERN: Final = _SERIES.pattern
make, is_valid = _SERIES.make, _SERIES.is_valid


class LineInPath(StringConverter):
    """The id of a line of a return in a path."""

    regex = "[A-Za-z0-9][A-Za-z0-9._:-]{0,99}"


class ReturnInPath(StringConverter):
    """The reference of a return in a path, as Django's maps want it; the check digit is not looked at."""

    regex = _SERIES.in_path
