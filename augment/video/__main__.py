"""The child process of `probe`: a question as JSON in, one line of JSON out."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from augment.ingest import Limits, Unreadable
from augment.video.reading import examine


def _answer(question: str) -> int:
    """Prints what the file says, within the limits of memory."""
    path, until_s, plain = json.loads(question)
    limits = Limits(**plain)
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    try:
        found = examine(Path(path), until_s=until_s, limits=limits)
    except Unreadable as error:
        rule, _, way_out = str(error).removeprefix(f"{path!r}: ").rpartition("; ")
        found = {"unreadable": rule, "way_out": way_out}
    print(json.dumps(found))
    return 0


sys.exit(_answer(sys.argv[1]))
