"""What people cost: to dress, to block, to pose, to build into a warm stage, and what the stage keeps of them.

python -m tests.bench people

Bodies come from the installed pack where there is one. Seconds are CPU seconds of the process that does the work, so
that a busy machine changes them little; they hold for one core.
"""

from __future__ import annotations

import functools
import itertools
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from scenes import assets
from scenes.compose import compose
from scenes.families import FAMILIES
from scenes.film import Stage, film
from scenes.lanes import lane
from scenes.motion.arms import drawn_manner
from scenes.motion.blocking import cast, wearer_route
from scenes.motion.limbs import Build
from scenes.people import bodies, person
from scenes.scenario import Scenario
from scenes.shot import Quality, Shot
from scenes.venues import VENUES
from tests.scenes.scenarios import demo

SHOTS, SETTLED = 50, 5
"""Of the memory's measurement, and after how many the first figure is taken: Blender's own buffers stand then."""
FPS = Fraction(24)


def scenario(people: int, *, seed: int = 3) -> Scenario:
    """Three seconds of so many people in a corridor that holds them."""
    knobs = {"length_m": 12.0 + 1.2 * people, "width_m": 2.4 if people < 6 else 4.0}
    packs = {name: sha256 for name, sha256 in assets.installed().items() if name == bodies.PACK}
    return demo(cast=people, seconds=3.0, fps=FPS, seed=seed, venue_knobs=knobs, packs=packs)


def spent(work: Callable[[], object], *, rounds: int = 3) -> float:
    """CPU seconds of this process, the best of some."""
    took = []
    for _ in range(rounds):
        begun = time.process_time()
        work()
        took.append(time.process_time() - begun)
    return min(took)


def dressed_s() -> float:
    """One person, the middle of eight."""
    looks = [person.draw(lane(5, f"people/{i}"), kit=None) for i in range(9)]
    pack = bodies.installed()
    person.dressed(looks[8], "first", pack)
    return float(np.median([spent(functools.partial(person.dressed, one, "p", pack), rounds=2) for one in looks[:8]]))


def blocked_s(people: int) -> float:
    """Ways of so many people through four seconds, bodies given."""
    long_m, wide_m = (40.0, 6.0) if people > 8 else (24.0, 3.5)
    place = VENUES["corridor"](length_m=long_m, width_m=wide_m).laid_out(lane(1, "venue"), 101)
    route = wearer_route(place, step_m=0.7, cadence_hz=1.9, start_s=0.3, end_s=4.0)
    moves = [(Build.of_stature(1.5 + 0.5 * ((0.37 * i) % 1)), drawn_manner(lane(1, f"m/{i}"))) for i in range(people)]
    row, t_s = FAMILIES["incident_response"], np.arange(-1 / 24, 4.0, 1 / 24)
    return spent(lambda: cast(place, route, moves, t_s, react_s=1.5, parts=row.parts, reactions=row.reactions,
                              lane=lambda name: lane(1, name)))  # fmt: skip


def composed_s(people: int) -> tuple[float, float]:
    """(bodies and all, all but the bodies) of a shot."""
    dressing: list[float] = []
    original = person.dressed

    def timed(looks: person.Looks, name: str, pack: bodies.Bodies | None) -> person.Body:
        begun = time.process_time()
        made = original(looks, name, pack)
        dressing.append(time.process_time() - begun)
        return made

    both = []
    person.dressed = timed  # type: ignore[assignment]
    try:
        for _ in range(3):
            dressing.clear()
            begun = time.process_time()
            compose(scenario(people))
            whole = time.process_time() - begun
            both.append((whole, whole - sum(dressing)))
    finally:
        person.dressed = original
    return min(w for w, _ in both), min(a for _, a in both)


def one_frame(people: int, seed: int = 3) -> Shot:
    """A picture so small that nearly all the work is people."""
    made = compose(replace(scenario(people, seed=seed), seconds=0.1, fps=Fraction(10), size_px=(64, 36)))
    return replace(made, quality=Quality(samples=1, denoise=False))


def staged_s(people: int, stage: Stage, root: Path) -> float:
    """Bodies, motion, the way to the stage and what it builds, of the clock; the best of two."""
    took = []
    for i in range(2):
        folder = root / f"{people}_{i}"
        folder.mkdir()
        begun = time.monotonic()
        shot = one_frame(people)
        take = film(shot, folder, stage, threads=2)
        took.append(time.monotonic() - begun - float(take.info["seconds_per_frame"]))
    return min(took)


def kept_mib(root: Path) -> tuple[int, int]:
    """Resident memory of a stage after five and after fifty shots of four people each, five casts in turn."""
    shots = [one_frame(4, seed=seed) for seed in range(5)]
    with Stage(max_shots=SHOTS + 1, max_rss_mib=1 << 20) as stage:
        held = []
        for i, shot in enumerate(itertools.islice(itertools.cycle(shots), SHOTS)):
            (root / f"kept{i}").mkdir()
            film(shot, root / f"kept{i}", stage, threads=2)
            held.append(stage.rss_mib())
    return held[SETTLED - 1], held[-1]


def main() -> None:
    """Prints the table."""
    print(f"bodies: {'of the installed pack' if bodies.installed() else 'built in (no pack of bodies is installed)'}")
    show("a dressed person, CPU", dressed_s(), 0.5)
    for people, bar in ((8, None), (30, 1.0)):
        show(f"blocking of {people}, CPU", blocked_s(people), bar)
    whole, apart = composed_s(8)
    show("compose of 8, CPU", whole, None)
    show("compose of 8 apart from bodies, CPU", apart, 0.2)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        with Stage() as stage:
            (root / "warm").mkdir()
            film(one_frame(1), root / "warm", stage, threads=2)
            for people, bar in ((4, 2.0), (16, 6.0), (30, None)):
                show(f"{people} built and posed, warm stage, clock", staged_s(people, stage, root), bar)
        early, late = kept_mib(root)
    print(
        f"{'stage memory, shots 5 to 50':44s} {early} to {late} MiB, {100 * (late / early - 1):+.1f} % (at most +5 %)"
    )


def show(what: str, seconds: float, bar: float | None) -> None:
    """One row of the table."""
    print(f"{what:44s} {seconds:6.2f} s" + (f"  (at most {bar:g})" if bar else ""), flush=True)


if __name__ == "__main__":
    main()
