"""The floor plan of a shot before it is rendered, as one SVG: what stands where, who walks where when, what is seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

from scenes.shot import Array, Figure, Shot
from synth.look import pen

WIDTH_PX, HEIGHT_PX = 1120.0, 760.0
"""The largest drawing; the plan is scaled to fit, its proportions kept."""
MARGIN_PX = 44.0
SIGHT_M = 4.0
"""Length of the drawn field of view; what is seen reaches further, and ends at walls."""
BODY_M = 0.25
"""Radius of a person on the plan."""
TICKS_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Steps of the time ticks: the smallest that gives at most 8."""
STYLE = """
text { font: 12px system-ui, "DejaVu Sans", sans-serif; fill: #161b22 }
.halo { paint-order: stroke; stroke: #fff; stroke-width: 3px; stroke-linejoin: round }
.title { font-size: 18px; font-weight: 600 } .muted { fill: #5c6672 }
.floor { fill: #eef1f4 } .wall { fill: #3b434d; stroke: #3b434d; stroke-width: 2 }
.furniture { fill: #c9d0d8; stroke: #8b95a1 } .mark { fill: none; stroke: #8b95a1; stroke-width: 1.5 }
.planned { fill: none; stroke: #8b95a1; stroke-dasharray: 3 4 } .track { fill: none; stroke-width: 2.5 }
.lamp { fill: #f0e442; stroke: #8b7d00 } .pin { font-weight: 600 } .stem { stroke: #161b22; stroke-width: 1 }
"""


def write(shot: Shot, path: Path, *, title: str = "Floor plan") -> Path:
    """Writes the plan as SVG."""
    path.write_text(draw(shot, title=title), encoding="utf-8")
    return path


def draw(shot: Shot, *, title: str = "Floor plan") -> str:
    """The plan as SVG text. `title` may hold any text."""
    sheet = _Sheet(shot)
    body = [*_ground(shot, sheet), *_lamps(shot, sheet), *_sight(shot, sheet)]
    for number, figure in enumerate(_walkers(shot)):
        body += _walk(figure.root_m, figure.name, (pen.BLUE, pen.GREEN, pen.PURPLE)[number % 3], shot, sheet)
    body += [*_camera(shot, sheet), *_scale_bar(sheet)]
    legend = list(_legend(shot, sheet))
    width, height = sheet.width_px, sheet.height_px + 24 * (1 + len(shot.events)) + 14
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img"'
        f' width="{width:.0f}" height="{height:.0f}">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#fff"/>',
        f'<text class="title" x="{MARGIN_PX:g}" y="30">{escape(title)}</text>',
        *body, *legend, "</svg>", "",
    ])  # fmt: skip


class _Sheet:
    """Metres of the world to pixels of the drawing; north (+Y) is up."""

    def __init__(self, shot: Shot) -> None:
        points = [np.asarray(line, float).reshape(-1, 2) for _, line in shot.plan]
        points += [figure.root_m[:, :2] for figure in _walkers(shot)]
        points.append(shot.world_from_cam[:, :2, 3])
        known = np.concatenate(points)
        low, high = known.min(0) - BODY_M, known.max(0) + BODY_M
        span = high - low
        self.px_per_m = float(min((WIDTH_PX - 2 * MARGIN_PX) / span[0], (HEIGHT_PX - 2 * MARGIN_PX) / span[1]))
        self.width_px = max(float(span[0]) * self.px_per_m + 2 * MARGIN_PX, 560.0)
        self.height_px = float(span[1]) * self.px_per_m + 2 * MARGIN_PX + 10
        self._low, self._high = low, high

    def at(self, point_m: Array | Sequence[float]) -> tuple[float, float]:
        """Pixels of a point (x, y) in metres."""
        x = MARGIN_PX + (float(point_m[0]) - self._low[0]) * self.px_per_m
        return x, MARGIN_PX + 10 + (self._high[1] - float(point_m[1])) * self.px_per_m

    def line(self, points_m: Iterable[Array | Sequence[float]]) -> str:
        """The points attribute of a polyline or polygon."""
        return " ".join("{:.1f},{:.1f}".format(*self.at(point)) for point in points_m)


