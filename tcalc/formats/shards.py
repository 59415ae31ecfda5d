"""Models in several files: ``model-00001-of-00003.safetensors`` and its like, and the ``index.json`` beside them."""

from __future__ import annotations

import os
import re

from tcalc.engine.bundle import Bundle, Entry
from tcalc.formats.loaded import Loaded, TextOptions, data_error, quoted
from tcalc.formats.source import open_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

_SHARD = re.compile(r"(.*)-(\d{2,6})-of-(\d{2,6})\.(safetensors|pt|pth|bin)")
_INDEX_ENDING = ".index.json"
_LARGEST_INDEX = 1 << 26


def read(path: str) -> Loaded | None:
    """The bundle of a pattern of shards or of an index; None where the path is neither."""
    if path.endswith(_INDEX_ENDING) and os.path.isfile(path):
        return read_index(path)
    if any(mark in path for mark in "*?[") and not os.path.exists(path):
        from glob import glob

        found = sorted(glob(path))
        return read_all(found) if found else None
    return None


def are_shards(paths: Sequence[str]) -> bool:
    """Whether several paths are the parts of one model."""
    matches = [_SHARD.fullmatch(path) for path in paths]
    parts = [match.group(1, 3, 4) if match is not None else None for match in matches]
    return len(paths) > 1 and None not in parts and len(set(parts)) == 1


def common_name(paths: Sequence[str]) -> str:
    """What the parts of one model are called together: ``model-*-of-00003.safetensors``."""
    match = _SHARD.fullmatch(paths[0])
    assert match is not None
    return f"{match[1]}-*-of-{match[3]}.{match[4]}"


def read_all(paths: Iterable[str]) -> Loaded:
    """The tensors of several files as one bundle; a name in two of them is a fault."""
    entries: dict[str, Entry] = {}
    metadata: dict[str, str] = {}
    origin: dict[str, str] = {}
    format = ""
    for path in paths:
        bundle, format = _one(path)
        for name, entry in bundle.entries().items():
            if name in entries:
                raise data_error(path, f"the tensor {quoted(name)} is in {origin[name]} too")
            entries[name], origin[name] = entry, path
        metadata |= bundle.metadata
    return Loaded(Bundle(entries, metadata), format)


def _one(path: str) -> tuple[Bundle, str]:
    from tcalc.formats.reading import read as read_source

    loaded = read_source(open_file(path), None, TextOptions())
    if not isinstance(loaded.x, Bundle):
        raise data_error(path, "this is one of several files of a model, and holds no bundle of tensors")
    return loaded.x, loaded.format


def read_index(path: str) -> Loaded:
    """The bundle that an index describes, in its order; its files lie beside it."""
    wanted = _weight_map(path)
    folder = os.path.dirname(path)
    for name in set(wanted.values()):
        if "/" in name or "\\" in name or name in ("", ".", ".."):
            raise data_error(path, f"the index names the file {quoted(name)}, which does not lie beside it")
    files = [os.path.join(folder, name) for name in dict.fromkeys(wanted.values())]
    loaded = read_all(files)
    entries = loaded.x.entries()
    for name, file in wanted.items():
        if name not in entries:
            raise data_error(path, f"the tensor {quoted(name)} is not in {file}, where the index says it is")
    ordered = {name: entries[name] for name in wanted}
    return Loaded(Bundle({**ordered, **entries}, loaded.x.metadata), loaded.format)


def _weight_map(path: str) -> dict[str, str]:
    """The file of each tensor, by name."""
    import json

    source = open_file(path)
    if source.size > _LARGEST_INDEX:
        raise data_error(path, f"the index is {source.size} bytes long; at most {_LARGEST_INDEX} are read")
    try:
        found: Any = json.loads(bytes(source.data()))
    except (ValueError, RecursionError):
        raise data_error(path, "the index is no JSON") from None
    names = found.get("weight_map") if isinstance(found, dict) else None
    if not isinstance(names, dict) or not names or not all(isinstance(file, str) for file in names.values()):
        raise data_error(path, "the index has no weight_map of names and files")
    return names
