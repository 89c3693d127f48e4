"""Packaging: published clips and shards become a dataset's folder, which appears by one rename when it is complete.

    datasets/<name>/    manifest.json (last), index/part-*.parquet, clips/<task name>/, exports/<format>/

Clips are hard links to the store's files where the file system can (the bytes exist once), copies where it cannot.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from synth.config import PackageRecipe
from synth.dataset.canonical import check_name, facts
from synth.dataset.clip import Store, attempting, publish
from synth.dataset.index import FILES, rows, write_index
from synth.dataset.manifest import FILE, manifest, write_manifest
from synth.task import Task


def plan_shards(recipe: PackageRecipe, store: Store, names: Sequence[str]) -> Iterator[Task]:
    """The tasks that write the exports: each format, each split, clips dealt in the order of their names. The clips
    must stand, because the split of a clip depends on what it was made from."""
    table = rows(store, names, shares=recipe.splits, seed=recipe.seed)
    for form in recipe.formats:
        for split in sorted({row["split"] for row in table}):
            inside = [row["name"] for row in table if row["split"] == split]
            for number, start in enumerate(range(0, len(inside), recipe.clips_per_shard)):
                members = tuple(inside[start : start + recipe.clips_per_shard])
                spec = {"format": form, "stem": f"{check_name(split, 'split')}-{number:06d}"}
                yield Task(kind="shard", spec=spec, parents=members)


def split_of(stem: str) -> str:
    """The split whose clips a shard of this stem holds, as plan_shards() named it."""
    return stem.rpartition("-")[0] or stem


def assemble(
    recipe: PackageRecipe,
    tree: Mapping[str, Any],
    root: Path,
    names: Sequence[str],
    shards: Sequence[Task] = (),
    *,
    run_id: str = "local",
) -> Path:
    """Makes `root/datasets/<recipe name>` from clips and shards published below `root`; returns its folder.

    `tree` is the resolved recipe as plain data, for the manifest; `run_id` says whose attempt it is. An older dataset
    of that name stays until the new one is complete, then it goes.
    """
    name = check_name(recipe.name, "name")
    store, shelf = Store(root), Store(root, "shards")
    table = rows(store, names, shares=recipe.splits, seed=recipe.seed)
    if not table:
        raise ValueError(f"{name}: a dataset must hold at least one clip, got none")
    target = root / "datasets" / name
    if target.exists() and not (target / FILE).is_file():
        raise ValueError(f"{target} must be a dataset to be replaced, it has no {FILE}: choose another name")
    with attempting(root, f"{run_id}/{name}") as private:
        for row in table:
            _link_clip(store.folder(row["name"]), private / "clips" / row["name"], row)
        exported = [file for shard in shards for file in _link_shard(shelf, shard, private)]
        parts = write_index(private / "index", table)
        write_manifest(private, manifest(name=name, recipe=tree, rows=table, index=parts, shards=exported))
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(private, target)
    return target


def link(source: Path, target: Path) -> None:
    """The same bytes under a second name: a hard link, or a copy where links cannot be made (another file system, a
    file system without links, too many links to one file)."""
    try:
        target.hardlink_to(source)
    except OSError as error:
        if isinstance(error, FileExistsError | FileNotFoundError):
            raise
        shutil.copyfile(source, target)


def _link_clip(source: Path, target: Path, row: Mapping[str, Any]) -> None:
    target.mkdir(parents=True)
    for stem, file in FILES.items():
        stored = (source / file).stat().st_size
        if stored != row[f"{stem}_bytes"]:
            raise ValueError(
                f"{source / file} must have the {row[f'{stem}_bytes']} bytes it was made with, got {stored}: "
                "remove the clip's folder and make it again"
            )
        link(source / file, target / file)


def _link_shard(shelf: Store, shard: Task, private: Path) -> list[dict[str, Any]]:
    """Links a shard's files; returns what the manifest says of each."""
    if not shelf.is_whole(shard.name):
        raise FileNotFoundError(f"{shelf.folder(shard.name)} must be a published shard: make it first (synth run)")
    form = check_name(shard.spec["format"], "format")
    made = []
    for source in sorted(p for p in shelf.folder(shard.name).rglob("*") if p.is_file()):
        file = f"exports/{form}/{source.relative_to(shelf.folder(shard.name)).as_posix()}"
        (private / file).parent.mkdir(parents=True, exist_ok=True)
        link(source, private / file)
        made.append({"file": file, "task": shard.name, **facts(source)})
    return made


def _replace(private: Path, target: Path) -> None:
    """Publishes over an older dataset. Killed between the two renames, the name is absent and the next run makes it;
    it never holds half of one."""
    retired = private.with_name(f"{private.name}.old")
    if target.exists():
        target.rename(retired)
    try:
        if not publish(private, target):
            raise FileExistsError(f"{target} must not be written by two packages at once: run it again")
    except OSError:
        if retired.exists() and not target.exists():
            retired.rename(target)
        raise
    finally:
        shutil.rmtree(retired, ignore_errors=True)
