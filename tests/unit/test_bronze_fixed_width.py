"""Fixed-width lines to Bronze rows: cut by characters, misfits kept."""

from __future__ import annotations

from tests.received import fixed_width, received, told, values

PLACES = (("id", 2, 4), ("name", 6, 8), ("price", 16, 6))
FIXED = fixed_width(*PLACES)
NONE = (None, None, None)
LINES = [
    " 0001Ada       001.10",
    " 0002Bjørn🙂🙂    1.10  ",
    " 0003Bo",
    " 0004Bo        001.10x",
    "",
    "   ",
    " 0005Bo      XX001.10",
    "X0006Bo         1    ",
    " 0007Bo        1",
    " 0008\x00b         1.1  ",
]
EXPECTED = [
    (("0001", "Ada     ", "001.10"), 1, None, None),
    (("0002", "Bjørn🙂🙂 ", " 1.10 "), 2, None, None),
    (NONE, 3, "unparsed_line", LINES[2]),
    (NONE, 4, "unparsed_line", LINES[3]),
    (NONE, 5, "blank_line", ""),
    (NONE, 6, "blank_line", "   "),
    (("0005", "Bo      ", "001.10"), 7, None, LINES[6]),
    (("0006", "Bo      ", " 1    "), 8, None, LINES[7]),
    (("0007", "Bo      ", "1"), 9, None, None),
    (("0008", "\x00b      ", " 1.1  "), 10, None, None),
]


def expected(encoding, shift=0):
    return [
        (fields, row + shift, error, None if raw is None else raw.encode(encoding), None)
        for fields, row, error, raw in EXPECTED
    ]


def test_columns_are_cut_at_their_characters(spark, tmp_path):
    content = "\n".join(LINES).encode("utf-8-sig")
    rows = received(spark, tmp_path, "things.txt", content, FIXED)
    assert [(values(r), *told(r)) for r in rows] == expected("utf-8")


def test_a_header_line_is_left_out_and_rows_keep_their_line_numbers(spark, tmp_path):
    headed = fixed_width(*PLACES, header=True, encoding="UTF-16LE")
    content = "\n".join([" id  name      price", *LINES, ""]).encode("utf-16-le")
    rows = received(spark, tmp_path, "things.dat", content, headed)
    assert [(values(r), *told(r)) for r in rows] == expected("utf-16-le", shift=1)


def test_a_danish_code_page(spark, tmp_path):
    told_ = fixed_width(*PLACES, encoding="IBM865")
    content = " 0001Ærø       001.10\n".encode("cp865")
    (row,) = received(spark, tmp_path, "things.txt", content, told_)
    assert (values(row), *told(row)) == (("0001", "Ærø     ", "001.10"), 1, None, None, None)
