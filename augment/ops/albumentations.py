"""Albumentations: any picture transform of albumentations 2.0.8 by its name, seated on the op's seed.

Its quirks stay here (2.0.8, unmaintained): `Compose(seed=)` gives every child the same stream, so one generator is
seated by hand; importing it asks the package index for news unless told not to; parameters are drawn once per call, so
"frozen" is the same seat before every frame. It is imported when the first transform is built (2.5 s with torch).
"""

from __future__ import annotations

import os
import random  # noqa: TID251  the library asks for one; seated from the op's seed
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment.kinds import Setting
from augment.tracks import one_of

Array = NDArray[Any]

TRANSFORMS = (  # noqa: SIM905  a line each would be a page
    "AdditiveNoise AdvancedBlur AutoContrast Blur CLAHE ChannelDropout ChannelShuffle ChromaticAberration ColorJitter "
    "Defocus Downscale Emboss Equalize FancyPCA GaussNoise GaussianBlur GlassBlur HEStain HueSaturationValue ISONoise "
    "Illumination ImageCompression InvertImg MedianBlur MotionBlur MultiplicativeNoise PlanckianJitter "
    "PlasmaBrightnessContrast PlasmaShadow Posterize RGBShift RandomBrightnessContrast RandomFog RandomGamma "
    "RandomGravel RandomRain RandomShadow RandomSnow RandomSunFlare RandomToneCurve RingingOvershoot SaltAndPepper "
    "Sharpen ShotNoise Solarize Spatter Superpixels ToGray ToSepia UnsharpMask ZoomBlur"
).split()
"""All that turn one uint8 RGB picture into another of the same size; RandomFog, ShotNoise, Superpixels are slow."""

REFUSED: Mapping[str, str] = {
    "TextImage": "it prints free text; take timestamp",
    "FDA": "it needs other pictures",
    "HistogramMatching": "it needs other pictures",
    "PixelDistributionAdaptation": "it needs other pictures",
    "FromFloat": "it takes no 8-bit pictures",
    "ToFloat": "it leaves 8 bits",
    "Normalize": "it leaves 8 bits",
    "ToRGB": "every picture is RGB already",
    "ToTensorV2": "it makes no picture; the loader makes tensors",
    "ToTensor3D": "it makes no picture; the loader makes tensors",
}
"""Picture transforms that cannot be had here, with the reason."""

GEOMETRIC = (  # noqa: SIM905
    "Affine AtLeastOneBBoxRandomCrop BBoxSafeRandomCrop CenterCrop CenterCrop3D CoarseDropout CoarseDropout3D "
    "ConstrainedCoarseDropout Crop CropAndPad CropNonEmptyMaskIfExists CubicSymmetry D4 ElasticTransform Erasing "
    "FrequencyMasking GridDistortion GridDropout GridElasticDeform HorizontalFlip Lambda LongestMaxSize MaskDropout "
    "Morphological Mosaic NoOp OpticalDistortion OverlayElements Pad Pad3D PadIfNeeded PadIfNeeded3D Perspective "
    "PiecewiseAffine PixelDropout RandomCrop RandomCrop3D RandomCropFromBorders RandomCropNearBBox RandomGridShuffle "
    "RandomResizedCrop RandomRotate90 RandomScale RandomSizedBBoxSafeCrop RandomSizedCrop Resize Rotate SafeRotate "
    "ShiftScaleRotate SmallestMaxSize SquareSymmetry ThinPlateSpline TimeMasking TimeReverse Transform3D Transpose "
    "VerticalFlip XYMasking"
).split()
"""Those that move or hide pixels: labels could not follow."""


@dataclass(frozen=True, kw_only=True)
class Albumentations:
    """One transform with its own parameters, always applied."""

    transform: str
    """A name of TRANSFORMS."""
    per_frame: bool
    """False: one draw for the whole clip, noise and drops frozen on the lens; True: a fresh draw on every frame."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """The transform's keyword arguments, as JSON; `p` is 1 and the recipe's `chance` decides instead."""

    def __post_init__(self) -> None:
        name = self.transform
        if name in GEOMETRIC:
            raise ValueError(
                f"transform must leave pixels where they are, so that labels hold, got {name!r}; "
                "take shake, lens, zoom or mirror"
            )
        if name in REFUSED:
            raise ValueError(f"transform must be one this suite can use, got {name!r}: {REFUSED[name]}")
        one_of("transform", name, TRANSFORMS)
        if not isinstance(self.per_frame, bool):
            raise ValueError(f"per_frame must be true or false, got {self.per_frame!r}")
        if not isinstance(self.parameters, Mapping) or "p" in self.parameters:
            raise ValueError(f"parameters must be the transform's arguments without p, got {self.parameters!r}")
        self._compose()

    def painter(self, setting: Setting) -> Callable[[int, Array], Array]:
        """Seats the op's seed, or one made of it and the frame, before every call."""
        compose = self._compose()

        def paint(t: int, frame: Array) -> Array:
            rng = setting.rng("frame", t) if self.per_frame else setting.rng("clip")
            compose.set_random_state(rng, random.Random(int(rng.integers(2**63))))
            return np.ascontiguousarray(compose(images=frame[None])["images"][0])

        return paint

    def _compose(self) -> Any:
        """A Compose of the one transform; refuses unknown and ill-valued arguments."""
        os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # else an HTTPS request at import (albumentations#1775)
        import albumentations

        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # strict= only warns of unknown arguments
            try:
                return albumentations.Compose([getattr(albumentations, self.transform)(**self.parameters, p=1.0)])
            except (TypeError, ValueError, UserWarning) as error:
                said = " ".join(str(error).split())
                raise ValueError(
                    f"parameters must suit {self.transform}, got {dict(self.parameters)}: {said[:200]}"
                ) from None
