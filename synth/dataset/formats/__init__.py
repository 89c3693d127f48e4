"""The table FORMATS: exports beside the primary layout, from name to what writes one shard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from synth.dataset.clip import Clip
from synth.dataset.formats import activitynet, coco, huggingface, webdataset

Write = Callable[[Path, str, Sequence[Clip]], list[str]]
"""write(folder, stem, clips): writes one shard and returns its files' names: `<stem>.<suffix>` or `<stem>/<file>`."""

FORMATS: dict[str, Write] = {
    "activitynet": activitynet.write,
    "coco": coco.write,
    "huggingface": huggingface.write,
    "webdataset": webdataset.write,
}
