"""The ontology's rows: every label and relationship type that the graph may hold, kept apart as data to be read whole.

A property is written `name:type`, `name` alone is text, a trailing `!` makes it required. The types are those of
`PROPERTY_TYPES`. `graph/schema.py` turns the rows into what writes are checked against.
"""

from __future__ import annotations

PROPERTY_TYPES = {
    "text": "text",
    "number": "a number",
    "integer": "a whole number",
    "flag": "true or false",
    "instant": "a datetime with a zone",
    "day": "a date",
    "moment": "a date or a datetime with a zone",
    "scalar": "text, a number, true or false, a date or a datetime with a zone",
    "texts": "a tuple of texts",
    "numbers": "a tuple of numbers",
}

# What every node may carry beside its id.
EVERY_NODE = "aliases:texts"

# The three clocks of a fact; `recorded_from` and `recorded_to` are the store's own.
CLOCKS = (
    "known_at:instant! known_at_precision! valid_from:instant valid_to:instant"
    " known_at_inferred:flag valid_inferred:flag"
)
# Of what was written, the date may be unknown.
CLOCKS_OF_PAPERS = CLOCKS.replace("!", "")

_GRADED = "grade credibility:integer reliability_why"
_READING = (
    "value:scalar low:number high:number unit unit_note value_base:number unit_base bound direction"
    " baseline_value:number baseline_kind baseline_text trade_date:day trade_date_end:day time_precision"
    f" modality seed:flag {_GRADED}"
)

THINGS: dict[str, str] = {
    # the world
    "Instrument": (
        "kind! name! symbol asset_class asset_class_id base_currency quote_currency figi caip19 identifiers:texts tz"
        " session_calendar barrier:number barrier_observation maturity:day alias_periods:texts"
    ),
    "Actor": "kind! name! note country lei mic handle identifiers:texts named:flag alias_periods:texts",
    "Venue": "kind name! mic xid country",
    "Strategy": "name!",
    "Leg": "side!",
    "StrikeZone": "low:number high:number currency",
    "Indicator": (
        "name! kind unit transform polarity publication_lag usual_size:number usual_size_source family reading"
        " scales:texts reference:number sign:integer shift_any:number shift_stress:number by_price:flag slow:flag"
        " public_act:flag source"
    ),
    "Series": "name unit frequency tz cutoff session_calendar licence source first:moment last:moment count:integer"
    " publication_lag provider bears_on",
    "Scenario": "kind! changes:texts estimate:number low:number high:number identifiable:flag",
    # what was published
    "Passage": "start:integer end:integer content_hash text",
    "Figure": "caption credit available:flag sampling cutoff",
    "Source": "kind name! grade licence",
    # stories
    "Template": (
        "version title summary slots:texts move_direction roles:texts variants:texts precedents:texts references:texts"
    ),
    "Narrative": (
        "title! summary slot origin roles:texts unbound_roles:texts clarity geographic_origin case_id template"
        " template_version prior:number"
    ),
    "Step": "n:integer text! key necessity base_rate contradicted_by:texts max_share:number",
    "Prediction": (
        "i:integer indicator subject role direction! strength lag window window_start:moment window_end:moment"
        " stated_window:flag typical_size if_absent note"
    ),
    "Explanation": (
        "as_of:instant! as_at:instant! method_version settings_hash answer body created_at:instant case_id instrument"
    ),
    "Assessment": (
        "outcome! weight_bits:number leave_one_out_bits:number shapley_bits:number narrative_id prediction_id"
        " evidence_id n:integer"
    ),
    # book-keeping
    "Case": "title summary schema_version:integer content_hash file_hash",
    "Hindsight": "kind! verdict rank:integer strength note by:texts official:flag",
    "IngestRun": "connector state started_at:instant ended_at:instant counters:texts text_sha256 description",
    "Payload": "url params fetched_at:instant content_hash",
    "Software": "name! version",
    # what a program read out of a text and nobody has accepted: no fact, and tied to nothing that facts are tied to
    "Proposal": (
        "state! statement! document! title licence text_sha256! start:integer! end:integer! span_sha256! body! model!"
        " prompt_version! proposed_at:instant! doubts:texts decided_by decided_at:instant why edits:texts claim"
    ),
}

