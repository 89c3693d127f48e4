"""Verification: everything a dataset or a work folder says of itself is checked against the bytes that lie there.

Nothing read is trusted: whatever a damaged or hostile file provokes becomes one finding, a line that names the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from augment import video
from synth.dataset.audit import pictures
from synth.dataset.canonical import canonical, check_name, file_sha256
from synth.dataset.clip import DOCUMENT, TRACKS, VIDEO, Clip, labels_outside, read_clip
from synth.dataset.index import FILES, read_part
from synth.dataset.manifest import FILE, counts, read_manifest

Findings = Iterator[str]


def verify(path: Path, *, look: bool = False) -> list[str]:
    """One line per finding, sorted; none when all is as it says. `path` is a dataset's folder or an output folder
    with clips/ (of which every dataset is checked too). `look` decodes every clip of a dataset and names those that
    show nothing."""
    if not path.is_dir():
        raise FileNotFoundError(f"{path} must be a dataset or an output folder, there is no such folder")
    if (path / FILE).is_file():
        return sorted(_caught(path, FILE, _dataset(path, look=look)))
    if not (path / "clips").is_dir():
        raise FileNotFoundError(f"{path} must hold {FILE} (a dataset) or clips/ (an output folder)")
    found = [*_work(path)]
    for place in sorted(path.glob(f"datasets/*/{FILE}")):
        where = place.parent.relative_to(path)
        found += [f"{where}/{line}" for line in verify(place.parent, look=look)]
    return sorted(found)


def _dataset(root: Path, *, look: bool) -> Findings:
    document = read_manifest(root)
    if (root / FILE).read_bytes() != canonical(document, indent=1):
        yield f"{FILE}: must be canonical JSON, was edited"
    listed = [*document["index"], *document["shards"]]
    for part in listed:
        yield from _caught(root, str(part.get("file")), _file(root, part["file"], part))
    rows: list[dict[str, Any]] = []
    for part in document["index"]:
        yield from _caught(root, str(part.get("file")), _part(root, part, rows))
    if counts(rows) != document["counts"]:
        yield f"{FILE}: counts must be those of the index, differ"
    yield from _leaks(rows)
    yield from _strangers(root, {str(part["file"]) for part in listed}, rows)
    clips: dict[str, Clip] = {}
    for row in rows:
        where = f"clips/{row['name']}"
        yield from _caught(root, where, _row(root / where, where, row, clips))
    yield from _parents(clips, needed=False)
    if look:
        yield from pictures(root, rows)


def _work(root: Path) -> Findings:
    clips: dict[str, Clip] = {}
    for folder in sorted((root / "clips").iterdir()):
        where = f"clips/{folder.name}"
        yield from _caught(root, f"{where}/{DOCUMENT}", _clip(folder, where, clips))
    yield from _parents(clips, needed=True)


def _caught(root: Path, where: str, check: Findings) -> Findings:
    """The findings of a check, and as the last one whatever stopped it."""
    try:
        yield from check
    except Exception as error:  # a hostile file may provoke anything; it must not stop the others' checks
        said = (str(error) or type(error).__name__).splitlines()[0].replace(f"{root}/", "")
        yield said if said.startswith(where) else f"{where}: {said}"


def _part(root: Path, part: Mapping[str, Any], rows: list[dict[str, Any]]) -> Findings:
    """Reads one part of the index into `rows`."""
    made = read_part(_inside(root, part["file"]))
    if len(made) != part["rows"]:
        yield f"{part['file']}: rows must be {part['rows']}, got {len(made)}"
    names = [row["name"] for row in made]
    if names != sorted(set(names)) or (rows and names and rows[-1]["name"] >= names[0]):
        yield f"{part['file']}: rows must be sorted by name, each once"
    rows += made


def _row(folder: Path, where: str, row: Mapping[str, Any], clips: dict[str, Clip]) -> Findings:
    """A clip of a dataset against its row, then against its own clip.json."""
    intact = True
    for stem, name in FILES.items():
        said = {"bytes": row[f"{stem}_bytes"], "sha256": row[f"{stem}_sha256"]}
        for line in _file(folder, name, said):
            intact = False
            yield f"{where}/{line}"
    if not intact:
        return
    yield from _clip(folder, where, clips, present=set(FILES.values()))
    document = clips[row["name"]].document
    same = {
        "kind": document["kind"],
        "packet_sha256": document["packet_sha256"],
        "parents": [parent["name"] for parent in document["parents"]],
        "label": document["labels"]["clip"].get("label", ""),
        "frames": document["media"]["frames"],
        "fps": document["media"]["fps"],
    }
    for column, value in same.items():
        if row[column] != value:
            yield f"{where}/{DOCUMENT}: {column} must be the index's {row[column]!r}, got {value!r}"


def _clip(folder: Path, where: str, clips: dict[str, Clip], *, present: set[str] | None = None) -> Findings:
    """A clip's folder against its clip.json; `present` names the files that this copy of it holds (None: all)."""
    clip = read_clip(folder)
    document = clip.document
    clips[folder.name] = clip
    if clip.name != folder.name:
        yield f"{where}/{DOCUMENT}: name must be the folder's, got {clip.name!r}"
    if (folder / DOCUMENT).read_bytes() != canonical(document, indent=1):
        yield f"{where}/{DOCUMENT}: must be canonical JSON, was edited"
    names = {str(name) for name in document["files"]} if present is None else present - {DOCUMENT}
    for name in sorted({VIDEO, TRACKS} | names):
        if name not in document["files"]:
            yield f"{where}/{DOCUMENT}: files must name {name}"
        elif present is None:
            for line in _file(folder, name, document["files"][name]):
                yield f"{where}/{line}"
        elif (folder / name).stat().st_size != document["files"][name]["bytes"]:
            yield f"{where}/{name}: bytes must be {document['files'][name]['bytes']}"
    for stranger in sorted({p.name for p in folder.iterdir()} - names - {DOCUMENT, VIDEO, TRACKS}):
        yield f"{where}/{stranger}: must be named in {DOCUMENT}, is not"
    yield from _caught(folder, f"{where}/{VIDEO}", _packets(clip, where))
    yield from _caught(folder, f"{where}/{TRACKS}", _labels(clip, where))


