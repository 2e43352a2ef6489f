"""An outlier score of a linear model that does not saturate, by conditional Monte Carlo; a number of its own.

The counting score of causal/attribution.py cannot pass ln(2 M + 1) and is noisy just below. Here one remaining noise of
the coalition's complement, the one with the largest |a_j| s_j, is integrated analytically (causal.md 2.3 v):

    P_S = mean_i [ 1 - F((R - rest_i) / (|a_j| s_j)) + F((L - rest_i) / (|a_j| s_j)) ],    v(S) = ln P_S,

F the t with nu_j, and L, R as far from the median of the draws as the anomalous value. Never mix it with the other: the
event (as far from the median) and the noise (the fitted t, not the draws, for one of them) differ.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from causal.attribution import Attribution
from causal.coalitions import Orders, check_orders, shapley_of_orders
from causal.structural import StructuralModel

Array = NDArray[np.float64]
LEAST = 1e-300
TAIL = 0.5
SERIES = 56  # terms until TAIL^k is below double precision


def student_tail(t: Array, nu: float) -> Array:
    """1 - F(t) of the t with a whole number nu of degrees, exact to a few ulps far out in the tail too.

    Finite sums in the angle atan(t / sqrt(nu)) (Abramowitz and Stegun 26.7.3 and 26.7.4); in the tail what they leave
    of 1, a series in nu / (nu + t^2), is summed instead. Raises ValueError unless nu is a whole number of 1 or more.
    """
    degrees = round(nu)
    if degrees != nu or degrees < 1:
        raise ValueError(f"nu is {nu}, it has to be a whole number of 1 or more")
    size = np.abs(t)
    z = degrees / (degrees + size**2)
    sine = size / np.sqrt(degrees + size**2)
    odd = degrees % 2
    terms = (degrees - 1) // 2 if odd else degrees // 2
    series = _coefficients(odd, terms + SERIES)
    front = 2.0 / math.pi * np.sqrt(z) * sine if odd else sine
    near = 1.0 - front * _polynomial(series[:terms], z)
    if odd:
        near -= 2.0 / math.pi * np.arctan2(size, math.sqrt(degrees))
    far = front * z**terms * _polynomial(series[terms:], z)
    upper = 0.5 * np.where(z < TAIL, far, near)
    answer: Array = np.where(t >= 0, upper, 1.0 - upper)
    return answer


def _coefficients(odd: int, count: int) -> list[float]:
    """Of 1 / sqrt(1 - z), or of arcsin(sqrt z) / sqrt(z (1 - z)) for odd degrees."""
    answer = [1.0]
    for k in range(1, count):
        answer.append(answer[-1] * (2 * k / (2 * k + 1) if odd else (2 * k - 1) / (2 * k)))
    return answer


def _polynomial(coefficients: list[float], z: Array) -> Array:
    total = np.zeros_like(z)
    for coefficient in reversed(coefficients):
        total = total * z + coefficient
    return total


def tail_score(model: StructuralModel, noise: Array, row: Array, orders: Orders) -> Attribution:
    """Shapley values of ln P_S over `orders` (P, n) of joining, for draws `noise` (M, n) and the values `row` (n,).

    They add up to -ln P(as far from the median as y). Raises ValueError when the model is not linear, an order does not
    name every player once, or the shapes do not fit.
    """
    players = len(model.order)
    if noise.ndim != 2 or noise.shape[1] != players or row.shape != (players,):
        raise ValueError(f"noise has to be (draws, {players}) and row ({players},), by the model's order")
    check_orders(orders, players)
    effect = model.transmission()
    targets = model.values_of(noise)[:, -1]
    middle = float(np.median(targets))
    reach = abs(float(row[-1]) - middle)
    bounds = (middle - reach, middle + reach)
    change = (model.noise_of(row) - noise) * effect
    known: dict[int, float] = {}
    values = np.zeros((orders.shape[0], players + 1))
    for line, order in enumerate(orders):
        joined, current = 0, targets
        for place in range(players):
            if joined not in known:
                known[joined] = _log_chance(model, effect, noise, current, (joined, bounds))
            values[line, place] = known[joined]
            joined |= 1 << int(order[place])
            current = current + change[:, order[place]]
    return Attribution(
        nodes=model.order,
        values=shapley_of_orders(np.diff(values, axis=1), orders),
        total=float(-values[0, 0]),
        exact=False,
        orders=orders.shape[0],
    )


def _log_chance(
    model: StructuralModel, effect: Array, noise: Array, current: Array, ask: tuple[int, tuple[float, float]]
) -> float:
    """ln P_S of the coalition with the bits of ask[0], `current` being Y_S of each draw."""
    joined, (low, high) = ask
    fits = [model.mechanisms[node].fit for node in model.order]
    sizes = [abs(effect[j]) * fits[j].scale * (not joined >> j & 1) for j in range(len(fits))]
    chosen = int(np.argmax(sizes))
    if sizes[chosen] == 0.0:
        return math.log(max(float(np.mean((current <= low) | (current >= high))), LEAST))
    rest = current - effect[chosen] * noise[:, chosen]
    nu = fits[chosen].nu
    chance = student_tail((high - rest) / sizes[chosen], nu) + student_tail((rest - low) / sizes[chosen], nu)
    return math.log(max(float(chance.mean()), LEAST))
