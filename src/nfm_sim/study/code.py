"""The code that the numbers of a study depend on, as far as it can be had: a study must go on with the same.

It is that of the model and of packages, and of a user's own measures and kinds.
"""

import inspect
import types
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from functools import cache, cached_property, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from nfm_sim.kinds import own
from nfm_sim.measures import Measure
from nfm_sim.study.records import digest

PACKAGES = ("nfm_sim", "simpy", "numpy", "scipy", "polars")
"""Packages on which a number in a table may depend."""
MODEL = ("kinds", "record", "network", "scenario", "plan", "compile", "engine", "measures")
"""The rooms of the package that a number in a table may depend on."""
WRAPPERS = (staticmethod, classmethod, property, cached_property, partial)
"""What functions stand in, in classes and out of them."""
PLAIN = (bool, int, float, complex, str, bytes, type(None))
"""Values whose text says all of them."""


def current_key() -> dict[str, Any]:
    """Return the versions that a study made now is made with: the code of the model, and the versions of packages."""
    return {"model": model_digest(), "versions": {name: version(name) for name in PACKAGES}}


@cache
def model_digest() -> str:
    """The digest of the code that numbers depend on: all rooms of the making wing, and the measures."""
    root = Path(__file__).parents[1]
    files = [file for room in MODEL for kind in ("*.py", "*.csv") for file in (root / room).rglob(kind)]
    code = b"\0".join(part for file in sorted(files) for part in (file.name.encode(), file.read_bytes()))
    return digest(code)


def code_of(measures: Mapping[str, Measure]) -> dict[str, str | None]:
    """Return the digest of the code of each measure; None where a part of it cannot be had."""
    return {name: _digest(measure) for name, measure in measures.items()}


def code_of_kinds() -> dict[str, str | None]:
    """Return the digest of the code of each kind that users declared, as `code_of` does."""
    return {f"{type(kind).registry.what} {kind.name}": _digest(kind) for kind in own()}


def _digest(own_code: object) -> str | None:
    parts = list(_parts(own_code, {}))
    return None if None in parts else digest("\0".join(filter(None, parts)).encode("utf-8", "backslashreplace"))


def _parts(value: object, seen: dict[int, Any]) -> Iterator[str | None]:
    """Yield the text of a value and of all that it uses, where that is the user's own; None for what has no text."""
    if id(value) in seen:
        return
    seen[id(value)] = value
    if isinstance(value, PLAIN):
        yield repr(value)
    elif isinstance(value, types.ModuleType):
        yield value.__name__
        if not _is_installed(value):
            yield from _parts({name: part for name, part in vars(value).items() if not name.startswith("__")}, seen)
    elif isinstance(value, tuple | list | frozenset | set | dict):
        items = [*value, *value.values()] if isinstance(value, dict) else list(value)
        if isinstance(value, set | frozenset):
            items.sort(key=repr)  # their order differs from process to process
        yield f"{type(value).__name__} of {len(items)}"
        for item in items:
            yield from _parts(item, seen)
    elif isinstance(value, types.FunctionType | type):
        yield value.__qualname__
        if not _is_installed(value):
            yield from _parts_of_code(value, seen)
    elif isinstance(value, WRAPPERS):
        names = ("__func__", "fget", "func", "args", "keywords")
        yield from _parts([getattr(value, name, None) for name in names], seen)
    elif hasattr(value, "__dict__") and (is_dataclass(value) or not _is_installed(type(value))):
        yield from _parts(type(value), seen)
        yield from _parts({**vars(value)}, seen)
    elif isinstance(value, types.BuiltinFunctionType):
        yield value.__qualname__
    else:
        yield None


def _parts_of_code(value: types.FunctionType | type, seen: dict[int, Any]) -> Iterator[str | None]:
    try:
        yield inspect.getsource(value)
    except (OSError, TypeError):
        if isinstance(value, type):
            yield None
        else:
            yield value.__code__.co_code.hex()
    if isinstance(value, type):
        yield from _parts(value.__bases__, seen)
        yield from _parts([field.get_default() for field in getattr(value, "model_fields", {}).values()], seen)
        for name, part in vars(value).items():
            if isinstance(part, types.FunctionType):  # its source stands in that of the class
                yield from _used_by(part, seen)
            elif not name.startswith(("__", "_abc_", "model_")) and not isinstance(part, types.MemberDescriptorType):
                yield from _parts(part, seen)
    else:
        yield from _used_by(value, seen)


def _used_by(function: types.FunctionType, seen: dict[int, Any]) -> Iterator[str | None]:
    """What a function has besides its source: defaults, what stood around it, constants and globals."""
    if _is_installed(function):  # pydantic puts some into its models
        return
    yield from _parts(function.__defaults__, seen)
    yield from _parts(function.__kwdefaults__, seen)
    for cell in function.__closure__ or ():
        yield from _parts(cell.cell_contents if cell != types.CellType() else None, seen)
    for code in _codes(function.__code__):
        yield repr([constant for constant in code.co_consts if isinstance(constant, PLAIN)])
        for name in code.co_names:
            if name in function.__globals__:
                yield from _parts(function.__globals__[name], seen)


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def _is_installed(value: Any) -> bool:
    """Whether a function or class comes from a package that is installed, whose versions the study knows."""
    try:
        file = inspect.getfile(value)
    except (OSError, TypeError):
        return getattr(value, "__module__", "builtins") == "builtins"
    parts = Path(file).parts
    standard = Path(inspect.getfile(inspect)).parent
    is_ours = str(getattr(value, "__module__", value.__name__)).partition(".")[0] == "nfm_sim"
    return is_ours or "site-packages" in parts or standard in Path(file).parents or parts[-1:] == ("<frozen>",)
