"""What the auditor refuses to judge."""


class BadInput(ValueError):
    """A file, or a value handed over, is not of its form or contradicts another; `place` says where (file and line)."""

    def __init__(self, place: str, reason: str) -> None:
        """Keep both; the text is the two together."""
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


class OutOfTime(Exception):
    """The time limit was reached: what has not been judged by then is undecided."""
