"""Arithmetic and conditions in plain scalars: a grammar, a static check, an evaluator. Nothing goes to ``eval``."""

from simgen.language.expressions.checking import Names, check, told
from simgen.language.expressions.evaluation import Namespace, Result, bind, evaluate, number, operands, truth
from simgen.language.expressions.functions import EDGES, FUNCTIONS
from simgen.language.expressions.grammar import ExpressionError, parse
from simgen.language.expressions.tree import (
    Call,
    Comparison,
    Expr,
    Name,
    Number,
    Parameter,
    Property,
    Text,
    children,
    comparisons,
    mentioned,
    unparse,
    walk,
)

__all__ = [
    "EDGES",
    "FUNCTIONS",
    "Call",
    "Comparison",
    "Expr",
    "ExpressionError",
    "Name",
    "Names",
    "Namespace",
    "Number",
    "Parameter",
    "Property",
    "Result",
    "Text",
    "bind",
    "check",
    "children",
    "comparisons",
    "evaluate",
    "mentioned",
    "number",
    "operands",
    "parse",
    "told",
    "truth",
    "unparse",
    "walk",
]
