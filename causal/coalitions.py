"""Shapley values of a game over players: exact from all coalitions, or averaged over given orders of joining."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Orders = NDArray[np.int64]
MOST_EXACT = 15


def shapley_exact(values: Array) -> Array:
    """Shapley values (n,) from v of every coalition (2^n,), coalition S at the index with bit j set for j in S."""
    players = int(values.size).bit_length() - 1
    index = np.arange(values.size)
    sizes = np.array([int(i).bit_count() for i in range(values.size)])
    weight = np.array(
        [math.factorial(k) * math.factorial(players - k - 1) / math.factorial(players) for k in range(players)]
    )
    answer = np.empty(players)
    for player in range(players):
        without = index[(index >> player) & 1 == 0]
        answer[player] = np.sum(weight[sizes[without]] * (values[without | (1 << player)] - values[without]))
    return answer


def shapley_of_orders(gains: Array, orders: Orders) -> Array:
    """Mean gain (n,) of each player over orders (P, n) in which `gains` (P, n) came as players joined."""
    answer = np.zeros(orders.shape[1])
    np.add.at(answer, orders, gains / orders.shape[0])
    return answer


def joining_orders(players: int, count: int, rng: np.random.Generator) -> Orders:
    """`count` random orders of joining (count, players), every second one the reverse of the one before it.

    Antithetic pairs; for comparing with another program give its own orders instead.
    """
    drawn = [rng.permutation(players) for _ in range((count + 1) // 2)]
    both = [order for one in drawn for order in (one, one[::-1])]
    return np.array(both[:count], dtype=np.int64)


def check_orders(orders: Orders, players: int) -> None:
    """Raises ValueError unless every row of `orders` names every player once."""
    if orders.ndim != 2 or not orders.size or (np.sort(orders, axis=1) != np.arange(players)).any():
        raise ValueError(f"every order has to name each of the {players} players once")
