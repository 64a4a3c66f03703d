"""Codes are those of the published vectors."""

import base64

import pytest

from registry.runtime.one_time_code import one_time_code

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_the_last_six_digits_of_rfc_6238_appendix_b(seconds: int, code: str) -> None:
    assert one_time_code(secret=SECRET, seconds=seconds) == code
    assert one_time_code(secret=SECRET.rstrip("=").lower(), seconds=seconds + 0.9) == code
