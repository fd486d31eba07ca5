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


def comparable(values: pl.Series) -> pl.Series:
    """Return identifiers in capitals, letters and digits alone; null where nothing is left, which matches nothing.

    >>> comparable(pl.Series(["  Müller-Łoś ", "müller łos", "AB 123/4", "-", None])).to_list()
    ['MULLERLOS', 'MULLERLOS', 'AB1234', None, None]
    """
    text = values.cast(pl.String)
    odd = (text.str.contains("[^A-Z0-9]") | (text == "")).fill_null(False)
    if not odd.any():
        return text
    met = text.filter(odd).unique()
    foreign = met.str.len_bytes() != met.str.len_chars()
    plain = met.str.to_uppercase().str.replace_all("[^A-Z0-9]", "")
    if foreign.any():
        plain = plain.set(foreign, None).scatter(foreign.arg_true(), _folded(met.filter(foreign)))
    changed = pl.DataFrame({"value": met, "made": plain.replace("", None)})
    joined = text.to_frame("value").join(changed, on="value", how="left", maintain_order="left")["made"]
    return joined.zip_with(odd, text).alias(values.name)


def _folded(text: pl.Series) -> pl.Series:
    """Fold letters that are not plain ASCII."""
    text = text.str.normalize("NFKD").str.replace_all(DIACRITICS, "").str.to_uppercase()
    return text.str.replace_many(list(SAME), list(SAME.values())).str.replace_all(r"[^\p{L}\p{M}\p{N}]", "")
