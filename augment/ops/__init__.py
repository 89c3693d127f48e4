"""The table of ops: name in a recipe, class, kind. An op is one file and one row; the laws then test it."""

from augment.kinds import Row
from augment.ops.albumentations import Albumentations
from augment.ops.auto_exposure import AutoExposure
from augment.ops.band_limit import BandLimit
from augment.ops.chromatic_aberration import ChromaticAberration
from augment.ops.clipping import Clipping
from augment.ops.crop import Crop
from augment.ops.defocus import Defocus
from augment.ops.dirt import Dirt
from augment.ops.drift import Drift
from augment.ops.drop import Drop
from augment.ops.dropout import Dropout
from augment.ops.drops import Drops
from augment.ops.duplicate import Duplicate
from augment.ops.exposure import Exposure
from augment.ops.flare import Flare
from augment.ops.flicker import Flicker
from augment.ops.freeze import Freeze
from augment.ops.gain import Gain
from augment.ops.hum import Hum
from augment.ops.jitter import Jitter
from augment.ops.lens import Lens
from augment.ops.mirror import Mirror
from augment.ops.motion_blur import MotionBlur
from augment.ops.mute import Mute
from augment.ops.night import Night
from augment.ops.noise import Noise
from augment.ops.occlusion import Occlusion
from augment.ops.offset import Offset
from augment.ops.rate import Rate
from augment.ops.reframe import Reframe
from augment.ops.rolling_shutter import RollingShutter
from augment.ops.room import Room
from augment.ops.rotate import Rotate
from augment.ops.shake import Shake
from augment.ops.speed import Speed
from augment.ops.stabilise import Stabilise
from augment.ops.timestamp import Timestamp
from augment.ops.tone import Tone
from augment.ops.transcode import Transcode
from augment.ops.trim import Trim
from augment.ops.vignette import Vignette
from augment.ops.weather import Weather
from augment.ops.white_balance import WhiteBalance
from augment.ops.wind import Wind
from augment.ops.zoom import Zoom

OPS: dict[str, Row] = {
    "shake": Row(op=Shake, kind="warp", takes="both", adds=("gait", "mount")),
    "rolling_shutter": Row(op=RollingShutter, kind="warp", takes="both", adds=("shutter",)),
    "stabilise": Row(op=Stabilise, kind="warp", takes="both", adds=("stabilised",)),
    "lens": Row(op=Lens, kind="warp", takes="both", adds=("lens",)),
    "zoom": Row(op=Zoom, kind="warp", takes="both", c2pa_action="c2pa.cropped"),
    "crop": Row(op=Crop, kind="warp", takes="both", c2pa_action="c2pa.cropped"),
    "rotate": Row(op=Rotate, kind="warp", takes="both", c2pa_action="c2pa.orientation"),
    "reframe": Row(op=Reframe, kind="warp", c2pa_action="c2pa.cropped"),
    "mirror": Row(op=Mirror, kind="warp", takes="both", c2pa_action="c2pa.orientation"),
    "weather": Row(op=Weather, kind="pixel", c2pa_action="c2pa.filtered"),
    "occlusion": Row(op=Occlusion, kind="pixel", c2pa_action="c2pa.filtered"),
    "drops": Row(op=Drops, kind="pixel", c2pa_action="c2pa.filtered"),
    "dirt": Row(op=Dirt, kind="pixel", c2pa_action="c2pa.filtered"),
    "flare": Row(op=Flare, kind="pixel", c2pa_action="c2pa.filtered"),
    "defocus": Row(op=Defocus, kind="pixel", c2pa_action="c2pa.filtered"),
    "chromatic_aberration": Row(op=ChromaticAberration, kind="pixel", c2pa_action="c2pa.filtered"),
    "vignette": Row(op=Vignette, kind="pixel", c2pa_action="c2pa.adjustedColor"),
    "flicker": Row(op=Flicker, kind="pixel", c2pa_action="c2pa.adjustedColor"),
    "auto_exposure": Row(op=AutoExposure, kind="pixel", takes="both", c2pa_action="c2pa.adjustedColor"),
    "motion_blur": Row(op=MotionBlur, kind="pixel", takes="both", adds=("blur",), c2pa_action="c2pa.filtered"),
    "exposure": Row(op=Exposure, kind="table", c2pa_action="c2pa.adjustedColor"),
    "white_balance": Row(op=WhiteBalance, kind="table", c2pa_action="c2pa.adjustedColor"),
    "tone": Row(op=Tone, kind="pixel", takes="uint16", adds=("tone",), c2pa_action="c2pa.adjustedColor"),
    "noise": Row(op=Noise, kind="pixel", adds=("noise",), c2pa_action="c2pa.filtered"),
    "night": Row(op=Night, kind="pixel", adds=("night",), c2pa_action="c2pa.filtered"),
    "timestamp": Row(op=Timestamp, kind="pixel", c2pa_action="c2pa.addedText"),
    "albumentations": Row(op=Albumentations, kind="pixel", c2pa_action="c2pa.filtered"),
    "rate": Row(op=Rate, kind="time", takes="both"),
    "drop": Row(op=Drop, kind="time", takes="both"),
    "duplicate": Row(op=Duplicate, kind="time", takes="both"),
    "freeze": Row(op=Freeze, kind="time", takes="both"),
    "speed": Row(op=Speed, kind="time", takes="both"),
    "jitter": Row(op=Jitter, kind="time", takes="both"),
    "trim": Row(op=Trim, kind="time", takes="both", c2pa_action="c2pa.trimmed"),
    "transcode": Row(op=Transcode, kind="stream", c2pa_action="c2pa.transcoded"),
    "room": Row(op=Room, kind="sound", takes="both"),
    "wind": Row(op=Wind, kind="sound", takes="both"),
    "hum": Row(op=Hum, kind="sound", takes="both"),
    "band_limit": Row(op=BandLimit, kind="sound", takes="both"),
    "gain": Row(op=Gain, kind="sound", takes="both"),
    "clipping": Row(op=Clipping, kind="sound", takes="both"),
    "dropout": Row(op=Dropout, kind="sound", takes="both"),
    "offset": Row(op=Offset, kind="sound", takes="both"),
    "drift": Row(op=Drift, kind="sound", takes="both"),
    "mute": Row(op=Mute, kind="sound", takes="both", c2pa_action="c2pa.dubbed"),
}
"""Name in a recipe -> op."""
