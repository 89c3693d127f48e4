"""Lanes of randomness: one generator per name, so that a new draw in one lane shifts nothing in another."""

from __future__ import annotations

import zlib

import numpy as np


def lane(seed: int, name: str) -> np.random.Generator:
    """The generator of a named lane ("venue", "people/2") under a seed; the same on every machine."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(zlib.crc32(name.encode()),))))
