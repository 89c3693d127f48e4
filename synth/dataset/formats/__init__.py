"""The table FORMATS: exports beside the primary layout, from name to what writes one shard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from synth.dataset.clip import Clip
from synth.dataset.formats import webdataset

Write = Callable[[Path, str, Sequence[Clip]], list[str]]
"""write(folder, stem, clips): writes one shard and returns the names of its files, which begin with the stem."""

FORMATS: dict[str, Write] = {
    "webdataset": webdataset.write,
}
