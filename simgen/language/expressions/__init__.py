"""Arithmetic and conditions in plain scalars: a grammar, a static check, an evaluator. Nothing is passed to ``eval``."""

from simgen.language.expressions.checking import Names, check
from simgen.language.expressions.evaluation import Namespace, Result, bind, evaluate, number, operands, truth
from simgen.language.expressions.functions import EDGES, FUNCTIONS
from simgen.language.expressions.grammar import ExpressionInvalid, parse
from simgen.language.expressions.tree import Comparison, Expr, children, comparisons, mentioned, unparse, walk

__all__ = [
    "EDGES",
    "FUNCTIONS",
    "Comparison",
    "Expr",
    "ExpressionInvalid",
    "Names",
    "Namespace",
    "Result",
    "bind",
    "check",
    "children",
    "comparisons",
    "evaluate",
    "mentioned",
    "number",
    "operands",
    "parse",
    "truth",
    "unparse",
    "walk",
]
