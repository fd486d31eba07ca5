"""Components: which of many things belong together, where each shares a value with the next."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def components(codes: Sequence[np.ndarray]) -> np.ndarray:
    """Return for each thing the number of its component, counted from 0 in the order of first appearance.

    ``codes`` has an array for each kind of key: the number of the value that a thing has, or -1 where it has none.
    Things that share a value of one kind belong together, and so does whoever shares one with either.

    >>> components([np.array([0, 1, -1, 0]), np.array([5, -1, 5, 6])]).tolist()
    [0, 1, 0, 0]
    """
    things = len(codes[0])
    ends: list[np.ndarray] = []
    starts: list[np.ndarray] = []
    nodes = things
    for kind in codes:
        known = np.flatnonzero(kind >= 0)
        starts.append(known)
        ends.append(kind[known] + nodes)
        nodes += int(kind.max(initial=-1)) + 1
    start, end = np.concatenate(starts), np.concatenate(ends)
    graph = coo_array((np.ones(len(start), np.int8), (start, end)), shape=(nodes, nodes)).tocsr()
    _, labels = connected_components(graph, directed=False)
    return _by_appearance(labels[:things])


def of_pairs(things: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return for each thing the number of its component, where pairs of them belong together.

    >>> of_pairs(4, np.array([0, 3]), np.array([2, 2])).tolist()
    [0, 1, 0, 0]
    """
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(things, things)).tocsr()
    labels = connected_components(graph, directed=False)[1]
    return _by_appearance(labels)


def _by_appearance(labels: np.ndarray) -> np.ndarray:
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    found: np.ndarray = rank[inverse]
    return found