FACTS: dict[str, str] = {
    "Role": f"{CLOCKS} kind! note",
    "Position": f"{CLOCKS} side low:number high:number unit",
    "Event": f"{CLOCKS} kind! title! summary trade_date:day trade_date_end:day time_precision {_GRADED}",
    "Observation": f"{CLOCKS} {_READING} statement",
    "Claim": f"{CLOCKS} {_READING} statement! voice hedges:texts sensitive:flag indicator other_dates:texts"
    " superlative since:moment checks:texts doubts:texts",
    "Move": f"{CLOCKS} start:moment! end:moment! return:number return_unit measure origin",
    "Dispute": f"{CLOCKS} kinds:texts status preferred why shift settled_at:instant",
    "Check": f"{CLOCKS} kind! expected:scalar found:scalar outcome! why",
    "DataGap": f"{CLOCKS} kind! item! why direction outcome named_by due_at:moment",
    "Document": f"{CLOCKS_OF_PAPERS} kind title! url language via retrieved_at:instant licence publisher published"
    " content_sha256 form canonical_url words_sha256 signature left_out:texts",
    "Forecast": f"{CLOCKS} statement! criterion due_at:moment status probability:number",
    "Resolution": f"{CLOCKS} outcome! score:number log_score:number why method by found:texts",
    "Argument": f"{CLOCKS_OF_PAPERS} statement! kind! basis strength status why by step:integer {_GRADED}",
    "Judgement": f"{CLOCKS} weight_bits:number note",
    "Search": f"{CLOCKS} outcome! detection:number false_alarm:number window how",
}

# Second labels: at most one on a node, only of these first labels.
SORTS: dict[str, str] = {
    "Instrument": ("Etf Future Perpetual Option StructuredNote CryptoAsset FxPair Equity Index Commodity"),
    "Actor": "Organization Person ActorClass",
}

_FACT = " ".join(FACTS)
_ANY = f"{' '.join(THINGS)} {_FACT}"

