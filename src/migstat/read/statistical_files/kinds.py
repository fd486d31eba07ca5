"""Which statistical package wrote a file, told by how the file begins."""

TABLE = bytes.fromhex("000000000000000000000000c2ea8160b31411cfbd92080009c7318c181f1011")
CATALOG = bytes.fromhex("000000000000000000000000c2ea8163b31411cfbd92080009c7318c181f1011")
"""How tables, and catalogs of labels, of SAS 7 and later begin."""
OLD_STATA = (*range(104, 106), 108, *range(110, 116))
"""The first byte of the formats of Stata before 13."""
NAMES = {
    "sav": "an SPSS file (.sav)",
    "por": "an SPSS portable file (.por)",
    "dta": "a Stata file (.dta)",
    "sas7bdat": "a SAS table (.sas7bdat)",
    "sas7bcat": "a SAS catalog (.sas7bcat)",
    "xport": "a SAS transport file (.xpt)",
}
"""The kinds of file, by what pyreadstat calls them, and how they are told."""
KINDS = {"sav": "spss", "por": "spss", "dta": "stata", "sas7bdat": "sas", "xport": "sas"}
"""What ``source.format.kind`` says of each."""
ENDINGS = (".sav", ".zsav", ".por", ".dta", ".sas7bdat", ".xpt", ".xport", ".v5xpt", ".v8xpt")


def kind_of(start: bytes) -> str:
    """Return the kind of file that begins so, as pyreadstat calls it; empty for any other file."""
    if start.startswith((b"$FL2", b"$FL3")):
        return "sav"
    if start.startswith(b"<stata_dta>"):
        return "dta"
    if start[:1] and start[0] in OLD_STATA and start[1:2] in (b"\1", b"\2") and start[2:3] == b"\1":
        return "dta"
    if start.startswith(TABLE):
        return "sas7bdat"
    if start.startswith(CATALOG):
        return "sas7bcat"
    if start.startswith((b"HEADER RECORD*******LIBRARY HEADER", b"HEADER RECORD*******LIBV8")):
        return "xport"
    if b"SPSSPORT" in start[:1024].replace(b"\r", b"").replace(b"\n", b""):
        return "por"
    return ""
