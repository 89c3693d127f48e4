"""The face of the dataset room; FootageDataset is imported when it is asked for."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synth.dataset.loader import FootageDataset, collate

__all__ = ["FootageDataset", "collate"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from synth.dataset import loader

        return getattr(loader, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