def _ground(shot: Shot, sheet: _Sheet) -> Iterator[str]:
    """Floor below walls below furniture below marks and planned paths."""
    order = ("floor", "wall", "furniture", "mark", "path")
    for what in order:
        for kind, points in shot.plan:
            if kind.split(":")[0] != what:
                continue
            if what == "mark":
                x, y = np.mean([sheet.at(p) for p in points], axis=0)
                yield f'<path class="mark" d="M{x - 5:.1f} {y - 5:.1f}l10 10m0 -10l-10 10"/>'
            elif what == "path":
                yield f'<polyline class="planned" points="{sheet.line(points)}"/>'
            else:
                yield f'<polygon class="{what}" points="{sheet.line(points)}"/>'


def _lamps(shot: Shot, sheet: _Sheet) -> Iterator[str]:
    for light in shot.lights:
        if light.kind != "sun":
            x, y = sheet.at(light.world_from_light[0, :2, 3])
            yield f'<circle class="lamp" cx="{x:.1f}" cy="{y:.1f}" r="5"><title>{escape(light.name)}</title></circle>'


def _walkers(shot: Shot) -> list[Figure]:
    """Everybody but the wearer, whose path is the camera's."""
    return [figure for figure in shot.figures if figure.role != "wearer"]


def _tick_s(seconds: float) -> float:
    return next((step for step in TICKS_S if seconds / step <= 8), TICKS_S[-1])


def _place(track_m: Array, shot: Shot, instant_s: float) -> Array:
    """Where something keyed on the shot's grid is at an instant: (x, y) in metres."""
    if len(track_m) == 1:
        return np.asarray(track_m[0, :2], float)
    instants = shot.key_frames() / float(shot.fps)
    return np.array([np.interp(instant_s, instants, track_m[:, axis]) for axis in (0, 1)])


def _walk(track_m: Array, name: str, colour: pen.Rgb, shot: Shot, sheet: _Sheet) -> Iterator[str]:
    """A path with a disc where it starts, a tick for each step of time, an arrow head where it ends."""
    last = (shot.frames - 1) / float(shot.fps)
    shade = pen.hexed(colour)
    line = [_place(track_m, shot, t) for t in np.linspace(0, last, 61)]
    x, y = sheet.at(line[0])
    radius = BODY_M * sheet.px_per_m
    yield f'<polyline class="track" stroke="{shade}" points="{sheet.line(line)}"/>'
    yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{shade}" fill-opacity="0.25" stroke="{shade}"/>'
    below = sheet.at(line[-1])[1] <= y + radius
    name_y = y + radius + 14 if below else y - radius - 5
    yield f'<text class="halo" x="{x:.1f}" y="{name_y:.1f}" text-anchor="middle">{escape(name)}</text>'
    step = _tick_s(last)
    written = (x, y)
    for t in np.arange(step, last + 1e-9, step):
        tx, ty = sheet.at(_place(track_m, shot, float(t)))
        yield f'<circle cx="{tx:.1f}" cy="{ty:.1f}" r="3" fill="{shade}"/>'
        if np.hypot(tx - written[0], ty - written[1]) > 34:
            yield f'<text class="halo muted" x="{tx:.1f}" y="{ty + 16:.1f}" text-anchor="middle">{t:g} s</text>'
            written = (tx, ty)
    yield _head(line[-2], line[-1], shade, sheet)


def _head(before_m: Array, end_m: Array, shade: str, sheet: _Sheet) -> str:
    """An arrow head at the end of a path; nothing for who stands still."""
    ahead = np.subtract(sheet.at(end_m), sheet.at(before_m))
    if np.hypot(*ahead) < 0.2:
        return ""
    angle = np.degrees(np.arctan2(ahead[1], ahead[0]))
    x, y = sheet.at(end_m)
    return f'<path d="M0 0l-11 -5v10z" fill="{shade}" transform="translate({x:.1f} {y:.1f}) rotate({angle:.1f})"/>'


