"""Files and Footage, both ways: foreign files read safely, masters and deliveries written; the only room with av."""

from augment.delivery import CODECS, Deliver
from augment.video.container import codecs, packet_sha256, picture_bytes
from augment.video.reading import examine, open_clip, open_original, probe
from augment.video.stream import recode
from augment.video.window import INSTANT_SLACK_S, read_frames, read_window
from augment.video.writing import deliver, write_master

__all__ = [
    "CODECS",
    "INSTANT_SLACK_S",
    "Deliver",
    "codecs",
    "deliver",
    "examine",
    "open_clip",
    "open_original",
    "packet_sha256",
    "picture_bytes",
    "probe",
    "read_frames",
    "read_window",
    "recode",
    "write_master",
]
