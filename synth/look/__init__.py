"""Look: contact sheets, floor plans, reports."""

from synth.look.show import look

__all__ = ["look"]
