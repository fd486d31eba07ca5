"""Comparable identifiers: case, blanks, punctuation, diacritics and the digits of other scripts make no difference."""

import polars as pl

DIACRITICS = r"[\x{0300}-\x{036F}\x{064B}-\x{0652}\x{0591}-\x{05C7}]"
"""Marks above and below letters; vowel signs that are letters of their own, as in Devanagari, stay."""
LETTERS = {"Ø": "O", "Đ": "D", "Ð": "D", "Ł": "L", "Æ": "AE", "Œ": "OE", "Þ": "TH", "ẞ": "SS", "Ħ": "H", "Ŧ": "T",
           "İ": "I", "ı": "I"}  # fmt: skip
"""Letters that are not a letter with a mark. Our choice: passports write some of them otherwise, such as OE for Ø."""
SCRIPTS = ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९", "০১২৩৪৫৬৭৮৯")
"""Digits: Arabic, Persian, Devanagari, Bengali."""
SAME = LETTERS | {digit: str(value) for digits in SCRIPTS for value, digit in enumerate(digits)}


def comparable(column: pl.Expr) -> pl.Expr:
    """Return identifiers in capitals, letters and digits alone; null where nothing is left, which matches nothing.

    >>> pl.Series(["  Müller-Łoś ", "müller łos", "AB 123/4", "-", None]).to_frame("x").select(
    ...     comparable(pl.col("x"))).to_series().to_list()
    ['MULLERLOS', 'MULLERLOS', 'AB1234', None, None]
    """
    text = column.cast(pl.String).str.normalize("NFKD").str.replace_all(DIACRITICS, "").str.to_uppercase()
    text = text.str.replace_many(list(SAME), list(SAME.values())).str.replace_all(r"[^\p{L}\p{M}\p{N}]", "")
    return pl.when(text != "").then(text)
