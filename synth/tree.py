"""Trees of plain data: strict YAML, --set edits, key paths, and the one error that names file, key, rule and value."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml


class RecipeError(ValueError):
    """A recipe that cannot be planned: one line with file, key, rule, value and the way out."""


def nearest(name: str, names: Sequence[str]) -> str:
    """ ", did you mean 'x'?" for the closest of the names, else the whole list."""
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f", did you mean {close[0]!r}?" if close else f", must be one of {', '.join(names)}"


def join(at: str, *more: Any) -> str:
    """A key path: join("ops", 2, "crf") is ops[2].crf."""
    for part in more:
        at = f"{at}[{part}]" if isinstance(part, int) else f"{at}.{part}" if at else str(part)
    return at or "the recipe"


class _Strict(yaml.SafeLoader):
    """The safe loader, which also refuses a key that is written twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]  # type: ignore[no-untyped-call]
        twice = next((k for i, k in enumerate(keys) if k in keys[:i]), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(None, None, f"key {twice!r} stands twice", node.start_mark)
        return super().construct_mapping(node, deep)  # type: ignore[no-any-return]


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file. Raises RecipeError."""
    try:
        tree = yaml.load(path.read_text(encoding="utf-8"), Loader=_Strict)
    except OSError as error:
        raise RecipeError(f"{path}: cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}:" if mark else ""
        raise RecipeError(f"{path}:{line} not YAML: {getattr(error, 'problem', error)}") from None
    if not isinstance(tree, dict):
        raise RecipeError(f"{path}: must hold a mapping, got {type(tree).__name__}")
    return tree


def dump_yaml(trees: Sequence[Mapping[str, Any]]) -> str:
    """The trees as one YAML stream, keys sorted."""
    return str(yaml.safe_dump_all(trees, sort_keys=True, allow_unicode=True))


def edit(text: str) -> tuple[list[str], Any]:
    """(keys, value) of "path=value". Raises RecipeError."""
    path, equals, value = text.partition("=")
    if not equals or not path:
        raise RecipeError(f"--set must be path=value, got {text!r}")
    try:
        return path.split("."), yaml.load(value, Loader=_Strict)
    except yaml.YAMLError:
        raise RecipeError(f"--set {path}: value must be YAML, got {value!r}") from None


def put(tree: Any, keys: Sequence[str], value: Any) -> None:
    """Sets tree[keys...] = value; a list entry is named by its number or, in a list of ops, by its op."""
    *way, last = keys
    for key in way:
        tree = tree[_index(tree, key)] if isinstance(tree, list) else tree.setdefault(key, {})
        if not isinstance(tree, list | dict):
            raise RecipeError(f"--set {'.'.join(keys)}: {key} must be a mapping or a list, got {tree!r}")
    tree[_index(tree, last) if isinstance(tree, list) else last] = value


def _index(entries: list[Any], key: str) -> int:
    if key.isdigit() and int(key) < len(entries):
        return int(key)
    named = [e.get("op") if isinstance(e, dict) else None for e in entries]
    if key in named:
        return named.index(key)
    raise RecipeError(f"--set: a list entry must be 0..{len(entries) - 1} or the name of an op, got {key!r}")


def walk(node: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """(key path, node) of the tree's nodes, the root first."""
    yield at, node
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from walk(value, join(at, key) if at else str(key))
    elif isinstance(node, list | tuple):
        for index, value in enumerate(node):
            yield from walk(value, f"{at}[{index}]")
