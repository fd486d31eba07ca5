"""Formats: each text type of SDMX as what its values look like; time periods of each kind, and of each frequency."""

from migstat.work.validate.structure_rules import DATE

ZONE = "(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
YEAR = "[0-9]{4}"
CLOCK = r"(([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?|24:00:00(\.0+)?)"
DURATION = r"-?P([0-9]+Y)?([0-9]+M)?([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?"
NUMBER = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"
WHOLE = "[+-]?[0-9]+"

GREGORIAN = {
    "GregorianYear": YEAR,
    "GregorianYearMonth": f"{YEAR}-(0[1-9]|1[0-2])",
    "GregorianDay": f"({DATE})",
}
MOMENT = f"({DATE})T{CLOCK}"
REPORTING = {
    "ReportingYear": f"{YEAR}-A1",
    "ReportingSemester": f"{YEAR}-S[12]",
    "ReportingTrimester": f"{YEAR}-T[1-3]",
    "ReportingQuarter": f"{YEAR}-Q[1-4]",
    "ReportingMonth": f"{YEAR}-M(0[1-9]|1[0-2])",
    "ReportingWeek": f"{YEAR}-W(0[1-9]|[1-4][0-9]|5[0-3])",
    "ReportingDay": f"{YEAR}-D(00[1-9]|0[1-9][0-9]|[12][0-9]{{2}}|3[0-5][0-9]|36[0-6])",
}


def _any(*patterns: str) -> str:
    return "(" + "|".join(f"({one})" for one in patterns) + ")"


_GREGORIAN, _REPORTING = _any(*GREGORIAN.values()), _any(*REPORTING.values())
_RANGE = f"({DATE})(T{CLOCK})?{ZONE}/{DURATION.removeprefix('-?')}"
TIMES = {
    **{name: pattern + ZONE for name, pattern in (GREGORIAN | REPORTING).items()},
    "DateTime": MOMENT + ZONE,
    "GregorianTimePeriod": _GREGORIAN + ZONE,
    "ReportingTimePeriod": _REPORTING + ZONE,
    "BasicTimePeriod": _any(_GREGORIAN, MOMENT) + ZONE,
    "StandardTimePeriod": _any(_GREGORIAN, MOMENT, _REPORTING) + ZONE,
    "TimeRange": _RANGE,
    "ObservationalTimePeriod": _any(_any(_GREGORIAN, MOMENT, _REPORTING) + ZONE, _RANGE),
}
TIMES["TimesRange"] = TIMES["TimeRange"]
"""The text types of time periods, as the SDMX technical notes (section 6) write them."""

OTHERS = {
    "Alpha": "[A-Za-z]+",
    "AlphaNumeric": "[A-Za-z0-9]+",
    "Numeric": "[0-9]+",
    **dict.fromkeys(("BigInteger", "Integer", "Long", "Short", "Incremental"), WHOLE),
    "Count": "[+]?[0-9]+",
    **dict.fromkeys(("Decimal", "InclusiveValueRange", "ExclusiveValueRange"), NUMBER),
    **dict.fromkeys(("Float", "Double"), f"({NUMBER}([eE][+-]?[0-9]+)?|NaN|[+-]?INF)"),
    "Boolean": "true|false|1|0",
    "URI": r"[^\s<>\"{}|\\^`]+",
    "Month": f"--(0[1-9]|1[0-2]){ZONE}",
    "MonthDay": f"--(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01]){ZONE}|--(0[469]|11)-(0[1-9]|[12][0-9]|30){ZONE}"
    f"|--02-(0[1-9]|[12][0-9]){ZONE}",
    "Day": f"---(0[1-9]|[12][0-9]|3[01]){ZONE}",
    "Time": CLOCK + ZONE,
    "Duration": DURATION,
}
BOUNDS = {"Short": (-(2.0**15), 2.0**15 - 1), "Integer": (-(2.0**31), 2.0**31 - 1), "Long": (-(2.0**63), 2.0**63)}
"""The bounds that a text type has of itself; those of Long are beyond what a float tells apart."""

_DAYS = _any(GREGORIAN["GregorianDay"], REPORTING["ReportingDay"]) + ZONE
FREQUENCIES = {
    "A": _any(YEAR, REPORTING["ReportingYear"]) + ZONE,
    "S": REPORTING["ReportingSemester"] + ZONE,
    "T": REPORTING["ReportingTrimester"] + ZONE,
    "Q": REPORTING["ReportingQuarter"] + ZONE,
    "M": _any(GREGORIAN["GregorianYearMonth"], REPORTING["ReportingMonth"]) + ZONE,
    "W": REPORTING["ReportingWeek"] + ZONE,
    "D": _DAYS,
    "B": _DAYS,
    "H": MOMENT + ZONE,
    "I": _any(MOMENT + ZONE, _DAYS),
}
"""How a period of each code of CL_FREQ is written; a time range may stand for any of them. Others are not judged.

What is irregular (``I``) may have a day, such as that of a census.
"""
FREQUENCIES = {code: _any(pattern, _RANGE) for code, pattern in FREQUENCIES.items()}


def pattern_of(format: str) -> str:
    """Return what values of a text type look like, or nothing where any text is one.

    >>> import re
    >>> bool(re.fullmatch(pattern_of("ReportingQuarter"), "2020-Q4")), pattern_of("String")
    (True, '')
    """
    return TIMES.get(format) or OTHERS.get(format, "")
