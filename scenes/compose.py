"""compose(): a Scenario becomes a Shot, laid out in metres and frame by frame; or Rejected, with what to change.

Every choice is drawn from a lane of its own under the scenario's seed. No lane looks at what is held, so that twins
share place, people, camera, hands and light to the last bit.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from dataclasses import fields

import numpy as np

from scenes import bodycam, lanes, light, materials, timeline
from scenes.assets import AssetError
from scenes.families import FAMILIES, Beats, Family
from scenes.mesh import Array
from scenes.motion.acting import Actor, posed
from scenes.motion.arms import Manner, drawn_manner
from scenes.motion.blocking import cast, wearer_route
from scenes.motion.carried import solids
from scenes.motion.limbs import Build
from scenes.motion.steps import Walk, walk
from scenes.people import person, wearer
from scenes.people.skeleton import PARENTS
from scenes.props import PALETTE, PROPS
from scenes.props.held import WAYS
from scenes.scenario import Scenario
from scenes.shot import Figure, Lens, Material, Shot, Solid
from scenes.supplies import supplies
from scenes.venues import VENUES
from scenes.venues.place import Place

KEYS_PER_FRAME = 4
HELD, HAND_RIGHT, HAND_LEFT, FOREARM_RIGHT, FOREARM_LEFT = 1, 2, 3, 4, 5
"""Instance ids of what is nearest to the lens; people and doors follow."""
FIRST_PERSON, FIRST_DOOR = 11, 101
OVERSCAN = 1.15
"""An in_chain render sees this much more than the camera, for the chain's shake and lens to take from."""

GLOVES: tuple[tuple[float, float, float], ...] = (
    (0.012, 0.012, 0.013), (0.06, 0.06, 0.062), (0.14, 0.10, 0.055), (0.035, 0.045, 0.03),
)  # fmt: skip
BARE_HANDS = 0.15
"""Share of wearers without gloves."""

Lane = Callable[[str], np.random.Generator]


class Rejected(ValueError):  # noqa: N818
    """This draw cannot be laid out; the message says what to change."""


def compose(scenario: Scenario) -> Shot:
    """The shot of a scenario; `quality` is left at its default for the caller to set. AssetError when this machine
    lacks a pack that it names."""
    lane: Lane = functools.partial(lanes.lane, scenario.seed)
    try:
        _names_known(scenario)
        return _composed(scenario, lane)
    except (Rejected, AssetError):
        raise
    except ValueError as error:
        raise Rejected(str(error)) from error


