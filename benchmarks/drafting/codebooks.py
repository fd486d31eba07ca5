"""Codebooks as the offices print them, written as data dictionaries where the real file is not at hand."""

import csv
import re
from collections.abc import Iterable
from pathlib import Path

Rows = Iterable[tuple[str, str, str, str]]

# What INDEC prints in its record layout, in Spanish. General knowledge, to be confirmed.
EPH = {
    "CODUSU": ("Código para distinguir viviendas", {}),
    "NRO_HOGAR": ("Código para distinguir hogares dentro de la vivienda", {}),
    "COMPONENTE": ("Número de componente: número de orden que se asigna a las personas que conforman cada hogar de la vivienda", {}),
    "H15": ("Entrevista individual realizada", {"1": "Sí", "2": "No"}),
    "ANO4": ("Año de relevamiento (4 dígitos)", {}),
    "TRIMESTRE": ("Trimestre de relevamiento", {}),
    "REGION": ("Código de región", {"1": "Gran Buenos Aires", "40": "Noroeste", "41": "Noreste", "42": "Cuyo",
                                    "43": "Pampeana", "44": "Patagonia"}),
    "AGLOMERADO": ("Código de aglomerado", {"2": "Gran La Plata", "32": "Ciudad Autónoma de Buenos Aires",
                                            "33": "Partidos del GBA"}),
    "PONDERA": ("Ponderación", {}),
    "CH03": ("Relación de parentesco", {"1": "Jefe/a", "2": "Cónyuge/Pareja", "3": "Hijo/Hijastro/a", "4": "Yerno/Nuera",
                                        "5": "Nieto/a", "6": "Madre/Padre", "7": "Suegro/a", "8": "Hermano/a",
                                        "9": "Otros familiares", "10": "No familiares"}),
    "CH04": ("Sexo", {"1": "Varón", "2": "Mujer"}),
    "CH05": ("Fecha de nacimiento (día, mes y año)", {}),
    "CH06": ("¿Cuántos años cumplidos tiene?", {"-1": "Menos de un año"}),
    "CH07": ("¿Actualmente está...", {"1": "Unido", "2": "Casado", "3": "Separado/a o divorciado/a", "4": "Viudo/a",
                                      "5": "Soltero/a"}),
    "CH15": ("¿Dónde nació?", {"1": "En esta localidad", "2": "En otra localidad de esta provincia",
                               "3": "En otra provincia (especificar)", "4": "En un país limítrofe (especificar)",
                               "5": "En otro país (especificar)", "9": "Ns/Nr"}),
    "CH15_COD": ("¿Dónde nació? Código de provincia o país", {}),
    "CH16": ("¿Dónde vivía hace 5 años?", {"1": "En esta localidad", "2": "En otra localidad de esta provincia",
                                           "3": "En otra provincia (especificar)", "4": "En un país limítrofe (especificar)",
                                           "5": "En otro país (especificar)", "6": "No había nacido", "9": "Ns/Nr"}),
    "CH16_COD": ("¿Dónde vivía hace 5 años? Código de provincia o país", {}),
    "ESTADO": ("Condición de actividad", {"0": "Entrevista individual no realizada (no respuesta)", "1": "Ocupado",
                                          "2": "Desocupado", "3": "Inactivo", "4": "Menor de 10 años"}),
    "NIVEL_ED": ("Nivel educativo", {"1": "Primaria incompleta", "2": "Primaria completa", "3": "Secundaria incompleta",
                                     "4": "Secundaria completa", "5": "Superior universitaria incompleta",
                                     "6": "Superior universitaria completa", "7": "Sin instrucción"}),
}  # fmt: skip

