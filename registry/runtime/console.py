"""What the person at the terminal sees: numbered steps with their time, prefixed log lines, and where to go next."""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TextIO

_COLOURS = {"web": 36, "worker": 35, "beat": 33, "relay": 34, "postgres": 32, "valkey": 31, "register": 1}
_WIDTH = 9


class Progress:
    """The open line of a step."""

    def __init__(self) -> None:
        self.remark = ""

    def note(self, remark: str) -> None:
        """Say this instead of the time taken."""
        self.remark = remark


class Console:
    """Writes to one stream, in colour if it is a terminal."""

    def __init__(self, *, stream: TextIO = sys.stdout) -> None:
        self._stream = stream
        self._coloured = stream.isatty()
        self._number = 0
        self._open_line = False
        self.total = 0

    def say(self, text: str = "") -> None:
        """Write a line."""
        try:
            self._stream.write(text + "\n")
            self._stream.flush()
        except BrokenPipeError:  # nobody reads us any more (`make run | head`): the register goes on
            return

    @contextmanager
    def step(self, told: str) -> Iterator[Progress]:
        """Announce a step, and close its line with the time it took."""
        self._number += 1
        progress, begun = Progress(), time.monotonic()
        announced = f"[{self._number}/{self.total}] {told} … "
        self._stream.write(announced)
        self._stream.flush()
        self._open_line = True
        done = "not done"
        try:
            yield progress
            done = progress.remark or f"{time.monotonic() - begun:.1f} s"
        finally:
            self.say(done if self._open_line else announced + done)
            self._open_line = False

    def line(self, source: str, text: str) -> None:
        """Write a log line of one of the processes."""
        prefix = f"{source:<{_WIDTH}}│"
        if self._coloured:
            prefix = f"\x1b[{_COLOURS.get(source, 0)}m{prefix}\x1b[0m"
        self.say(f"\n{prefix} {text}" if self._open_line else f"{prefix} {text}")
        self._open_line = False

    def people(self, people: Sequence[Mapping[str, str]]) -> None:
        """Write a table of the demonstration's log-ins."""
        rows = [(one.get("role", ""), one.get("email", ""), one.get("password", "")) for one in people]
        widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
        for row in rows:
            self.say("  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())