# type: (properties, ends...), an end being "From, from -> To, to"; ` | ` divides ends.
RELATIONS: dict[str, tuple[str, str]] = {
    "PART_OF": (
        "name kind",  # what a case calls a thing that it shares with other cases
        "Passage Figure -> Document | Actor -> Actor | Instrument -> Instrument | Narrative -> Narrative"
        f" | {_ANY.replace(' Case ', ' ')} -> Case",
    ),
    "ASSERTED_IN": ("", "Claim Argument Forecast Narrative Scenario -> Passage Figure Document"),
    "REPORTED_BY": ("", "Observation Event Move -> Document"),
    "PUBLISHED_BY": ("", "Document -> Source"),
    "EDITED_BY": ("", "Document -> Source"),
    "TRANSLATION_OF": ("", "Document -> Document"),
    "COPY_OF": ("", "Document -> Document"),
    "HAD_PRIMARY_SOURCE": ("", "Document -> Document"),
    "WAS_DERIVED_FROM": ("", f"{_FACT} -> {_FACT} Series Payload"),
    "WAS_GENERATED_BY": ("", f"{_FACT} Proposal -> IngestRun"),
    "WAS_ATTRIBUTED_TO": ("", "Claim Observation Figure -> Source Actor"),
    "MADE": ("", "Actor Source -> Claim Argument Forecast Judgement Search Narrative Event"),
    "AFFILIATED_WITH": ("", "Actor Source -> Actor"),
    "HAS_INTEREST_IN": ("sign:integer", "Actor Source -> Instrument"),
    "RESOLVED_TO": ("", "Actor -> Actor"),
    "IN_CLASS": ("", "Actor -> Actor"),
    "PLAYS": ("", "Actor -> Role"),
    "FOR": ("", "Role -> Instrument Actor"),
    "ISSUED_BY": ("", "Instrument -> Actor"),
    "LISTED_ON": ("", "Instrument -> Venue Actor"),
    "TRACKS": ("", "Instrument -> Instrument"),
    "UNDERLYING": ("", "Instrument -> Instrument"),
    "EMBEDS": ("", "Instrument -> Instrument"),
    "QUOTED_IN": ("", "Instrument -> Instrument"),
    "PEER_OF": ("", "Instrument -> Instrument"),
    "FUNDED_BY": ("", "Instrument Actor -> Instrument"),
    "USES_STRATEGY": ("", "Actor -> Strategy"),
    "HAS_LEG": ("", "Strategy Position -> Leg"),
    "HOLDS": ("", "Actor -> Position"),
    "IN_ZONE": ("", "Position -> StrikeZone"),
    "SUBJECT_TO": ("", "Actor Position -> Event StrikeZone"),
    "FORCES": ("", "Event StrikeZone -> Leg"),
    "OF_INDICATOR": ("", "Observation Event Claim Series Prediction DataGap -> Indicator"),
    "ABOUT": (
        "",
        "Observation Event Claim Forecast Series Prediction DataGap Leg StrikeZone -> Instrument Actor"
        " | Move -> Instrument | Observation Claim -> Event | Claim -> Step Strategy | Explanation DataGap -> Move"
        " | Scenario -> Instrument Actor Step | Hindsight -> Narrative Observation Claim Move",
    ),
    "DURING": ("", "Observation Event Claim -> Move"),
    "EXPLAINS": ("", "Narrative -> Move"),
    "INSTANCE_OF": ("", "Narrative -> Template"),
    "VARIANT_OF": ("", "Narrative -> Narrative | Template -> Template | Explanation -> Explanation"),
    "HAS_STEP": ("n:integer", "Template Narrative -> Step"),
    "LEADS_TO": ("lag", "Step -> Step"),
    "PREDICTS": ("", "Step -> Prediction"),
    "SCORED": (
        "posterior:number rank:integer low:number high:number confidence bits:number verdict",
        "Explanation -> Narrative Step",
    ),
    "USED": ("", "Explanation -> Assessment | IngestRun -> Payload Software"),
    "LACKED": ("gain_bits:number", "Explanation -> DataGap"),
    "ASSESSES": ("", "Assessment Judgement -> Step Narrative"),
    "OF": ("", "Assessment Judgement -> Observation Claim Argument | Search -> DataGap"),
    "UNDER": ("", "Explanation -> Observation Claim Scenario"),
    "NEXT": ("", "Explanation -> Explanation | Move -> Move | Event -> Event Move"),
    "SUPPORTS": ("", "Observation Claim Argument -> Narrative Step Claim Argument"),
    "REBUTS": ("", "Observation Claim Argument -> Narrative Step Claim Argument"),
    "UNDERCUTS": ("", "Argument -> Step Argument"),
    "CONTRADICTS": ("kind", "Claim -> Claim"),
    "OVER": ("", "Dispute -> Indicator Instrument Actor"),
    "SIDE_OF": ("", "Observation Claim -> Dispute"),
    "CHECKS": ("", "Check -> Claim Observation"),
    "WOULD_INFORM": ("sign:integer", "DataGap -> Prediction Narrative"),
    "RESOLVED_BY": ("", "Forecast -> Resolution"),
    "SUPERSEDES": ("", f"{' | '.join(f'{label} -> {label}' for label in FACTS)} | Template -> Template"),
}

# Ends that many relationships of one kind share; a merge looks from the other end, whose list is short.
CROWDED_FROM = frozenset({"MADE", "PLAYS", "HAS_STEP", "PREDICTS", "USED", "HOLDS", "SCORED", "SUBJECT_TO", "LACKED"})
