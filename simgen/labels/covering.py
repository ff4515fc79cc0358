"""What a picture's depth says of a place between the centres of its pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array

Index = NDArray[np.int64]


def _corner(u: Array, v: Array) -> tuple[Index, Index]:
    """Column and row (P,) of the top-left one of the pixels around places (P,)."""
    with np.errstate(invalid="ignore"):
        left, top = (np.clip(np.nan_to_num(np.floor(x), nan=-9.0), -9, 1e6).astype(np.int64) for x in (u, v))
    return left, top


def nearest_of_four(depth_m: NDArray[np.floating]) -> NDArray[np.floating]:
    """(H + 1, W + 1) the least depth of each four pixels of a picture (H, W) that have a corner in common; at its
    border of those that there are."""
    wide = np.pad(depth_m, 1, mode="edge")
    wide = np.minimum(wide[:, 1:], wide[:, :-1])
    nearest: NDArray[np.floating] = np.minimum(wide[1:], wide[:-1])
    return nearest


def nearest_around(nearest: NDArray[np.floating], u: Array, v: Array) -> Array:
    """The least depth of the pixels around places (...) in a picture, by its ``nearest_of_four``; outside of it those
    of its border."""
    # By fmax and fmin, so that what is no number is at the border.
    top, left = (
        np.fmin(np.fmax(np.floor(x) + 1.0, 0.0), last - 1.0) for x, last in zip((v, u), nearest.shape, strict=True)
    )
    found: Array = nearest.reshape(-1).take((top * nearest.shape[1] + left).astype(np.int64))
    return found


def around(u: Array, v: Array, shape: tuple[int, ...]) -> tuple[Index, Index, Array, NDArray[np.bool_]]:
    """Rows, columns and bilinear weights (4, P) of the pixels around places (P,) in a picture (H, W), and whether it
    has them; where not, the nearest one that it has stands in."""
    left, top = _corner(u, v)
    right, below = np.nan_to_num(u - left), np.nan_to_num(v - top)
    rows, columns = np.stack([top, top, top + 1, top + 1]), np.stack([left, left + 1, left, left + 1])
    weights = np.stack([(1 - below) * (1 - right), (1 - below) * right, below * (1 - right), below * right])
    real = (rows >= 0) & (rows < shape[0]) & (columns >= 0) & (columns < shape[1])
    return np.clip(rows, 0, shape[0] - 1), np.clip(columns, 0, shape[1] - 1), weights, real


def inverse_depth(
    depth_m: NDArray[np.floating],
    owner: NDArray[np.integer],
    rows: Index,
    columns: Index,
    u: Array,
    v: Array,
) -> tuple[Array, Array]:
    """1 / depth at pixels (4, P) or (P,), 0 for none, and by how much it may differ at the places (P,) between them.

    On a plane it is linear in the picture. Its slope along an axis is known from neighbours which show the same thing,
    by ``owner`` (H, W): from both the gentler one, as the other may be a step, and none where it turns.
    """
    middle, across, along = _slopes(depth_m, owner, rows, columns)
    return middle, across * np.abs(u - columns) + along * np.abs(v - rows)


def error_per_m(
    depth_m: NDArray[np.floating], owner: NDArray[np.integer], rows: Index, columns: Index, u: Array, v: Array
) -> Array:
    """By how much the difference of the two that ``inverse_depth`` gives is off, at most, for each metre by which
    depths are."""
    middle, across, along = _slopes(depth_m, owner, rows, columns)
    off: Array = middle**2
    for slope, way in ((across, np.abs(u - columns)), (along, np.abs(v - rows))):
        off = off + way * (middle**2 + (middle + slope) ** 2)
    return off


def _slopes(
    depth_m: NDArray[np.floating], owner: NDArray[np.integer], rows: Index, columns: Index
) -> tuple[Array, Array, Array]:
    """1 / depth at pixels, and its slopes per pixel along rows and columns."""
    last = depth_m.shape[0] - 1, depth_m.shape[1] - 1

    def rise(down: int, right: int) -> Array:
        y, x = np.clip(rows + down, 0, last[0]), np.clip(columns + right, 0, last[1])
        own = (owner[y, x] == mine) & ((y != rows) | (x != columns))
        return np.where(own, _inverse_at(depth_m, y, x) - middle, np.nan)

    middle, mine = _inverse_at(depth_m, rows, columns), owner[rows, columns]
    return middle, _slope(-rise(0, -1), rise(0, 1)), _slope(-rise(-1, 0), rise(1, 0))


def _inverse_at(depth_m: NDArray[np.floating], rows: Index, columns: Index) -> Array:
    depth = depth_m[rows, columns].astype(np.float64)
    return np.where(depth > 0, 1.0 / np.maximum(depth, 1e-9), 0.0)


def surely_nearer(
    depth_m: NDArray[np.floating],
    owner: NDArray[np.integer],
    rows: Index,
    columns: Index,
    u: Array,
    v: Array,
    limit_m: Array,
) -> NDArray[np.bool_]:
    """(4, P) whether pixels (4, P) show a surface that, as steep as it may be by ``inverse_depth``, is nearer than
    ``limit_m`` (P,) at the places (P,) between them too."""
    nearer = _inverse_at(depth_m, rows, columns) > 1.0 / limit_m
    # Only what is nearer itself can be so at the place.
    some = np.nonzero(nearer)
    middle, change = inverse_depth(depth_m, owner, rows[some], columns[some], u[some[1]], v[some[1]])
    nearer[some] = middle - change > 1.0 / limit_m[some[1]]
    return nearer


def _slope(before: Array, after: Array) -> Array:
    """The size (...) of the gentler one of two slopes, 0 for two of different signs. NaN is one that is not known."""
    size: Array = np.fmin(np.abs(before), np.abs(after))
    return np.where((before * after < 0) | np.isnan(size), 0.0, size)
