"""Telemetry: the packets of a camera's own data track, beside the pictures."""

from __future__ import annotations

from pathlib import Path

import av

from augment.ingest import Unreadable
from augment.video.container import FORMATS, opened, why


def telemetry(path: Path, *, begins: bytes) -> list[tuple[float, float, bytes]]:
    """(start_s, seconds, payload) of the packets of the data stream whose packets begin so; empty without one."""
    with opened(path, FORMATS) as container:
        try:
            for number in [stream.index for stream in container.streams.data]:
                stream = container.streams[number]
                container.seek(0)
                packets = [packet for packet in container.demux(stream) if packet.size]
                if packets and bytes(packets[0])[: len(begins)] == begins:
                    base = float(stream.time_base)
                    return [((p.pts or 0) * base, (p.duration or 0) * base, bytes(p)) for p in packets]
        except (av.FFmpegError, ValueError) as error:
            raise Unreadable(path, f"its data track cannot be read: {why(error)}", "copy it again") from None
    return []
