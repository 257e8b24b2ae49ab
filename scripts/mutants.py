"""Small changes to a module: a comparison at its limit, a number, a sign, a condition; one at a time."""

from __future__ import annotations

import ast
import random
import types
from collections.abc import Iterator
from dataclasses import dataclass

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    **{ast.GtE: ast.Gt, ast.Gt: ast.GtE, ast.LtE: ast.Lt, ast.Lt: ast.LtE, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq},
    **{ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is},
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    **{ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult},
    **{ast.Mod: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd},
}
_PAIRS = (("min", "max"), ("minimum", "maximum"), ("fmin", "fmax"), ("argmin", "argmax"), ("any", "all"))
NAMES = dict(_PAIRS) | {two: one for one, two in _PAIRS} | {"floor": "ceil", "ceil": "floor"}
SIDES = {"left": "right", "right": "left"}
# Code that surrounds a change is shown up to a statement, or up to an expression of this many characters.
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change.

    Parameters
    ----------
    node, choice
        Number of the changed node in the order of `ast.walk`, and which of its changes this is.
    line
        Line of the file.
    change
        The code around it before and after, ``before -> after``.
    """

    node: int
    choice: int
    line: int
    change: str


def list_mutants(text: str) -> list[Mutant]:
    """List every change that is made to a module, in the order of its syntax tree.

    Left alone are texts, annotations, decorators and imports: they are no behaviour, or with a change nothing starts.
    """
    tree = ast.parse(text)
    spared, parents = _find_spared(tree), _find_parents(tree)
    found = []
    for number, node in enumerate(ast.walk(tree)):
        if node in spared:
            continue
        for choice, changed in enumerate(_list_changes(node, parents.get(node))):
            shown = _find_shown(node, parents)
            before = ast.unparse(shown)
            _swap(parents[node], node, changed)
            after = ast.unparse(changed if shown is node else shown)
            _swap(parents[node], changed, node)
            found.append(Mutant(number, choice, int(getattr(node, "lineno", 0)), f"{before} -> {after}"))
    return found


def draw_mutants(text: str, count: int, seed: int, equivalent: set[str]) -> list[Mutant]:
    """Draw some of the mutants at random, those named as equivalent left out, in the order of the lines."""
    mutants = list_mutants(text)
    random.Random(seed).shuffle(mutants)
    drawn = [one for one in mutants if one.change not in equivalent][:count]
    return sorted(drawn, key=lambda one: (one.line, one.change))


def build_mutant(text: str, mutant: Mutant, file: str) -> types.CodeType:
    """Compile a module with one change."""
    tree = ast.parse(text)
    parents = _find_parents(tree)
    node = list(ast.walk(tree))[mutant.node]
    changed = list(_list_changes(node, parents.get(node)))[mutant.choice]
    _swap(parents[node], node, ast.copy_location(changed, node))
    return compile(ast.fix_missing_locations(tree), file, "exec")


def _find_parents(tree: ast.Module) -> dict[ast.AST, ast.AST]:
    return {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}


def _find_spared(tree: ast.Module) -> set[ast.AST]:
    """Return the nodes that are left alone."""
    roots: list[ast.AST] = []
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                roots += [*node.decorator_list, *([node.returns] if node.returns else [])]
            case ast.ClassDef():
                roots += node.decorator_list
            case ast.arg() | ast.AnnAssign():
                roots += [node.annotation] if node.annotation else []
            case ast.JoinedStr():
                roots.append(node)
    return {node for root in roots for node in ast.walk(root)}


def _find_shown(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> ast.AST:
    """Return the code that shows a change: its statement, of a statement with a body the expression alone."""
    shown = node
    while not isinstance(shown, ast.stmt) and (shown is node or len(ast.unparse(shown)) < _SHOWN):
        above = parents[shown]
        if hasattr(above, "body") and not isinstance(above, ast.expr):
            break
        shown = above
    return shown


def _swap(parent: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for name, value in ast.iter_fields(parent):
        if value is old:
            setattr(parent, name, new)
        elif isinstance(value, list):
            value[:] = [new if one is old else one for one in value]


def _list_changes(node: ast.AST, parent: ast.AST | None) -> Iterator[ast.AST]:
    """Go through what may stand in place of a node."""
    match node:
        case ast.Compare():
            for at, operator in enumerate(node.ops):
                if type(operator) in COMPARISONS:
                    ops = [*node.ops[:at], COMPARISONS[type(operator)](), *node.ops[at + 1 :]]
                    yield ast.Compare(node.left, ops, node.comparators)
        case ast.BinOp() if type(node.op) in ARITHMETIC:
            yield ast.BinOp(node.left, ARITHMETIC[type(node.op)](), node.right)
        case ast.AugAssign() if type(node.op) in ARITHMETIC:
            yield ast.AugAssign(node.target, ARITHMETIC[type(node.op)](), node.value)
        case ast.BoolOp():
            yield ast.BoolOp(ast.And() if isinstance(node.op, ast.Or) else ast.Or(), node.values)
        case ast.UnaryOp(op=ast.Not() | ast.Invert()):
            yield node.operand
        case ast.UnaryOp(op=ast.USub()) if not isinstance(node.operand, ast.Constant):
            yield node.operand
        case ast.Constant():
            yield from _list_constants(node, parent)
        case ast.Name() if node.id in NAMES and isinstance(parent, ast.Call) and parent.func is node:
            yield ast.Name(NAMES[node.id], ast.Load())
        case ast.Attribute() if node.attr in NAMES and isinstance(parent, ast.Call) and parent.func is node:
            yield ast.Attribute(node.value, NAMES[node.attr], ast.Load())
        case ast.Slice(upper=ast.expr() as end) if not isinstance(end, ast.Constant | ast.UnaryOp):
            yield ast.Slice(node.lower, ast.BinOp(end, ast.Add(), ast.Constant(1)), node.step)


def _list_constants(node: ast.Constant, parent: ast.AST | None) -> Iterator[ast.Constant]:
    match node.value:
        case bool() as value:
            if isinstance(parent, ast.Return):
                yield ast.Constant(not value)
        case int() as value:
            yield ast.Constant(value + 1)
        case float() as value:
            yield ast.Constant(value * 1.1 if value else 1.0)
        case str() as value:
            if value in SIDES and isinstance(parent, ast.keyword) and parent.arg == "side":
                yield ast.Constant(SIDES[value])