def _packets(clip: Clip, where: str) -> Findings:
    got = video.packet_sha256(clip.video)
    if got != clip.document["packet_sha256"]:
        yield f"{where}/{VIDEO}: packet_sha256 must be {clip.document['packet_sha256']}, got {got}"


def _labels(clip: Clip, where: str) -> Findings:
    media = clip.document["media"]
    width, height = media["size_px"]
    outside = labels_outside(
        clip.labels(), length=media["frames"], size_px=(width, height), seconds=float(media["seconds"])
    )
    for line in outside:
        yield f"{where}/{TRACKS}: {line}"


def _parents(clips: Mapping[str, Clip], *, needed: bool) -> Findings:
    """What each clip recorded of its parents, and of the clip that judged it, against those that are here."""
    for name, clip in sorted(clips.items()):
        judge = clip.document.get("gate_parent")
        for parent in [*clip.document["parents"], *([judge] if judge else [])]:
            where = f"clips/{name}/{DOCUMENT}"
            if parent["name"] not in clips:
                if needed:
                    yield f"{where}: parent {parent['name']} must be here, it is not"
            elif (now := clips[parent["name"]].document["packet_sha256"]) != parent["packet_sha256"]:
                yield f"{where}: parent {parent['name']} must have the packets {parent['packet_sha256']}, has {now}"


def _leaks(rows: Iterable[Mapping[str, Any]]) -> Findings:
    """A unit lies in one split; parents, children and twins lie in one unit."""
    rows = list(rows)
    unit_of = {row["name"]: row["unit"] for row in rows}
    split_of: dict[str, str] = {}
    unit_of_pair: dict[str, str] = {}
    for row in rows:
        where = f"clips/{row['name']}"
        if split_of.setdefault(row["unit"], row["split"]) != row["split"]:
            yield f"{where}: its unit must lie in one split, lies in {split_of[row['unit']]} and {row['split']}"
        if row["pair_id"] and unit_of_pair.setdefault(row["pair_id"], row["unit"]) != row["unit"]:
            yield f"{where}: pair {row['pair_id']} must lie in one unit"
        for parent in row["parents"]:
            if unit_of.get(parent, row["unit"]) != row["unit"]:
                yield f"{where}: parent {parent} must lie in its unit"


def _strangers(root: Path, listed: set[str], rows: Iterable[Mapping[str, Any]]) -> Findings:
    """What lies in the folder and is named nowhere. evidence/ and signed/ have their own lists."""
    known = {FILE, *listed} | {f"clips/{row['name']}/{name}" for row in rows for name in FILES.values()}
    for path in sorted(root.rglob("*")):
        where = path.relative_to(root).as_posix()
        if where.split("/")[0] not in ("evidence", "signed") and not path.is_dir() and where not in known:
            yield f"{where}: must be named in {FILE} or the index, is not"


def _file(root: Path, name: str, said: Mapping[str, Any]) -> Findings:
    path = _inside(root, name)
    if path.is_symlink() or not path.is_file():
        yield f"{name}: must be a plain file, {'is none' if path.exists() else 'is missing'}"
    elif path.stat().st_size != said["bytes"]:
        yield f"{name}: bytes must be {said['bytes']}, got {path.stat().st_size}"
    elif (got := file_sha256(path)) != said["sha256"]:
        yield f"{name}: sha256 must be {said['sha256']}, got {got}"


def _inside(root: Path, name: object) -> Path:
    """A listed file's path; ValueError when a step of it would leave the folder."""
    steps = name.split("/") if isinstance(name, str) else [name]
    return root.joinpath(*(check_name(step, "file") for step in steps))
