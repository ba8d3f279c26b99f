"""Tables in every encoding and with every fault: the row is named, and the others are read."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.intake.sheet import CELL_LIMIT, SheetError, read_sheet

HEAD = "email,name\n"


def read(data, encoding="", known="email"):
    with read_sheet(io.BytesIO(data), encoding=encoding, is_header=lambda cells: known in cells) as sheet:
        return sheet.header, list(sheet.rows)


def rows(data, encoding=""):
    return read(data, encoding)[1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_an_encoding_that_says_what_it_is_is_read(encoding):
    header, found = read(f"{HEAD}a@example.net,Zoë 😀\n".encode(encoding))
    assert list(header) == ["email", "name"]
    assert found == [(2, ["a@example.net", "Zoë 😀"])]


def test_an_encoding_can_be_named():
    assert rows(f"{HEAD}a@example.net,Jürgen €\n".encode("cp1252"), "cp1252") == [(2, ["a@example.net", "Jürgen €"])]


def test_a_byte_of_another_encoding_costs_its_row_alone():
    data = HEAD.encode() + b"a@example.net,J\xfcrgen\nb@example.net,B\n"
    (bad, good) = rows(data)
    told = "byte 0xfc in column 2 (name), character 2, is not UTF-8; in Windows-1252 it is “ü”: "
    assert bad == (2, f"{told}save the file as UTF-8, or name its encoding (--encoding)")
    assert good == (3, ["b@example.net", "B"])


def test_a_byte_that_the_named_encoding_lacks_is_told_too():
    ((line, fault),) = rows(HEAD.encode() + b"a@example.net,\x81\n", "cp1252")
    assert (line, fault) == (2, "byte 0x81 in column 2 (name), character 1, is not CP1252")


def test_half_characters_of_utf_16_are_told():
    data = (HEAD + "a@example.net,x\ud83d\nb@example.net,B\n").encode("utf-16", "surrogatepass")
    bad, good = rows(data)
    assert bad == (2, "half a character in column 2 (name), character 2")
    assert good[0] == 3
    assert rows((HEAD + "a@example.net,A\n").encode("utf-16") + b"x")[-1][1] == (
        "the file ends in the middle of a character"
    )


def test_nul_is_refused():
    assert rows(f"{HEAD}a@example.net,a\0b\n".encode()) == [(2, "a NUL character in column 2 (name)")]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_told_by_the_header(separator):
    header, found = read(f"email{separator}name\r\na@example.net{separator}A\r\n".encode())
    assert (list(header), found) == (["email", "name"], [(2, ["a@example.net", "A"])])


def test_the_separator_may_be_said_as_excel_says_it():
    assert rows(b"sep=;\nemail;name\na@example.net;A, B\n") == [(3, ["a@example.net", "A, B"])]


def test_cells_may_have_several_lines_and_rows_are_told_by_their_first():
    data = f'{HEAD}a@example.net,"A\nB"\nb@example.net,B,C\n'.encode()
    (first, second) = rows(data)
    assert first == (2, ["a@example.net", "A\nB"])
    assert second[0] == 4
    assert second[1].startswith("3 cells, and 2 columns")


@pytest.mark.parametrize("length", [3, CELL_LIMIT])
def test_a_missing_quotation_mark_costs_its_row_alone(length):
    others = "".join(f"b{number}@example.net,B\n" for number in range(length // 2))
    found = rows(f'{HEAD}a@example.net,"A\n{others}'.encode())
    assert found[0][0] == 2
    assert "a quotation mark is missing" in found[0][1]
    assert [line for line, _ in found] == list(range(2, 3 + length // 2))
    assert all(isinstance(cells, list) for _, cells in found[1:])


def test_empty_lines_are_none():
    assert rows(f"{HEAD}\n,,,\n  ,\na@example.net\n".encode()) == [(5, ["a@example.net"])]


def test_a_header_that_cannot_be_read_is_an_error():
    with pytest.raises(SheetError, match="line 1: byte 0xfc"):
        rows(b"email,\xfc\n")
    assert rows(b"") == []


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=4), max_size=8))
def test_whatever_the_cells_are_no_row_is_lost_or_raises(table):
    lines = [",".join(cells) for cells in table]
    found = rows((HEAD + "\n".join(lines)).encode())
    assert all(cells for _, cells in found)


@given(st.binary(max_size=60))
def test_no_bytes_raise(data):
    rows(HEAD.encode() + data)
