"""Answers that are remembered outside of what was asked, so that a frozen object stays as it was made."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, TypeVar, cast
from weakref import finalize, ref

Function = TypeVar("Function", bound=Callable[..., Any])


def remembered(most: int) -> Callable[[Function], Function]:
    """Have a function or method remember, for each object that is its first argument, so many of the answers that were
    asked for last. They go when the object does. The other arguments are given by position, and can be hashed."""

    def decorate(function: Function) -> Function:
        answers: dict[int, Callable[..., Any]] = {}

        @wraps(function)
        def ask(asked: object, *others: object) -> Any:
            known = answers.get(id(asked))
            if known is None:
                weakly = ref(asked)  # an answer that held the object would keep both for ever
                known = answers[id(asked)] = lru_cache(most)(lambda *others: function(weakly(), *others))
                finalize(asked, answers.pop, id(asked), None)
            return known(*others)

        return cast(Function, ask)

    return decorate
