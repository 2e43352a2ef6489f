"""The pictures of an explanation by their names: what a report, the command and REST draw alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches

from api.errors import UnknownResourceError
from api.pictures_belief import belief_picture
from api.pictures_chain import chain
from api.pictures_matrix import matrix
from api.pictures_svg import Picture
from api.pictures_waterfall import waterfall
from api.wording_values import Part

OF_ALL: Mapping[str, Callable[[Part], Picture]] = {"belief": belief_picture, "matrix": matrix}
OF_ONE: Mapping[str, Callable[[Part, Part], Picture]] = {"waterfall": waterfall, "chain": chain}
PICTURES = tuple(sorted((*OF_ALL, *OF_ONE)))


def picture(explanation: Part, name: str, story: str | None = None) -> Picture:
    """A picture of an explanation; of one story (its id; the first by rank) where it is about one.

    Raises UnknownResourceError for a picture or a story that there is not, with near names.
    """
    if name in OF_ALL:
        return OF_ALL[name](explanation)
    if name not in OF_ONE:
        raise UnknownResourceError("picture", name, tuple(get_close_matches(name, PICTURES, n=2)) or PICTURES)
    stories = {part["id"]: part for part in explanation["narratives"]}
    chosen = next(iter(stories.values()), None) if story is None else stories.get(story)
    if chosen is None:
        near = tuple(get_close_matches(story or "", list(stories), n=3)) or tuple(stories)[:3]
        raise UnknownResourceError("narrative", story or "(none)", near)
    return OF_ONE[name](explanation, chosen)
