"""The shares of a move and the checks of their graph in words, for every rendering."""

from __future__ import annotations

from collections.abc import Iterator

from api.wording_values import Part

HEADING = "Where the move came from, by a structural model of its series"
CHECKS_HEADING = "What checks say of that model"
LEAST = 0.005  # of the move, below which a share is not drawn
_SERIES_MISSING = "has no series"


def has_shares(explanation: Part) -> bool:
    """Whether there is anything to tell: shares, or a reason other than that nothing moved on record."""
    shares = explanation.get("shares")
    if not shares:
        return False
    return shares["move"] is not None or _SERIES_MISSING not in (shares["not_identifiable"] or "")


def shares_said(shares: Part) -> Iterator[str]:
    """The sentences around the table of shares."""
    if shares["move"] is None:
        yield f"Not identifiable: {shares['not_identifiable']}."
        return
    unit = shares["unit"]
    own = shares["unexplained"]
    yield (
        f"Of {shares['move']:+.2f} {unit} ({shares['mean']:+.2f} on a usual day) these series bring the shares below, "
        f"under the graph that joins the stories; {own['share']:+.2f} ({own['low']:+.2f} to {own['high']:+.2f}) is "
        f"explained by none of them. Fitted on {shares['rows']} moves of that length or more."
    )


def share_rows(shares: Part) -> list[tuple[str, str, str, str]]:
    """(share, 5 to 95 %, what, what it did) of each node that brought something, the largest first."""
    move = abs(shares["move"] or 0.0)
    return [
        (
            f"{node['share']:+.2f}",
            f"{node['low']:+.2f} to {node['high']:+.2f}",
            node["node"],
            f"{node['value']:+.3g} {node['unit']}",
        )
        for node in shares["nodes"]
        if abs(node["share"]) >= LEAST * move
    ]


def paths_said(shares: Part, most: int = 4) -> list[str]:
    """The paths that brought most, from the first cause to the move."""
    return [
        f"{path['share']:+.2f} along {' -> '.join(path['path'])}"
        for path in [path for path in shares["paths"] if len(path["path"]) > 1][:most]
    ]


def story_rows(shares: Part) -> list[tuple[str, str]]:
    """(narrative, what its steps brought under its own graph, or why that cannot be told)."""
    return [(one["narrative"], _story(one, shares["unit"])) for one in shares["stories"]]


def _story(one: Part, unit: str) -> str:
    if one["share"] is None:
        return f"not identifiable: {one['not_identifiable']}"
    return f"{one['share']:+.2f} {unit} ({one['low']:+.2f} to {one['high']:+.2f}) by {', '.join(one['nodes'])}"


def checks_said(checks: Part) -> Iterator[str]:
    """How far the checks came."""
    done = sum(one["outcome"] != "not run" for one in checks["results"])
    failed = sum(one["outcome"] == "failed" for one in checks["results"])
    yield f"{done} of {len(checks['results'])} checks were run within {checks['budget_s']:g} seconds, {failed} failed."
    if checks["why"]:
        yield f"{checks['why'][:1].upper()}{checks['why'][1:]}."


def check_rows(checks: Part) -> list[tuple[str, str]]:
    """(check, of what, outcome; what it found) of those that were run, what failed first."""
    order = {"failed": 0, "open": 1, "passed": 2}
    ran = [one for one in checks["results"] if one["outcome"] in order]
    return [
        (f"{one['name']} of {one['subject']}: {one['outcome']}", one["words"])
        for one in sorted(ran, key=lambda one: order[one["outcome"]])
    ]