def _sight(shot: Shot, sheet: _Sheet) -> Iterator[str]:
    """The horizontal field of view at the first, the middle and the last frame, the first the strongest."""
    floors = [points for kind, points in shot.plan if kind == "floor"]
    yield '<clipPath id="floors">' + "".join(f'<polygon points="{sheet.line(f)}"/>' for f in floors) + "</clipPath>"
    yield '<g clip-path="url(#floors)">' if floors else "<g>"
    half = float(shot.lens.theta(np.array(0.5)))
    for frame, strength in ((shot.frames - 1, 0.12), (shot.frames // 2, 0.16), (0, 0.26)):
        pose = shot.world_from_cam[shot.frame_key(frame)]
        ahead = -pose[:2, 2]
        centre = np.arctan2(ahead[1], ahead[0])
        rim = [pose[:2, 3] + SIGHT_M * np.array([np.cos(a), np.sin(a)]) for a in centre + np.linspace(-half, half, 25)]
        wedge = sheet.line([pose[:2, 3], *rim])
        yield f'<polygon class="sight" fill="{pen.hexed(pen.ORANGE)}" fill-opacity="{strength:g}" points="{wedge}"/>'
    yield "</g>"


def _camera(shot: Shot, sheet: _Sheet) -> Iterator[str]:
    """The wearer: the camera's path, where it looks at the start, and a numbered pin for each event's onset."""
    track = shot.world_from_cam[:, :3, 3]
    yield from _walk(track, "wearer", pen.VERMILLION, shot, sheet)
    pose = shot.world_from_cam[shot.frame_key(0)]
    x, y = sheet.at(pose[:2, 3])
    tx, ty = sheet.at(pose[:2, 3] - 0.6 * pose[:2, 2] / max(float(np.hypot(*pose[:2, 2])), 1e-6))
    yield f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{tx:.1f}" y2="{ty:.1f}" stroke="#161b22" stroke-width="2.5"/>'
    for number, event in enumerate(shot.events, 1):
        ex, ey = sheet.at(_place(track, shot, event.onset_s))
        crowd = sum(1 for other in shot.events[: number - 1] if abs(other.onset_s - event.onset_s) < 0.3)
        top = ey - 30 - 19 * crowd
        yield f'<line class="stem" x1="{ex:.1f}" y1="{ey:.1f}" x2="{ex:.1f}" y2="{top:.1f}"/>'
        yield _pin(number, event.type, ex, top)


def _pin(number: int, event_type: str, x: float, y: float) -> str:
    """A numbered disc in the event's colour."""
    colour = pen.event_colour(event_type)
    disc = f'<circle class="event" cx="{x:.1f}" cy="{y:.1f}" r="9" fill="{pen.hexed(colour)}"/>'
    style = f"fill: {pen.hexed(pen.text_colour(colour))}"
    return f'{disc}<text class="pin" x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" style="{style}">{number}</text>'


def _scale_bar(sheet: _Sheet) -> Iterator[str]:
    metres = next(m for m in (10.0, 5.0, 2.0, 1.0, 0.5, 0.1) if m * sheet.px_per_m <= 240 or m == 0.1)
    x1, y = sheet.width_px - MARGIN_PX, 26.0
    x0 = x1 - metres * sheet.px_per_m
    yield f'<path d="M{x0:.1f} {y - 5}v5H{x1:.1f}v-5" fill="none" stroke="#161b22" stroke-width="1.5"/>'
    yield f'<text class="muted" x="{(x0 + x1) / 2:.1f}" y="{y - 8:.1f}" text-anchor="middle">{metres:g} m</text>'


def _legend(shot: Shot, sheet: _Sheet) -> Iterator[str]:
    """Lines of words below the plan."""
    view = 2 * np.degrees(float(shot.lens.theta(np.array(0.5))))
    height = float(shot.world_from_cam[shot.frame_key(0), 2, 3])
    people = len(_walkers(shot))
    y = sheet.height_px + 14
    yield (f'<text class="muted" x="{MARGIN_PX:g}" y="{y:.1f}">'
           f"{shot.frames} frames at {shot.fps}/s = {float(shot.frames / shot.fps):.2f} s"
           f" · camera {height:.2f} m above the floor, {view:.0f}° wide"
           f" · {people} role player{'' if people == 1 else 's'}</text>")  # fmt: skip
    for number, event in enumerate(shot.events, 1):
        who = f", {escape(event.actor_role)}" if event.actor_role else ""
        words = f"{escape(event.type)}, {event.onset_s:.2f} to {event.offset_s:.2f} s{who}"
        yield _pin(number, event.type, MARGIN_PX + 9, y + 24 * number - 4)
        yield f'<text x="{MARGIN_PX + 26:g}" y="{y + 24 * number:.1f}">{words}</text>'