def _composed(scenario: Scenario, lane: Lane) -> Shot:
    family = FAMILIES[scenario.family]
    place = _place(scenario, lane("venue"))
    beats = family.beats(scenario.seconds, lane("beats"))
    keys = (scenario.frames + 1) * KEYS_PER_FRAME + 1
    t_s = (-1 + np.arange(keys) / KEYS_PER_FRAME) / float(scenario.fps)
    given = supplies(scenario.packs)
    looks = _people_looks(scenario, family, lane)
    bodies = [person.dressed(look, f"person_{i}", given.bodies) for i, look in enumerate(looks)]
    builds = [_build(body) for body in bodies]
    manners = [drawn_manner(lane(f"manner/{i}")) for i in range(scenario.cast)]
    gait, stature = bodycam.GAITS[scenario.gait], float(np.clip(lane("wearer").normal(1.76, 0.08), 1.58, 1.98))
    route = wearer_route(
        place, step_m=gait.step_of_stature * stature, cadence_hz=bodycam.step_hz(gait, lane("wearer/gait")),
        start_s=beats.move_s, end_s=scenario.seconds,
    )  # fmt: skip
    actors = cast(
        place, route, list(zip(builds, manners, strict=True)), t_s[::KEYS_PER_FRAME], react_s=beats.react_s,
        parts=family.parts, reactions=family.reactions, lane=lane,
    )  # fmt: skip
    walked = walk(route.legs, route.first, t_s)
    mount = bodycam.MOUNTS[scenario.mount]
    camera = bodycam.worn(walked, t_s, gait=gait, mount=mount, stature_m=stature, rng=lane("camera"))
    in_render = scenario.camera == "in_render"
    lens = Lens(theta_coefficients=scenario.camera_profile.theta_coefficients)
    if not in_render:
        lens = _overscanned(lens, scenario.size_px)
    world_from_cam = camera.world_from_cam if in_render else camera.world_from_still
    trunk = camera.world_from_trunk if in_render else camera.world_from_still_trunk
    own = person.dressed(person.draw(lane("wearer/body"), kit=None), "wearer", given.bodies)
    arms, held, arms_stuff, grip = _wearer(scenario, beats, own, trunk, t_s, mount, stature, walked, lane)
    seen_s = _seen_in(grip, world_from_cam, lens, scenario.size_px, t_s)
    people, things, people_stuff, ways = _people(actors, looks, bodies, list(zip(builds, manners, strict=True)), t_s)
    condition = light.LIGHTS[scenario.light]
    prop = scenario.held != "nothing" and PROPS[scenario.held].is_prop
    stuff = (*arms_stuff, *people_stuff, *place.materials)
    clip_s = float(scenario.frames / scenario.fps)
    return Shot(
        fps=scenario.fps,
        size_px=scenario.size_px,
        frames=scenario.frames,
        seed=scenario.seed,
        materials=tuple({m.name: m for m in stuff}.values()),
        solids=(*place.solids, *held, *things),
        figures=(*arms, *people),
        lights=light.lamps(condition, list(place.lamps_m), power_w=place.lamp_power_w, size_m=place.lamp_size_m,
                           rng=lane("light")),
        world_colour=condition.world_colour,
        world_from_cam=world_from_cam,
        lens=lens,
        readout_s=scenario.camera_profile.readout_s if in_render else 0.0,
        exposure_s=scenario.camera_profile.exposure_s,
        blur=in_render,
        keys_per_frame=KEYS_PER_FRAME,
        events=timeline.events(beats, actors, seconds=clip_s, fps=float(scenario.fps),
                               held_track=HELD if held else 0, prop=prop, seen_s=seen_s,
                               people_tracks=[p.track for p in people]),
        sounds=timeline.sounds(beats, seconds=clip_s, prop=prop, wearer_strikes_s=walked.strikes_s,
                               people_strikes=[_strikes(way, t_s) for way in ways], rng=lane("sound")),
        room_m=place.room_m,
        plan=(*place.plan, *_paths(walked, ways), *_marks(place)),
        assets=given.bodies_from,
        camera_state={
            "done": ("gait", "mount", "lens", "shutter", "blur") if in_render else (),
            "lens": lens.theta_coefficients,
        },
    )  # fmt: skip


def _names_known(scenario: Scenario) -> None:
    tables: dict[str, Collection[str]] = {
        "family": FAMILIES,
        "venue": VENUES,
        "gait": bodycam.GAITS,
        "mount": bodycam.MOUNTS,
        "light": light.LIGHTS,
        "held": (*PROPS, "nothing"),
        "held_colour": PALETTE,
        "grip": ("", *WAYS),
    }
    for field, table in tables.items():
        if getattr(scenario, field) not in table:
            raise Rejected(f"{field} must be one of {', '.join(table)}, got {getattr(scenario, field)!r}")
    if scenario.venue not in FAMILIES[scenario.family].venues:
        hosts = ", ".join(FAMILIES[scenario.family].venues)
        raise Rejected(f"venue must host {scenario.family}: one of {hosts}, got {scenario.venue!r}")
    if scenario.grip and scenario.held != "nothing" and scenario.grip not in PROPS[scenario.held].ways:
        ways = ", ".join(PROPS[scenario.held].ways)
        raise Rejected(f"grip must be one of {ways} for {scenario.held}, got {scenario.grip!r}")
    if scenario.weather != "none":
        raise Rejected(f"weather must be none in {scenario.venue}, which has no sky, got {scenario.weather!r}")


