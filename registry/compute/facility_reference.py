"""The reference of a facility, such as `ECAF-2026-000012-4`."""

from typing import Final

from django.urls.converters import StringConverter

from registry.references import Series

_SERIES: Final = Series("ECAF")
PATTERN: Final = _SERIES.pattern
make, is_valid = _SERIES.make, _SERIES.is_valid


class FacilityInPath(StringConverter):
    """The reference of a facility in a path, as Django's maps want it; the check digit is not looked at."""

    regex = _SERIES.in_path
