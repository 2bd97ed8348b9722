"""What the fields of a class mean: the docstrings below them, read of its source when somebody asks.

Pydantic reads them too (`use_attribute_docstrings`), but of every class that is loaded: a fifth of a second before the
first event.
"""

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise


def meanings(of: type) -> dict[str, str]:
    """Return what stands below each field of a class, and of those that it inherits from."""
    found: dict[str, str] = {}
    for each in reversed(of.__mro__):
        found |= _by_class(each.__module__).get(each.__name__, {})
    return found


@cache
def _by_class(module: str) -> dict[str, dict[str, str]]:
    """By class of a module; empty where there is no source to read."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (OSError, TypeError):
        return {}
    return {each.name: dict(_documented(each)) for each in ast.walk(tree) if isinstance(each, ast.ClassDef)}


def _documented(of: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, below in pairwise(of.body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(below, ast.Expr):
            text = below.value
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                yield field.target.id, inspect.cleandoc(text.value)