def _place(scenario: Scenario, rng: np.random.Generator) -> Place:
    venue = VENUES[scenario.venue]
    known = {f.name: f.type for f in fields(venue)}
    for name in scenario.venue_knobs:
        if name not in known:
            raise Rejected(f"venue_knobs of {scenario.venue} must be among {', '.join(known)}, got {name!r}")
    whole = {n: int(v) if known[n] == "int" else v for n, v in scenario.venue_knobs.items()}
    return venue(**whole).laid_out(rng, FIRST_DOOR)  # type: ignore[arg-type]


def _people_looks(scenario: Scenario, family: Family, lane: Lane) -> list[person.Looks]:
    kit = person.KIT_COLOURS[lane("kit").integers(len(person.KIT_COLOURS))] if family.kit else None
    return [person.draw(lane(f"people/{i}"), kit=kit) for i in range(scenario.cast)]


def _build(body: person.Body) -> Build:
    """The measures that motions need."""
    return Build.of_body(body.joints_m, body.pelvis_height_m, body.vertices_m, body.skin_joints, body.skin_weights)


def _people(
    actors: tuple[Actor, ...], looks: list[person.Looks], bodies: list[person.Body],
    moves: list[tuple[Build, Manner]], t_s: Array,
) -> tuple[list[Figure], list[Solid], list[Material], list[Walk]]:  # fmt: skip
    """People in their clothes, what they carry, the stuff of these, and the ways they go."""
    figures: list[Figure] = []
    things: list[Solid] = []
    stuff: list[Material] = []
    ways: list[Walk] = []
    for i, (actor, look, body, (build, manner)) in enumerate(zip(actors, looks, bodies, moves, strict=True)):
        way = walk(actor.legs, actor.first, t_s)
        rotations, root = posed(actor, t_s, build, manner, way_there=way)
        role = "role_player" if look.kit else "bystander"
        figures.append(
            Figure(
                name=f"person_{i}", vertices_m=body.vertices_m, triangles=body.triangles,
                face_material=body.face_material, materials=tuple(m.name for m in body.materials),
                joints_m=body.joints_m, parents=PARENTS, skin_joints=body.skin_joints,
                skin_weights=body.skin_weights, tint=body.tint, rotations=rotations, root_m=root,
                track=FIRST_PERSON + i, track_class="person_roleplayer" if look.kit else "person_bystander", role=role,
            )
        )  # fmt: skip
        carried, of_carried = solids(figures[-1], actor, build, manner)
        things += carried
        stuff += (*body.materials, *of_carried)
        ways.append(way)
    return figures, things, stuff, ways


