"""Baselines for the search for root causes, after published methods: each gives a score by node, larger is likelier."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tests.accuracy.fault_worlds import Incident

Array = NDArray[np.float64]
Scores = dict[str, float]


def _nodes(case: Incident) -> list[str]:
    return sorted({node for edge in case.edges for node in edge})


def _parents(case: Incident, node: str) -> list[str]:
    return [cause for cause, effect in case.edges if effect == node]


def _ancestors(case: Incident) -> set[str]:
    found, waiting = {case.target}, [case.target]
    while waiting:
        for parent in _parents(case, waiting.pop()):
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found


def largest_z(case: Incident) -> Scores:
    """Largest |x - mean| / standard deviation over the window."""
    return _by_node(case, np.nanmean, lambda before: float(np.nanstd(before)))


def robust_z(case: Incident) -> Scores:
    """Largest |x - median| / interquartile range over the window (the scorer of BARO, Pham et al. 2024)."""
    return _by_node(case, np.nanmedian, lambda before: float(np.subtract(*np.nanquantile(before, [0.75, 0.25]))))


def robust_z_above(case: Incident) -> Scores:
    """`robust_z` of the target's ancestors alone."""
    above = _ancestors(case)
    return {node: score if node in above else -1.0 for node, score in robust_z(case).items()}


def _by_node(case: Incident, centre, spread) -> Scores:  # type: ignore[no-untyped-def]
    answer = {}
    for node in _nodes(case):
        before, during = case.normal.get(node), case.anomalous.get(node)
        if before is None or np.isnan(before).all() or np.isnan(during).all():
            answer[node] = 0.0
            continue
        answer[node] = float(np.nanmax(np.abs(during - centre(before))) / (spread(before) + 1e-9))
    return answer


def residual_z(case: Incident) -> Scores:
    """Largest residual of a least-squares regression on the parents (the hypothesis test of CIRCA, Li et al. 2022)."""
    answer = {}
    for node in _nodes(case):
        if node not in case.normal:
            answer[node] = 0.0
            continue
        causes = [parent for parent in _parents(case, node) if parent in case.normal]
        before, during = (_filled(case.normal, table, [node, *causes]) for table in (case.normal, case.anomalous))
        design = np.column_stack([np.ones(len(before)), before[:, 1:]])
        beta = np.linalg.lstsq(design, before[:, 0], rcond=None)[0]
        scale = float((before[:, 0] - design @ beta).std()) + 1e-9
        far = np.column_stack([np.ones(len(during)), during[:, 1:]])
        answer[node] = float(np.abs(during[:, 0] - far @ beta).max() / scale)
    return answer


def residual_z_adjusted(case: Incident) -> Scores:
    """CIRCA with its descendant adjustment: an anomalous node gains the best score among its anomalous children."""
    plain = residual_z(case)
    above = _ancestors(case)
    children = {node: [effect for cause, effect in case.edges if cause == node] for node in plain}
    done: Scores = {}

    def adjusted(node: str) -> float:
        if node not in done:
            done[node] = plain[node] + max((adjusted(c) for c in children[node] if plain[c] >= 3.0), default=0.0)
        return done[node]

    return {node: adjusted(node) if plain[node] >= 3.0 and node in above else 0.0 for node in plain}


def traversal(case: Incident) -> Scores:
    """Anomalous ancestors (|z| > 3) that reach the target through anomalous nodes and have no anomalous parent."""
    size = robust_z(case)
    hot = {node for node, score in size.items() if score > 3.0} | {case.target}
    reached, waiting = {case.target}, [case.target]
    while waiting:
        for parent in _parents(case, waiting.pop()):
            if parent in hot and parent not in reached:
                reached.add(parent)
                waiting.append(parent)
    first = {node for node in reached if not any(parent in hot for parent in _parents(case, node))}
    return {node: score + (2e9 if node in first else 1e9 if node in reached else 0.0) for node, score in size.items()}


def _filled(normal: dict[str, Array], table: dict[str, Array], nodes: list[str]) -> Array:
    middle = {node: np.nan_to_num(np.nanmedian(normal[node])) for node in nodes}
    return np.column_stack([np.where(np.isnan(table[node]), middle[node], table[node]) for node in nodes])


BASELINES = {
    "largest |z|": largest_z,
    "robust z (BARO)": robust_z,
    "robust z, ancestors": robust_z_above,
    "residual z": residual_z,
    "residual z (CIRCA)": residual_z_adjusted,
    "traversal": traversal,
}
