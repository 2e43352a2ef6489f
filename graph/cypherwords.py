"""The words that decide what Cypher may do here: those that are refused, and the functions and procedures that are not.

Functions and procedures stand on lists of what is allowed, so that one that a server learns tomorrow is refused until
somebody has looked at it.
"""

from __future__ import annotations

# A query begins with one of these; administration commands are whole statements and so never do.
FIRST = frozenset({"MATCH", "OPTIONAL", "WITH", "UNWIND", "RETURN", "CALL"})

# Bare words that may stand nowhere, and the rule that each belongs to.
REFUSED: dict[str, str] = {
    **dict.fromkeys(
        ("CREATE", "MERGE", "SET", "DELETE", "DETACH", "NODETACH", "REMOVE", "FOREACH", "INSERT", "DROP"), "write"
    ),
    **dict.fromkeys(
        ("ALTER", "GRANT", "DENY", "REVOKE", "RENAME", "SHOW", "TERMINATE", "ENABLE", "DRYRUN", "DEALLOCATE"), "admin"
    ),
    **dict.fromkeys(("LOAD", "CSV", "PERIODIC"), "file"),
    **dict.fromkeys(("TRANSACTIONS", "CONCURRENT", "COMMIT", "ROLLBACK"), "transaction"),
    **dict.fromkeys(("PROFILE", "EXPLAIN", "CYPHER"), "prefix"),
    **dict.fromkeys(("USE", "USING", "LET", "FINISH"), "clause"),
}

REASONS: dict[str, str] = {
    "write": "{word} writes, and only reads are taken",
    "admin": "{word} administers the server, and only reads are taken",
    "file": "{word} reads files or addresses, and only the graph is read",
    "transaction": "{word} works with transactions of its own, which are not taken",
    "prefix": "the prefix {word} is not taken",
    "clause": "{word} is not taken: ask with MATCH, WITH, UNWIND, CALL {{ }}, UNION and RETURN",
}

# Both of the servers have them, they read nothing but labels and types.
PROCEDURES = frozenset({"db.labels", "db.relationshipTypes"})

_OF_VALUES = (
    "coalesce nullIf size length isEmpty head last tail reverse keys labels type id elementId properties"
    " startNode endNode nodes relationships valueType exists"
)
_OF_NUMBERS = (
    "abs ceil floor round sign sqrt exp log log10 e pi sin cos tan cot asin acos atan atan2 degrees radians haversin"
    " isNaN rand toInteger toFloat toBoolean toIntegerOrNull toFloatOrNull toBooleanOrNull"
    " toIntegerList toFloatList toBooleanList"
)
# `replace` is not among them: two of them in each other let a text of ten letters fill the memory.
_OF_TEXTS = (
    "toString toStringOrNull toStringList toLower toUpper lower upper trim ltrim rtrim btrim left right substring split"
    " char_length character_length"
)
_OF_TIMES = "date datetime localdatetime time localtime duration timestamp point"
_OF_GROUPS = "count collect sum avg min max stDev stDevP percentileCont percentileDisc"
_OF_LISTS = "range reduce all any none single"
_OF_PATHS = "shortestPath allShortestPaths"
FUNCTIONS: dict[str, str] = {
    name.lower(): name
    for names in (_OF_VALUES, _OF_NUMBERS, _OF_TEXTS, _OF_TIMES, _OF_GROUPS, _OF_LISTS, _OF_PATHS)
    for name in names.split()
}
DOTTED = frozenset(
    {
        "date.truncate",
        "datetime.truncate",
        "duration.between",
        "duration.inmonths",
        "duration.indays",
        "duration.inseconds",
    }
)

# Words after which a bracket opens something else than the arguments of a function.
_BEFORE_BRACKET = (
    "MATCH OPTIONAL WITH UNWIND RETURN CALL WHERE AND OR XOR NOT IN IS AS BY ORDER SKIP OFFSET LIMIT DISTINCT CASE WHEN"
    " THEN ELSE CONTAINS STARTS ENDS SHORTEST PATH PATHS GROUP GROUPS ANY ALL EXISTS COUNT COLLECT ON"
)
BEFORE_BRACKET = frozenset(_BEFORE_BRACKET.split())

# Before a brace: it opens a query, and no map.
BEFORE_QUERY = frozenset({"CALL", "EXISTS", "COUNT", "COLLECT"})

# Fields of dates, times, durations and points, which are read like properties.
_FIELDS = (
    "year quarter month week weekYear day dayOfQuarter quarterDay dayOfWeek weekDay ordinalDay dayOfYear hour minute"
    " second millisecond microsecond nanosecond timezone offset offsetMinutes offsetSeconds epochMillis epochSeconds"
    " years quarters months weeks days hours minutes seconds milliseconds microseconds nanoseconds quartersOfYear"
    " monthsOfQuarter monthsOfYear daysOfWeek minutesOfHour secondsOfMinute millisecondsOfSecond"
    " microsecondsOfSecond nanosecondsOfSecond x y z longitude latitude height crs srid"
)
FIELDS = frozenset(_FIELDS.split())