# What the Office for National Statistics prints with the teaching file. General knowledge, to be confirmed.
UK = {
    "Person ID": ("Person identifier", {}),
    "Region": ("Region", {"E12000001": "North East", "E12000007": "London", "W92000004": "Wales"}),
    "Residence Type": ("Residence type", {"C": "Resident in a communal establishment", "H": "Not resident in a communal establishment"}),
    "Family Composition": ("Family composition", {"1": "Not in a family", "2": "Married/same-sex civil partnership couple family",
                           "-9": "No code required (residents of a communal establishment, students or schoolchildren living away during term-time, or short-term residents)"}),
    "Population Base": ("Population base", {"1": "Usual resident", "2": "Student living away from home during term-time",
                                            "3": "Short-term resident"}),
    "Sex": ("Sex", {"1": "Male", "2": "Female"}),
    "Age": ("Age", {"1": "0 to 15", "2": "16 to 24", "3": "25 to 34", "4": "35 to 44", "5": "45 to 54", "6": "55 to 64",
                    "7": "65 to 74", "8": "75 and over"}),
    "Marital Status": ("Marital status", {
        "1": "Single (never married or never registered a same-sex civil partnership)",
        "2": "Married or in a registered same-sex civil partnership",
        "3": "Separated but still legally married or separated but still legally in a same-sex civil partnership",
        "4": "Divorced or formerly in a same-sex civil partnership which is now legally dissolved",
        "5": "Widowed or surviving partner from a same-sex civil partnership"}),
    "Student": ("Student (schoolchild or full-time student)", {"1": "Yes", "2": "No"}),
    "Country of Birth": ("Country of birth", {"1": "UK", "2": "Non UK",
                         "-9": "No code required (students or schoolchildren living away during term-time)"}),
    "Economic Activity": ("Economic activity", {"1": "Economically active: Employee", "2": "Economically active: Self-employed",
                          "3": "Economically active: Unemployed", "4": "Economically active: Full-time student",
                          "5": "Economically inactive: Retired", "6": "Economically inactive: Student",
                          "7": "Economically inactive: Looking after home or family",
                          "8": "Economically inactive: Long-term sick or disabled", "9": "Economically inactive: Other",
                          "-9": "No code required (aged under 16, students or schoolchildren living away during term-time)"}),
}  # fmt: skip


def write(path: Path, rows: Rows) -> Path:
    """Write a data dictionary: variable, label of the variable, value, label of the value."""
    with path.open("w", encoding="utf-8", newline="") as file:
        made = csv.writer(file)
        made.writerow(["variable", "variable label", "value", "value label"])
        made.writerows(rows)
    return path


def printed(said: dict[str, tuple[str, dict[str, str]]], more: dict[str, dict[str, str]] | None = None) -> Rows:
    """Yield the rows of a dictionary; ``more`` are values of some variables."""
    for name, (label, values) in said.items():
        yield name, label, "", ""
        for value, meaning in {**values, **(more or {}).get(name, {})}.items():
            yield name, label, value, meaning


def country_labels(table: Path) -> dict[str, str]:
    """Return the label of each value, as a shipped recode table has it beside its code."""
    with table.open(encoding="utf-8", newline="") as file:
        return {row["from"]: row["label"] for row in csv.DictReader(file)}


def cchs(details: Path, variables: Path, cycle: str, columns: list[str]) -> Rows:
    """Yield the codebook of one cycle: the meanings that the published recode rules give to its raw codes."""
    found: dict[str, dict[str, str]] = {}
    labels: dict[str, str] = {}
    with variables.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = _start(row["databaseStart"], row["variableStart"], cycle)
            labels.setdefault(name, row["labelLong"] or row["label"])
    with details.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = _start(row["databaseStart"], row["variableStart"], cycle)
            if not name or "DerivedVar" in row["variableStart"]:
                continue
            labels[name] = row["variableStartLabel"]
            start, meaning = row["recStart"].strip(), row["catStartLabel"].strip()
            parts = re.findall(r"([^;]+?)\s*\((\d+)\)", meaning)
            if start.isdecimal():
                found.setdefault(name, {}).setdefault(start, re.sub(r"\s*\(\d+\)$", "", meaning))
            elif parts and start.startswith("[") and meaning.startswith("don't know"):
                for said, value in parts:
                    found.setdefault(name, {}).setdefault(value, said.strip())
    for name in columns:
        yield name, labels.get(name, ""), "", ""
        for value, meaning in found.get(name, {}).items():
            yield name, labels.get(name, ""), value, meaning


def _start(cycles: str, starts: str, cycle: str) -> str:
    """Return the raw name of a variable in a cycle, or an empty text."""
    if cycle not in [one.strip() for one in cycles.split(",")]:
        return ""
    named = dict(one.strip().split("::") for one in starts.split(",") if "::" in one and "[" not in one)
    rest = re.search(r"(?<!:)\[(\w+)\]", starts)
    return named.get(cycle) or (rest[1] if rest else "")
