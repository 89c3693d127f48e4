"""The stage, a program that lives long: shots in as JSON lines on stdin, progress and results as JSON lines on stdout.

    {"shot": folder, "out": folder, "threads": 2}  ->  {"progress": 0, "of": 30} ...  then  {"done": {...}}
                                                       or {"error": "one line"}

Blender writes to file descriptor 1 whatever it likes, so the answers go to a duplicate of it, and 1 joins 2, the log.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import IO, Any

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serves until stdin ends."""
    die_with_parent()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    serve(answers)
    answers.close()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # bpy 4.2.0 ends with a segmentation fault (139) when the interpreter tears it down


def die_with_parent() -> None:
    """The kernel kills this process when its parent goes, however it goes; a parent that went already is noticed."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    expected = os.environ.get("STAGE_PARENT")
    if expected and int(expected) != os.getppid():
        os._exit(1)


def serve(answers: IO[str]) -> None:
    """Enters Blender once, then films what is asked for."""
    from scenes import shot
    from scenes.stage import engine, picture

    proc = engine.enter()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Python's handler would wait for the end of a render

    def say(**answer: Any) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    say(ready=engine.facts())
    for line in sys.stdin:
        try:
            asked = json.loads(line)
            result = picture.film(
                shot.load(Path(asked["shot"])),
                Path(asked["out"]),
                threads=int(asked["threads"]),
                proc=proc,
                progress=lambda frame, of: say(progress=frame, of=of),
            )
            say(done=result)
        except Exception as failure:
            traceback.print_exc()
            say(error=f"{type(failure).__name__}: {' '.join(str(failure).split())}")


if __name__ == "__main__":
    main()
