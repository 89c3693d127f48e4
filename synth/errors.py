"""Errors become one line and an exit code; what is nobody's mistake but ours keeps its traceback."""

from __future__ import annotations

import errno
import traceback

EXPECTED = (ValueError, OSError)
"""Raised with a line of their own: file, rule, value, way out."""


class LackingError(OSError):
    """The machine lacks something: Blender, Ray, disk. OSError whose text is its message."""

    def __str__(self) -> str:
        return str(self.args[0])


def one_line(error: BaseException) -> str:
    """The error's first line: its own words when it is expected, with its type when it is not."""
    words = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return words if isinstance(error, EXPECTED) else f"{type(error).__name__}: {words}"


def exit_code(error: BaseException) -> tuple[int, str]:
    """(exit code, the line to print) of what ended a command."""
    format_message = getattr(error, "format_message", None)  # a usage error of typer 0.29, which vendors its click
    if format_message is not None:
        return 2, format_message()
    if isinstance(error, KeyboardInterrupt) or type(error).__name__ == "Abort":
        return 130, "interrupted"
    code = getattr(error, "exit_code", None)
    if code is not None:
        return int(code), "interrupted; run the same command again to go on"
    if isinstance(error, BrokenPipeError):
        return 0, ""
    if isinstance(error, ImportError):
        return 3, f"the installation lacks something ({one_line(error)}): run make setup, then synth doctor"
    if isinstance(error, LackingError) or (isinstance(error, OSError) and error.errno == errno.ENOSPC):
        return 3, one_line(error)
    if isinstance(error, EXPECTED):
        return 2, one_line(error)
    traceback.print_exception(error)
    return 1, f"this is a fault of the suite, not of your input: {one_line(error)}"
