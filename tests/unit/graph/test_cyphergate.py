"""The gate takes bounded reads and nothing else, and says by line and column what is wrong and what is near."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.cyphergate import check
from graph.cypherwords import REFUSED
from graph.errors import QueryRefusedError

QUERIES = Path(__file__).parents[3] / "graph" / "queries"


def refused(query: str, params: dict[str, Any] | None = None) -> QueryRefusedError:
    with pytest.raises(QueryRefusedError) as caught:
        check(query, params or {})
    return caught.value


@pytest.mark.parametrize("path", sorted(QUERIES.glob("*.cypher")), ids=lambda path: path.stem)
def test_every_query_of_ours_passes(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    check(text, dict.fromkeys(re.findall(r"\$(\w+)", text), 1))


@pytest.mark.parametrize(
    "query",
    [
        "MATCH (n:Actor) RETURN n;",
        "RETURN 'CREATE (n)' AS `SET` // DELETE",
        "/* MERGE */ MATCH (n) RETURN n.start AS start, n.end AS end ORDER BY start",
        "MATCH (n) WHERE n:Actor|Instrument&!Etf RETURN [x IN collect(n) WHERE x:Actor | x.name] AS names",
        "MATCH (a:Narrative)-[:HAS_STEP|LEADS_TO*1..8]->(b) RETURN count(*) AS n",
        "MATCH (a:Step)-[:LEADS_TO]->{1,8}(b) RETURN count(*) AS n",
        "MATCH ((a:Step)-[:LEADS_TO]->(b)){1,3} RETURN count(*) AS n",
        "CALL { MATCH (n:Actor) RETURN n LIMIT 1 } RETURN n.name AS name",
        "MATCH (n:Actor) CALL (n) { MATCH (n)-[:PLAYS]->(r) RETURN count(r) AS roles } RETURN n.id AS id, roles",
        "MATCH (n:Actor) WHERE EXISTS { (n)-[:PLAYS]->(:Role {kind: 'x'}) } RETURN COUNT { (n)--() } AS links",
        "CALL db.labels() YIELD label RETURN label",
        "RETURN duration.between(date('2026-01-01'), date()).days AS days, datetime().year AS year",
        "WITH {a: 1, `set`: {b: 2}} AS m RETURN m.a + m.`set`.b AS x",
        "UNWIND $rows AS row RETURN row.colour AS colour",
        "MATCH (n:Actor) WITH n {.name, shade: 1} AS m RETURN m.shade AS shade, m.name AS name",
        "RETURN (1 + 2) * 3 AS x, 2 - -1 AS y, [1, 2][0] AS z",
        "UNWIND range(0, size([1, 2]) - 1) AS i RETURN reduce(p = 1.0, x IN [i] | p * (1 + x)) AS s",
        "WITH [3, 1] AS xs RETURN reduce(m = 0, x IN xs | CASE WHEN x > m THEN x ELSE m END) AS m",
        "MATCH (n:Actor) RETURN n.name + ' (' + n.id + ')' AS name, [n.id, n.kind, n {.id, .kind, .note}] AS m",
        "MATCH (a:Step)--(b:Step) RETURN " + ", ".join(f"a.n + b.n AS x{i}" for i in range(40)),
        "WITH [1] AS l, [2] AS m RETURN [x IN l WHERE NOT any(y IN m WHERE y = x) | x] AS x",
        "MATCH (a:Actor) RETURN [(a)-[:PLAYS]->(r:Role)-[:FOR]->(i) | i.name] AS x",
        "MATCH p = shortestPath((a:Actor {id: 'x'})-[*..6]-(b:Actor {id: 'y'})) RETURN length(p) AS n",
        "RETURN CASE WHEN 1 = 1 THEN 'a' ELSE 'b' END AS x UNION ALL RETURN 'c' AS x",
    ],
)
def test_a_bounded_read_passes(query: str) -> None:
    assert check(query, {"rows": [{"colour": "red"}]}) == query.removesuffix(";")


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        ("", "empty"),
        (" ; ", "empty"),
        ("// nothing", "empty"),
        ("SHOW USERS", "admin"),
        ("STOP DATABASE neo4j", "first-word"),
        ("'MATCH' (n) RETURN n", "first-word"),
        ("RETURN 1; RETURN 2", "statements"),
        ("MATCH (n) RETURN n;;", "statements"),
        ("MATCH (n) CALL { WITH n CREATE (m) RETURN m } RETURN m", "write"),
        ("MATCH (n) sEt n.name = 1", "write"),
        ("MATCH (n:Actor) RETURN {set: 1} AS x", "write"),
        ("MATCH (n) WITH n LIMIT 1 /* a */ DETACH /* b */ DELETE n", "write"),
        ("MATCH (n) FOREACH (x IN [1] | SET n.name = x)", "write"),
        ("RETURN 1 AS n UNION MATCH (n) REMOVE n.name RETURN n", "write"),
        ("MATCH (n) WHERE n.name += 1 RETURN n", "write"),
        ("LOAD CSV FROM 'file:///etc/passwd' AS l RETURN l", "file"),
        ("PROFILE MATCH (n) RETURN n", "prefix"),
        ("CYPHER runtime=slotted MATCH (n) RETURN n", "prefix"),
        ("USE system MATCH (n) RETURN n", "clause"),
        ("MATCH (n) CALL { RETURN 1 AS x } IN TRANSACTIONS RETURN x", "transaction"),
        ("CALL dbms.listConfig()", "procedure"),
        ("CALL db.labels.x()", "procedure"),
        ("CALL `db.labels`()", "procedure"),
        ("CALL", "procedure"),
        ("RETURN apoc.text.join(['a'], '') AS x", "function"),
        ("RETURN `size`('a') AS x", "function"),
        ("RETURN sizes('a') AS x", "function"),
        ("MATCH (n:$any(['A'])) RETURN n", "function"),
        ("RETURN ((1) AS x", "bracket"),
        ("RETURN [1) AS x", "bracket"),
        ("RETURN 1) AS x", "bracket"),
        ("RETURN " + "(" * 25 + "1" + ")" * 25 + " AS x", "depth"),
        ("RETURN " + "NOT " * 9 + "true AS x", "run"),
        ("RETURN 1" + " + 1" * 65 + " AS x", "chain"),
        (" UNION ".join(["RETURN 1 AS x"] * 10), "union"),
        ("RETURN '" + "a" * 9000 + "' AS x", "size"),
        ("RETURN [" + ",".join(["1"] * 1000) + "] AS x", "size"),
        ("MATCH (a)-[*]-(b) RETURN a", "path"),
        ("MATCH (a)-[:PLAYS*2..]-(b) RETURN a", "path"),
        ("MATCH (a)-[r*..9 {n: 1}]-(b) RETURN a", "path"),
        ("MATCH (a)-[:PLAYS]->+(b) RETURN a", "path"),
        ("MATCH (a)--*(b) RETURN a", "path"),
        ("MATCH ((a)-[:PLAYS]->(b))+ RETURN a", "path"),
        ("MATCH ((a)-[:PLAYS]->(b)){2,} RETURN a", "path"),
        ("MATCH (a)-[:PLAYS]->{1,99}(b) RETURN a", "path"),
        ("RETURN " + "-+" * 5 + "1 AS x", "run"),
        ("UNWIND range(1, 10001) AS x RETURN x", "range"),
        ("UNWIND range(1, 10 ^ 9) AS x RETURN x", "range"),
        ("UNWIND range(1, toInteger('9')) AS x RETURN x", "range"),
        ("UNWIND range(1, $big) AS x RETURN x", "range"),
        ("UNWIND range(1, 2000) AS x UNWIND range(1, 2000) AS y RETURN x", "range"),
        ("RETURN reduce(s = 'a', x IN [1, 2] | s + s) AS s", "doubling"),
        ("RETURN reduce(s = '', x IN [1, 2] | s + 'aaaa') AS s", "doubling"),
        ("RETURN reduce(s = '', x IN [1, 2] | (s) + 'aaaa') AS s", "doubling"),
        ("RETURN reduce(s = [], x IN [1, 2] | [s, x]) AS s", "doubling"),
        ("WITH 'a' AS s " + "WITH s + s AS s " * 9 + "RETURN s", "doubling"),
        ("WITH 'a' AS s " + "WITH s + '' + s AS s " * 9 + "RETURN s", "doubling"),
        ("WITH 'a' AS s " + "WITH [s, s] AS s " * 9 + "RETURN s", "doubling"),
        ("WITH 'a' AS s " + "WITH {a: s, b: s} AS s " * 9 + "RETURN s", "doubling"),
        ("WITH 'a' AS s " + "UNWIND [s] AS t WITH s + t AS s " * 9 + "RETURN s", "doubling"),
        ("RETURN " + "[x IN [" * 9 + "'a'" + "] | x + x]" * 9 + " AS x", "doubling"),
        ("WITH [1] AS l RETURN [x IN l | [y IN l | y]] AS x", "nested-lists"),
        ("WITH [1] AS l RETURN all(x IN l WHERE any(y IN l WHERE none(z IN l WHERE z > 0))) AS x", "nested-lists"),
        ("MATCH (a) RETURN [(a)--()-->()<--()-[]-() | 1] AS x", "path"),
        ("MATCH (a) RETURN [(a)-[*1..2]-() | 1] AS x", "path"),
        ("RETURN " + "CASE WHEN true THEN " * 21 + "1 " + "END " * 21 + "AS x", "case"),
        ("MATCH (n) WHERE n.name =~ '(a+)+' RETURN n", "regular-expression"),
        ("MATCH (n:Actor {id: $nobody}) RETURN n", "parameter"),
    ],
)
def test_what_is_no_bounded_read_is_refused_by_its_rule(query: str, rule: str) -> None:
    assert refused(query, {"big": 10**9}).rule == rule


@pytest.mark.parametrize(
    ("query", "rule", "column", "near"),
    [
        ("MATCH (n:Observaton) RETURN n", "unknown-label", 10, "Observation"),
        ("MATCH (n:Actor|instrument) RETURN n", "unknown-label", 16, "Instrument"),
        ("MATCH (n)-[:HAS_STEPS]->() RETURN n", "unknown-type", 13, "HAS_STEP"),
        ("MATCH (n)-[:PLAYS|MADEE]->() RETURN n", "unknown-type", 19, "MADE"),
        ("MATCH (n:Actor) RETURN n.nmae", "unknown-property", 26, "name"),
        ("MATCH (n:Actor {nmae: 'x'}) RETURN n", "unknown-property", 17, "name"),
        ("MATCH (n:Actor) RETURN n {.nmae} AS x", "unknown-property", 28, "name"),
        ("RETURN siez([1]) AS x", "function", 8, "size"),
    ],
)
def test_a_name_that_the_graph_does_not_know_is_refused_with_near_ones(
    query: str, rule: str, column: int, near: str
) -> None:
    error = refused(query)
    assert (error.rule, error.line, error.column) == (rule, 1, column)
    assert near in error.near
    assert f"did you mean {error.near[0]}" in str(error)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (2**63, "64 bits"),
        (float("nan"), "finite"),
        ([[[[[[[[[1]]]]]]]]], "deep"),
        (list(range(10_001)), "values"),
        ("x" * 1_000_001, "characters"),
    ],
)
def test_a_parameter_that_is_too_much_is_refused_without_its_value(value: object, words: str) -> None:
    error = refused("RETURN $x AS x", {"x": value})
    assert words in str(error)
    assert len(str(error)) < 120


HARMLESS = [
    "MATCH (n:Actor)",
    "RETURN n.name AS name",
    "'CREATE (n)'",
    '"it\'s SET"',
    "`DELETE`",
    "/* MERGE ' */",
    "// REMOVE `\n",
    "n.set",
    "n:Create",
    "WHERE",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    ",",
    "1",
    "$x",
    " ",
    "\n",
    ".",
    ":",
    "'",
    '"',
    "`",
    "*/",
    "CALL",
]


def bare_words(text: str) -> list[tuple[str, str]]:
    """The words outside texts, backticks and comments, each with the character before it; written without the lexer."""
    found, index, last = [], 0, ""
    while index < len(text):
        skipped = re.compile(r"//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`(?:``|[^`])*`|\s+", re.DOTALL)
        if match := skipped.match(text, index):
            last = last if match[0][0].isspace() or match[0].startswith("/") else match[0][-1]
            index = match.end()
        elif match := re.compile(r"\w+").match(text, index):
            found.append((match[0].upper(), last))
            last, index = match[0][-1], match.end()
        else:
            last, index = text[index], index + 1
    return found


@st.composite
def hidden_writes(draw: st.DrawFn) -> str:
    """Pieces of queries with words that write among them, bare or in disguise, in any case."""
    word = st.sampled_from(sorted(REFUSED)).map(
        lambda word: "".join(draw(st.sampled_from([c, c.lower()])) for c in word)
    )
    pieces = draw(st.lists(st.one_of(st.sampled_from(HARMLESS), word), max_size=14))
    return draw(st.sampled_from(["", " ", "\n", "/**/"])).join(["MATCH (n) ", *pieces])


@settings(max_examples=1500, deadline=None)
@given(hidden_writes())
def test_nothing_passes_that_holds_a_bare_word_that_writes(query: str) -> None:
    try:
        check(query, {"x": 1})
    except QueryRefusedError:
        return
    assert not [word for word, before in bare_words(query) if word in REFUSED and before not in {".", ":"}]


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80), st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2))
def test_any_text_is_answered_or_refused(text: str, params: dict[str, str]) -> None:
    for query in (text, f"MATCH (n) {text}"):
        try:
            assert query.startswith(check(query, params))
        except QueryRefusedError as error:
            assert error.rule


@pytest.mark.parametrize("word", sorted(REFUSED))
def test_a_refused_word_is_a_name_in_a_text_a_comment_or_backticks(word: str) -> None:
    check(f"MATCH (n) /* {word} */ RETURN '{word}' AS `{word}` // {word}", {})
    assert refused(f"MATCH (n) {word} RETURN n").rule == REFUSED[word]


def test_a_text_that_passed_before_is_held_against_the_parameters_of_each_time() -> None:
    query = "UNWIND range(1, $most) AS n RETURN n, $given.shade AS shade"
    given: dict[str, Any] = {"most": 10, "given": {"shade": 1}}
    assert check(query, given) == check(query, given) == query
    assert refused(query, {"given": {"shade": 1}}).rule == "parameter"
    assert refused(query, given | {"most": 1_000_000}).rule == "range"
    assert refused(query, given | {"given": {"hue": 1}}).rule == "unknown-property"
    assert refused(query, given | {"more": ["x" * 1_000] * 1_001}).rule == "parameter"
    assert check(query, given) == query


def test_a_text_that_was_refused_is_refused_again_with_its_place() -> None:
    first, second = refused("RETURN 1 AS a, 1 AS b SET x"), refused("RETURN 1 AS a, 1 AS b SET x")
    assert (first.rule, first.column) == (second.rule, second.column) == ("write", 23)
