"""Profiling: the indicators of a migration profile, looked up in tables of stocks and flows; nothing is filled in."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from migstat.words.codelist import Codelist
from migstat.words.how_many import how_many
from migstat.words.missing import TOTAL
from migstat.words.profile import NOT_IN_DATA, Indicator
from migstat.words.table import Table
from migstat.work.combine.facts import sources_said

TOP = 5
WORKING = "Y15T64"
STOCKS = {"BIRTH": ("FOREIGN_BORN", "Foreign-born"), "CITIZENSHIP": ("FOREIGN_CITIZEN", "Foreign citizens")}
AGES = {"AGE_0_14": "Y0T14", "AGE_15_64": WORKING, "AGE_65": "Y_GE65"}
FLOWS = {"ARRIVALS": ("IMM", "Arrivals"), "DEPARTURES": ("EMI", "Departures")}
OF_STATUS = {
    "REFUGEES": ("MIG_STATUS", "REF", "Refugees"),
    "ASYLUM_SEEKERS": ("MIG_STATUS", "ASY", "Asylum seekers"),
    "STUDENTS": ("MIG_REASON", "EDUC", "Here for education or training"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """A figure with where it is from, or why there is none."""

    value: float | None
    table: str = ""
    by: str = ""
    gap: str = ""
    definition: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """Looks cells of one area and period up. ``population`` is the people of the area, where it was handed in."""

    tables: Mapping[str, Table]
    area: str
    period: str
    population: float | None
    codelists: Callable[[str], Codelist]
    by: dict[str, str] = field(default_factory=dict)

    def cell(self, **codes: str) -> Found:
        """Return the figure whose dimensions have these codes and are totals otherwise."""
        asked = ", ".join(f"{id} {code}" for id, code in codes.items())
        silent = f"{NOT_IN_DATA}: no table has {asked}"
        for name, table in self.tables.items():
            rows = self.rows(table, **codes)
            if rows is not None and not rows.height and self.counts(table, **codes):
                return Found(0.0, name, self.maker(name), definition=codes.get("DEFINITION", ""))
            if rows is None or not rows.height:
                continue
            definitions = sorted(rows["DEFINITION"].unique()) if "DEFINITION" in rows.columns else [""]
            if rows.height > 1:
                silent = (
                    f"{name} has {how_many(rows.height, 'figure')} for "
                    f"{asked}, by {', '.join(definitions)}: hand in one"
                )
                continue
            value = rows["OBS_VALUE"][0]
            gap = "" if value is not None else f"{name} has no value: {rows['OBS_STATUS'][0]}"
            return Found(value, name, self.maker(name), gap, definitions[0])
        return Found(None, gap=silent)

    def counts(self, table: Table, **codes: str) -> bool:
        """Say whether a cell that is not there is 0: of a table counted from records that has all of the codes."""
        here = table.frame.filter(REF_AREA=self.area, TIME_PERIOD=self.period)
        return "records" in table.metadata and all(code in here[id].unique() for id, code in codes.items())

    def rows(self, table: Table, **codes: str) -> pl.DataFrame | None:
        """Return the cells of a table with these codes and totals otherwise; None where it lacks a dimension."""
        frame: pl.DataFrame = table.frame
        if any(id not in frame.columns for id in codes):
            return None
        wanted = {"REF_AREA": self.area, "TIME_PERIOD": self.period, **codes}
        for one in table.structure.with_role("dimension"):
            if one.id in frame.columns and one.id not in wanted and TOTAL in frame[one.id].unique():
                wanted[one.id] = TOTAL
        if "UNIT_MEASURE" in frame.columns:
            wanted["UNIT_MEASURE"] = "PS"
        if "MEASURE" in frame.columns:
            wanted["MEASURE"] = "COUNT"
        return frame.filter(pl.all_horizontal(pl.col(id).cast(pl.String) == code for id, code in wanted.items()))

    def maker(self, name: str) -> str:
        """Return who made the source of a table."""
        said = sources_said(self.tables[name].metadata)
        return " / ".join(dict.fromkeys(str(one["by"]) for one in said if one.get("by")))

    def everyone(self, definition: str) -> Found:
        """Return the people of the area."""
        if self.population is not None:
            return Found(self.population, "population")
        return self.cell(DEFINITION=definition, MIGRANT=TOTAL)


def indicators(look: Look) -> tuple[Indicator, ...]:
    """Return all indicators, given or not, in the order of the profile."""
    return tuple(
        replace(one, period=look.period) for one in (*_stocks(look), *_flows(look), *_status(look), *_work(look))
    )


def _stocks(look: Look) -> Iterator[Indicator]:
    for id, (definition, name) in STOCKS.items():
        counted = look.cell(DEFINITION=definition, MIGRANT="Y")
        yield _of(f"STOCK_{id}", name, f"people whom {definition} counts", counted, "PS")
        people = look.everyone(definition)
        yield _share(f"SHARE_{id}", f"{name}, share of population", "per cent of all people", counted, people)
    born = look.cell(DEFINITION="FOREIGN_BORN", MIGRANT="Y")
    women = look.cell(DEFINITION="FOREIGN_BORN", MIGRANT="Y", SEX="F")
    yield _share("SHARE_WOMEN", "Women among the foreign-born", "per cent of the foreign-born", women, born)
    for id, code in AGES.items():
        part = look.cell(DEFINITION="FOREIGN_BORN", MIGRANT="Y", AGE=code)
        label = look.codelists("CL_AGE").label(code)
        yield _share(f"SHARE_{id}", f"Foreign-born of {label}", "per cent of the foreign-born", part, born)
    yield from _origins(look)
    naturalised = look.cell(DEFINITION="NATURALISED", MIGRANT="Y")
    yield _of("NATURALISED", "Foreign-born nationals", "people whom NATURALISED counts", naturalised, "PS")


def _origins(look: Look) -> Iterator[Indicator]:
    codelist = look.codelists("CL_COUNTRY_BIRTH")
    countries = [code.id for code in codelist if code.attributes.get("kind") == "country"]
    ranked: list[tuple[str, float]] = []
    table = ""
    for name, one in look.tables.items():
        if "COUNTRY_BIRTH" not in one.frame.columns or "DEFINITION" not in one.frame.columns:
            continue
        present = sorted(set(one.frame["COUNTRY_BIRTH"].unique()) & set(countries))
        cells = [(code, look.rows(one, DEFINITION="FOREIGN_BORN", MIGRANT="Y", COUNTRY_BIRTH=code)) for code in present]
        found = [(code, rows["OBS_VALUE"][0]) for code, rows in cells if rows is not None and rows.height == 1]
        ranked = sorted(((code, value) for code, value in found if value), key=lambda pair: (-pair[1], pair[0]))
        if ranked:
            table = name
            break
    for rank in range(1, TOP + 1):
        what = "people whom FOREIGN_BORN counts, of one country of birth"
        if rank <= len(ranked):
            code, value = ranked[rank - 1]
            found_here = Found(value, table, look.maker(table), definition="FOREIGN_BORN")
            made = _of(f"ORIGIN_{rank}", f"Origin {rank}: {codelist.label(code)}", what, found_here, "PS")
            yield replace(made, code=code)
        else:
            gap = f"{NOT_IN_DATA}: {how_many(len(ranked), 'country of birth is', 'countries of birth are')} given"
            yield Indicator(f"ORIGIN_{rank}", f"Origin {rank}", what, None, "PS", "FOREIGN_BORN", gap=gap)


def _flows(look: Look) -> Iterator[Indicator]:
    sides = {}
    for id, (code, name) in FLOWS.items():
        sides[id] = look.cell(FLOW=code)
        yield _of(id, name, "moves in the period", sides[id], "PS")
    arrivals, departures = sides["ARRIVALS"], sides["DEPARTURES"]
    net = look.cell(FLOW="NET")
    if net.value is None and arrivals.value is not None and departures.value is not None:
        net = replace(arrivals, value=arrivals.value - departures.value)
    if arrivals.definition != departures.definition and net.table == arrivals.table and net.value is not None:
        net = Found(None, gap=f"arrivals are by {arrivals.definition}, departures by {departures.definition}")
    yield _of("NET", "Net migration", "arrivals less departures", net, "PS")
    rate = _share("NET_RATE", "Net migration rate", "per thousand people", net, look.everyone("FOREIGN_BORN"))
    yield replace(rate, value=None if rate.value is None else 10 * rate.value, unit="10P3PS")


def _status(look: Look) -> Iterator[Indicator]:
    for id, (component, code, name) in OF_STATUS.items():
        counted = look.cell(**{component: code}, MIGRANT=TOTAL)
        yield _of(id, name, f"people of {component} {code}", counted, "PS")


def _work(look: Look) -> Iterator[Indicator]:
    for id, migrant, name in (("FOREIGN_BORN", "Y", "foreign-born"), ("NATIVE_BORN", "N", "native-born")):
        employed = look.cell(DEFINITION="FOREIGN_BORN", MIGRANT=migrant, AGE=WORKING, LABOUR="EMP")
        all_of_age = look.cell(DEFINITION="FOREIGN_BORN", MIGRANT=migrant, AGE=WORKING)
        what = f"per cent of the {name} aged 15 to 64, unknown labour status included"
        yield _share(f"EMPLOYED_{id}", f"Employed, {name} aged 15 to 64", what, employed, all_of_age)


def _of(id: str, name: str, what: str, found: Found, unit: str) -> Indicator:
    return Indicator(id, name, what, found.value, unit, found.definition, table=found.table, by=found.by, gap=found.gap)


def _share(id: str, name: str, what: str, part: Found, whole: Found) -> Indicator:
    made = _of(id, name, what, part, "PT")
    if part.value is None:
        return made
    if not whole.value:
        return replace(made, value=None, gap=f"of what it is a share: {whole.gap or 'nobody'}")
    return replace(made, value=100 * part.value / whole.value)
