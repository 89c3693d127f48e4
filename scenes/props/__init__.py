"""The table of what a hand can hold, and the palette all of it is cast in."""

from scenes.props.held import Held
from scenes.props.phone import PHONE
from scenes.props.prop_long import PROP_LONG
from scenes.props.prop_short import PROP_SHORT
from scenes.props.torch import TORCH
from scenes.props.umbrella import UMBRELLA

PROPS: dict[str, Held] = {
    "prop_long": PROP_LONG,
    "prop_short": PROP_SHORT,
    "torch": TORCH,
    "phone": PHONE,
    "umbrella": UMBRELLA,
}

PALETTE: dict[str, tuple[float, float, float]] = {
    "blue": (0.018, 0.10, 0.50),
    "orange": (0.72, 0.17, 0.012),
}
"""Linear RGB. Everything hand-held comes in these, so that colour tells nothing."""

__all__ = ["PALETTE", "PROPS", "Held"]
