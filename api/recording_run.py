"""One scoring run on its way into the graph, and under which ids the graph keeps what the run calls by short names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.gathering import Gathered
from api.recording_stories import prediction_id
from causal.explanation import Explanation, NarrativeAssessment
from causal.model import Dossier, Narrative, Template
from graph.model import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One scoring run and what it was made of; `chosen` are the narratives as they were bound, by id."""

    id: str
    body: str
    explanation: Explanation
    gathered: Gathered
    chosen: Mapping[str, Narrative]
    library: Sequence[Template]

    @property
    def dossier(self) -> Dossier:
        """What the run was given."""
        return self.gathered.dossier

    def narrative_id(self, narrative: str) -> str:
        """The id in the graph of a narrative of the run."""
        bound = self.chosen[narrative]
        if bound.origin == "library":
            return f"{self.dossier.move.id}:{narrative}"
        return self._held(narrative)

    def step_id(self, narrative: str, n: int) -> str:
        """The id in the graph of a step of a narrative of the run."""
        bound = self.chosen[narrative]
        if bound.origin == "library":
            return f"{self.dossier.move.id}:{narrative}.{n}"
        return self._held(next(step.key for step in bound.steps if step.n == n))

    def prediction_id(self, narrative: str, n: int, number: int, subject: str | None) -> str:
        """The id in the graph of a prediction of a step (numbers count from 1)."""
        library = self.chosen[narrative].origin == "library"
        return prediction_id(self.step_id(narrative, n), number, subject if library else None)

    def link(self, type_: str, label: str, id_: str, **properties: float | int | str | None) -> Link:
        """A link that starts at the explanation."""
        kept = {name: value for name, value in properties.items() if value is not None}
        return Link(type=type_, from_label="Explanation", from_id=self.id, to_label=label, to_id=id_, properties=kept)

    def _held(self, name: str) -> str:
        return f"{self.dossier.case}:{name}" if self.dossier.case is not None else name


def choose(explanation: Explanation, narratives: Sequence[Sequence[Narrative]]) -> dict[str, Narrative]:
    """The narratives that were scored, by id: of each group the binding that the explanation shows."""
    shown = {one.id: one for one in explanation.narratives}
    return {
        group[0].id: next((one for one in group if _is_shown(one, shown[group[0].id])), group[0])
        for group in narratives
        if group and group[0].id in shown
    }


def _is_shown(bound: Narrative, shown: NarrativeAssessment) -> bool:
    """Whether it has the roles and predicts what the explanation shows; variants of a template share their roles."""
    told = [(step.n, [(p.indicator, p.subject, p.role, p.direction) for p in step.predictions]) for step in shown.steps]
    made = [(step.n, [(p.indicator, p.subject, p.role, p.direction) for p in step.predictions]) for step in bound.steps]
    return dict(bound.roles) == dict(shown.roles) and told == made
