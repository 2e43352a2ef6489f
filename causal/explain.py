"""The one question of the product, as a pure function: which narratives explain this move, and how sure is that?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from causal.assembling import Measured, assess_narratives, unknown_of
from causal.evidence import assess_disputes, list_evidence
from causal.explanation import Explanation, Gap, NotScored, NotScoredFact
from causal.flipping import flips
from causal.flipsets import smallest_removal
from causal.looking import open_predictions
from causal.model import Dossier, Narrative
from causal.necessity import necessity
from causal.posterior import combined, evidence_factors, joint_sets
from causal.robustness import bands
from causal.scoring import Scored, score
from causal.settings import METHOD_VERSION, Method
from causal.shapley import shares
from causal.standing import Flip, FlipSet, Robustness
from causal.unfolding import belief_over_time
from causal.wording import answer_sentence

FLIPS = 8  # that are told


def explain(dossier: Dossier, narratives: Sequence[tuple[Narrative, ...]], method: Method) -> Explanation:
    """Weigh groups of bound narratives (`causal.binding.bind`) against a dossier.

    The same dossier, narratives and method give the same explanation, whatever their order. Raises
    NetworkTooWideError when exact inference would pass the method's width limit.
    """
    return explain_scored(score(dossier, narratives, method), narratives)


def explain_scored(scored: Scored, narratives: Sequence[tuple[Narrative, ...]]) -> Explanation:
    """What a scoring run of these groups of bound narratives says."""
    dossier, method = scored.dossier, scored.method
    shared = shares(scored)
    listed = list_evidence(scored, shared.by_item)
    evidence = listed.evidence
    found = bands(scored)
    measured = Measured(evidence=evidence, bands=found.by_id, necessity=necessity(scored))
    ranked = assess_narratives(scored, measured)
    unknown = unknown_of(scored, measured)
    posteriors = {narrative.id: narrative.posterior for narrative in ranked}
    names = [narrative.id for narrative in scored.narratives]
    factors = evidence_factors(scored.structure, scored.evidence, scored.items, scored.masks[:1])
    joint = joint_sets(scored.structure, factors, posteriors, names, method) if names else ()
    readings = sum(item.kind != "argument" for item in evidence)
    return Explanation(
        method_version=METHOD_VERSION,
        settings_hash=_settings_hash(dossier, narratives, method),
        answer=answer_sentence(ranked, unknown, readings, scored.structure.leak),
        narratives=ranked,
        unknown=unknown,
        joint=joint,
        evidence=evidence,
        disputes=assess_disputes(scored, evidence),
        look_next=open_predictions(scored),
        robustness=_robustness(scored, found.draws, listed.ids),
        belief=belief_over_time(scored),
        gaps=_gaps(dossier),
        not_scored=_not_scored(scored),
        diagnostics={
            "variables": scored.structure.plan.size,
            "tree_width": scored.structure.plan.width,
            "items": len(scored.items),
            "joint_narratives": combined(scored.structure, len(names), method),
            "joint_probability": sum(one.probability for one in joint),
            "shapley_items": len(shared.by_item),
            "shapley_permutations": shared.permutations,
            "log2_evidence": float(scored.beliefs.log_evidence[0]) / 0.6931471805599453,
        },
    )


def _robustness(scored: Scored, draws: int, ids: Mapping[str, str]) -> Robustness:
    """The nearest flips, and the fewest items that carry the first place, with the evidence by its ids."""
    moved = flips(scored)
    removal = smallest_removal(scored)
    return Robustness(
        draws=draws,
        entries=moved.entries,
        flip=tuple(
            Flip(
                entry=one.name,
                evidence=None if one.item is None else ids[one.item],
                from_=one.from_,
                to=one.to,
                then=one.then,
            )
            for one in moved.flips[:FLIPS]
        ),
        flip_set=None
        if removal is None
        else FlipSet(evidence=tuple(sorted(ids[item] for item in removal.items)), then=removal.then),
    )


def _gaps(dossier: Dossier) -> tuple[Gap, ...]:
    return tuple(
        Gap(
            id=gap.id,
            kind=gap.kind,
            item=gap.item,
            why=gap.why,
            indicator=gap.indicator,
            subject=gap.subject,
            would_favour=gap.would_favour,
            would_hurt=gap.would_hurt,
        )
        for gap in sorted(dossier.gaps, key=lambda gap: gap.id)
    )


def _not_scored(scored: Scored) -> NotScored:
    used = scored.findings.used
    unread = scored.index.unreadable
    low = {fact: why for fact, why in unread.items() if why.startswith("reliability")}
    return NotScored(
        unmapped=tuple(NotScoredFact(fact_id=f, why=w) for f, w in sorted(unread.items()) if f not in low),
        not_yet_known=scored.dossier.not_yet_known,
        unused=sum(fact.id not in used and fact.id not in unread for fact in scored.dossier.facts),
        rejected=tuple(NotScoredFact(fact_id=f, why=w) for f, w in sorted(low.items())),
    )


def _settings_hash(dossier: Dossier, narratives: Sequence[tuple[Narrative, ...]], method: Method) -> str:
    """Covers the method's constants, the indicator and class tables, and the library's bound templates."""
    parts = [method.settings_hash()]
    parts += sorted(repr(indicator) for indicator in dossier.indicators)
    parts += sorted(repr(asset_class) for asset_class in dossier.asset_classes)
    parts += sorted({f"{n.template}@{n.template_version}" for group in narratives for n in group if n.template})
    return "sha256:" + hashlib.sha256("\n".join(parts).encode()).hexdigest()
