"""Small changes of a source file, each of which should make a test fail (see `mutants`)."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

OTHER_BOUND = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==",
    ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip
OTHER_SIGN = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.FloorDiv: "/", ast.Mod: "*",
    ast.BitAnd: "|", ast.BitOr: "&",
}  # fmt: skip
OTHER_NAME = {"min": "max", "floor": "ceil", "any": "all", "first": "last", "min_horizontal": "max_horizontal"}
OTHER_NAME |= {other: name for name, other in OTHER_NAME.items()}
OTHER_VALUE = {"0": "1", "1": "0", "0.0": "1.0", "1.0": "0.0", "True": "False", "False": "True"}


@dataclass(frozen=True)
class Mutant:
    """One change."""

    file: str
    lines: range
    """The lines of the statement that is changed."""
    text: str
    """The lines before and after, as a diff has them."""
    changed: str
    """The whole file with the change."""

    @property
    def as_argued(self) -> str:
        """How MUTANTS.md has it: its file, and the change."""
        return f"{self.file.removeprefix('src/nfm_sim/')}\n{self.text}\n"

    @property
    def place(self) -> str:
        return f"{self.file}:{self.lines.start}"


def mutants_of(file: Path, root: Path) -> list[Callable[[], Mutant | None]]:
    """Return all changes of a file, each to be made when it is wanted: None for what is no Python, or changes nothing.

    There are thousands, and few are tried.
    """
    source = file.read_text()
    name = str(file.relative_to(root))
    return [partial(_mutant, name, source, *change) for change in _changes(source)]


def _mutant(file: str, source: str, statement: ast.stmt, node: ast.expr | ast.stmt, put: str) -> Mutant | None:
    """Put a text in place of a node."""
    lines = source.encode().splitlines(keepends=True)  # columns count bytes
    first, last = node.lineno - 1, node.end_lineno or node.lineno
    head, tail = lines[first][: node.col_offset], lines[last - 1][node.end_col_offset :]
    changed = b"".join([*lines[:first], head, put.encode(), tail, *lines[last:]]).decode()
    try:
        if ast.dump(ast.parse(changed)) == ast.dump(ast.parse(source)):
            return None
    except SyntaxError:
        return None
    before = b"".join(lines[first:last]).decode().splitlines()
    after = (head + put.encode() + tail).decode().splitlines()
    text = "\n".join([*(f"- {line.strip()}" for line in before), *(f"+ {line.strip()}" for line in after)])
    return Mutant(file, range(node.lineno, (statement.end_lineno or statement.lineno) + 1), text, changed)


Change = tuple[ast.stmt, "ast.expr | ast.stmt", str]
"""The statement, what is changed in it, and into what."""
NO_DOING = {"annotation", "returns", "decorator_list"}
"""Parts of statements that declare, and do nothing."""
ASSURED = {"strict", "check_sortedness", "maintain_order"}
"""Arguments that assure what holds anyway, as `assert` does."""


def _changes(source: str) -> Iterator[Change]:
    """Walk over what a module does; declarations, texts, types and what raises errors do nothing."""
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        part = waiting.pop()
        for name, value in ast.iter_fields(part):
            children = value if isinstance(value, list) else [value]
            waiting += [child for child in children if isinstance(child, ast.AST) and _does(child, name)]
        if isinstance(part, ast.stmt):
            yield from ((part, node, put) for node, put in _of_statement(part, source))
            for expression in _expressions(part):
                yield from ((part, expression, put) for put in _of_expression(expression, source))


def _does(child: ast.AST, name: str) -> bool:
    if name in NO_DOING or (isinstance(child, ast.keyword) and child.arg in ASSURED):
        return False
    return not isinstance(child, ast.Raise | ast.Assert | ast.JoinedStr) and not _is_alias(child)


def _is_alias(statement: ast.AST) -> bool:
    """Whether a statement names a type, such as `Rank = tuple[float, ...]`."""
    match statement:
        case ast.Assign([ast.Name(name)], ast.BinOp() | ast.Subscript()):
            return name[0].isupper() and not name.isupper()
    return False


def _expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """The expressions of a statement itself, not those of the statements in it."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        part = waiting.pop()
        if isinstance(part, ast.expr):
            yield part
        for name, value in ast.iter_fields(part):
            children = value if isinstance(value, list) else [value]
            waiting += [
                child
                for child in children
                if isinstance(child, ast.AST) and not isinstance(child, ast.stmt) and _does(child, name)
            ]


def _of_statement(statement: ast.stmt, source: str) -> Iterator[tuple[ast.expr | ast.stmt, str]]:
    """Yield what of a statement may be changed, and into what."""
    for branch in [*getattr(statement, "body", []), *getattr(statement, "orelse", [])]:
        early = isinstance(branch, ast.Return | ast.Continue | ast.Break) and isinstance(statement, ast.If)
        called = isinstance(branch, ast.Expr) and not isinstance(branch.value, ast.Constant | ast.Yield)
        if early or called or isinstance(branch, ast.AugAssign | ast.Delete):
            yield branch, "pass"
    match statement:
        case ast.If(test):
            yield from ((test, put) for put in (f"not ({_text(test, source)})", "True", "False"))
        case ast.While(test):
            yield test, "False"
        case ast.AugAssign(target, operator, value) if type(operator) in OTHER_SIGN:
            yield statement, f"{_text(target, source)} {OTHER_SIGN[type(operator)]}= {_text(value, source)}"


def _text(node: ast.AST, source: str) -> str:
    """The text of a node, in brackets where it may need them."""
    text = ast.get_source_segment(source, node) or ast.unparse(node)
    return text if isinstance(node, ast.Name | ast.Constant | ast.Call | ast.Attribute | ast.Subscript) else f"({text})"


def _of_expression(node: ast.expr, source: str) -> Iterator[str]:
    """Yield what an expression may be changed into."""
    match node:
        case ast.Compare(left, [operator], [right]):
            yield f"{_text(left, source)} {OTHER_BOUND[type(operator)]} {_text(right, source)}"
        case ast.BinOp(left, operator, right) if type(operator) in OTHER_SIGN:
            yield f"({_text(left, source)} {OTHER_SIGN[type(operator)]} {_text(right, source)})"
            yield _text(left, source)
        case ast.BoolOp(operator, values):
            words = " and ", " or "
            own, other = words if isinstance(operator, ast.And) else words[::-1]
            texts = [_text(value, source) for value in values]
            yield f"({other.join(texts)})"
            yield from (f"({own.join(texts[:n] + texts[n + 1 :])})" for n in range(len(texts)))
        case ast.UnaryOp(ast.Not() | ast.USub() | ast.Invert(), operand):
            yield _text(operand, source)
        case ast.IfExp(_, body, orelse):
            yield _text(body, source)
            yield _text(orelse, source)
        case ast.Constant(value) if repr(value) in OTHER_VALUE:
            yield OTHER_VALUE[repr(value)]
        case ast.Call(ast.Name("sorted"), _, keywords) if not any(word.arg == "reverse" for word in keywords):
            yield f"{_text(node, source)[:-1].rstrip().rstrip(',')}, reverse=True)"
        case ast.Name(name, ast.Load()) if name in OTHER_NAME:
            yield OTHER_NAME[name]
        case ast.Attribute(value, name, ast.Load()) if name in OTHER_NAME:
            yield f"{_text(value, source)}.{OTHER_NAME[name]}"