def _wearer(
    scenario: Scenario, beats: Beats, body: person.Body, trunk: Array, t_s: Array, mount: bodycam.Mount,
    stature_m: float, walked: Walk, lane: Lane,
) -> tuple[tuple[Figure, ...], tuple[Solid, ...], list[Material], Array]:  # fmt: skip
    """Hands, arms and the body behind the camera, what they hold, the stuff of all, and (K, 4, 4) world_from_grip."""
    rng = lane("wearer/dress")
    sleeve, skin = (palette[rng.integers(len(palette))] for palette in (person.CLOTH_COLOURS, person.SKIN_TONES))
    glove, bare = GLOVES[rng.integers(len(GLOVES))], bool(rng.random() < BARE_HANDS)
    stuff = [
        materials.cloth("wearer_sleeve", sleeve),
        materials.leather("wearer_cuff", (glove[0] * 0.6, glove[1] * 0.6, glove[2] * 0.6)),
        materials.skin("wearer_hand", skin) if bare else materials.leather("wearer_hand", glove),
    ]
    outfit = wearer.Outfit(sleeve="wearer_sleeve", cuff="wearer_cuff", hand="wearer_hand", gloved=not bare)
    eye = np.array([mount.forward_m, mount.left_m, 0.0])
    never = float(t_s[-1]) + 10.0
    above_chest = mount.height_of_stature - bodycam.MOUNTS["chest"].height_of_stature
    grip = wearer.grip_path(
        t_s, trunk, eye, above_chest_m=above_chest * stature_m, lift_s=beats.lift_s,
        raise_s=never if beats.raise_s is None else beats.raise_s, lower_s=beats.lower_s,
        pace=min(1.0, scenario.seconds / 3.0), rng=lane("grip"),
    )  # fmt: skip
    thing = None if scenario.held == "nothing" else PROPS[scenario.held]
    measures = {"height_m": mount.height_of_stature * stature_m, "stature_m": stature_m}
    arms = wearer.arms(
        grip, trunk, t_s, walked, held=thing, way=_way(scenario), swing=wearer.drawn_swing(lane("wearer/swing")),
        **measures,
    )  # fmt: skip
    figures = wearer.figures(
        arms, trunk, outfit=outfit, tracks=(HAND_RIGHT, HAND_LEFT, FOREARM_RIGHT, FOREARM_LEFT), **measures
    )
    held: tuple[Solid, ...] = ()
    if thing is not None:
        stuff.append(materials.training_plastic("held", PALETTE[scenario.held_colour]))
        held = (wearer.held_solid(thing, grip, material="held", track=HELD),)
    figures += (wearer.unseen_body(body, walked, t_s, drawn_manner(lane("wearer/manner"))),)
    return figures, held, [*stuff, *body.materials], grip


def _way(scenario: Scenario) -> str:
    """How the hands hold it: as the scenario says, else as is usual."""
    return scenario.grip or ("" if scenario.held == "nothing" else next(iter(PROPS[scenario.held].ways)))


def _seen_in(
    grip: Array, world_from_cam: Array, lens: Lens, size_px: tuple[int, int], t_s: Array
) -> tuple[float, float] | None:
    """From when until when the hands' grip, the same for both twins, lies in the frame; None when it never does."""
    middle = np.array([0.05, 0.0, 0.06, 1.0])  # between the hands, where the thing's body begins
    points = (grip @ middle)[:, :3] - world_from_cam[:, :3, 3]
    points = np.einsum("kba,kb->ka", world_from_cam[:, :3, :3], points)
    xy = lens.project(points, size_px)
    seen = np.flatnonzero(((xy > 0) & (xy < size_px)).all(axis=1) & (t_s >= 0))
    return (float(t_s[seen[0]]), float(t_s[seen[-1]])) if len(seen) else None


def _overscanned(lens: Lens, size_px: tuple[int, int]) -> Lens:
    """An equidistant fisheye that sees OVERSCAN times the angle of the lens, or more, all along the frame's edge."""
    w, h = size_px
    rho = np.linspace(min(w, h), np.hypot(w, h), 50) / w / 2
    c1 = OVERSCAN * float((lens.theta(rho) / rho).max())
    return Lens(theta_coefficients=(c1, 0.0, 0.0, 0.0))


def _strikes(way: Walk, t_s: Array) -> list[tuple[float, tuple[float, float]]]:
    """(instant, place) of each heel strike of a person."""
    x, y = (np.interp(way.strikes_s, t_s, column) for column in way.xy_m.T)
    return [(float(t), (float(a), float(b))) for t, a, b in zip(way.strikes_s, x, y, strict=True)]


def _paths(walked: Walk, ways: list[Walk]) -> list[tuple[str, tuple[tuple[float, float], ...]]]:
    named = [("path:wearer", walked), *((f"path:person_{i}", way) for i, way in enumerate(ways))]
    return [(name, tuple((round(float(x), 3), round(float(y), 3)) for x, y in way.xy_m[::KEYS_PER_FRAME])) for
            name, way in named]  # fmt: skip


def _marks(place: Place) -> list[tuple[str, tuple[tuple[float, float], ...]]]:
    return [("mark", (m.stand.xy_m,)) for m in place.marks]
