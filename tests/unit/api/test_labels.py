"""Tables of judged moves: what they say, and every line that says nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.errors import InvalidLabelsError
from api.labels import Label, Question, read_labels


def written(folder: Path, text: str) -> Path:
    file = folder / "judged.csv"
    file.write_bytes(text.encode())
    return file


def faults(folder: Path, text: str) -> dict[int, str]:
    with pytest.raises(InvalidLabelsError) as caught:
        read_labels(written(folder, text))
    return dict(caught.value.faults)


def test_lines_are_put_together_by_move_in_their_order(tmp_path: Path) -> None:
    text = "\ufeffon,instrument,narrative,true\r\n2026-02-05,btcusd,T01,TRUE\r\n2026-02-05,btcusd,T02,false\r\n"
    question = Question(case=None, instrument="btcusd", on="2026-02-05")
    assert read_labels(written(tmp_path, text)) == {
        question: [
            Label(line=2, question=question, narrative="T01", true=True),
            Label(line=3, question=question, narrative="T02", true=False),
        ]
    }


def test_every_line_at_fault_is_named_with_what_is_wrong(tmp_path: Path) -> None:
    lines = (
        "case,instrument,on,narrative,true",
        "one,,,T01,true",
        "one,,,T02,perhaps",
        "one,,,,true",
        ",btcusd,,T01,true",
        ",btcusd,5 Feb,T01,true",
        ",,,T01,true",
        "one,,,t01,false",
        "one,,,T03,true,more",
        "one,,,T03",
    )
    found = faults(tmp_path, "\n".join(lines))
    assert {line: text.split(";")[0].split(":")[0] for line, text in found.items()} == {
        3: "true",
        4: "narrative",
        5: "on",
        6: "on",
        7: "instrument",
        8: "judges t01 of one again, as line 2 does",
        9: "more cells than columns",
        10: "true",
    }
    assert found[3] == "true: 'perhaps'; write true or false"


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("", "no column narrative; no column true; no column case (or instrument and on)"),
        ("case,narrative", "no column true"),
        ("instrument,narrative,true", "no column case (or instrument and on)"),
        ("case,narrative,true,sure", "unknown column 'sure'"),
        ("case,case,narrative,true", "column case twice"),
    ],
)
def test_a_header_that_will_not_do_is_refused(tmp_path: Path, header: str, why: str) -> None:
    assert faults(tmp_path, f"{header}\n")[1].startswith(why)


def test_what_is_no_csv_is_refused_at_its_line(tmp_path: Path) -> None:
    assert "cannot be read as CSV" in faults(tmp_path, 'case,narrative,true\none,"T01"x,true\n')[2]
