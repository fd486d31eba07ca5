"""The frame maker itself: the same text goes in and comes out on every engine."""


def test_text_goes_in_and_comes_out(constructor):
    data = [{"AREA": "NA", "M49": "036", "N": 1}, {"AREA": None, "M49": "", "N": 2}]

    rows = constructor.rows(constructor(data), "N")

    assert [{"AREA": "NA", "M49": "036", "N": "1"}, {"AREA": None, "M49": "", "N": "2"}] == rows


def test_columns_and_rows_are_the_same(constructor):
    by_rows = constructor([{"SEX": "1"}, {"SEX": "2"}])
    by_columns = constructor({"SEX": [1, 2]})

    assert constructor.rows(by_rows, "SEX") == constructor.rows(by_columns, "SEX")
