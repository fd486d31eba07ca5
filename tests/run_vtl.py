"""Runs a VTL program with vtlengine, in an environment of its own; prints the rows that each rule finds wrong.

``python run_vtl.py FOLDER``: the folder holds ``program.vtl``, ``structures.json`` and a CSV file for each data set.
"""

import json
import sys
from pathlib import Path


def main(folder: Path) -> None:
    # Here and not above: this file is imported where vtlengine is not.
    import pandas as pd
    import vtlengine

    structures = json.loads((folder / "structures.json").read_text(encoding="utf-8"))
    data = {}
    for one in structures["datasets"]:
        types = {part["name"]: part["type"] for part in one["DataStructure"]}
        frame = pd.read_csv(folder / f"{one['name']}.csv", dtype=str, keep_default_na=False, na_values=[""])
        for name, type in types.items():
            if type in ("Integer", "Number"):
                frame[name] = pd.to_numeric(frame[name])
        data[one["name"]] = frame
    script = (folder / "program.vtl").read_text(encoding="utf-8")
    results = vtlengine.run(script=script, data_structures=structures, datapoints=data)
    found = {}
    for result in results.values():
        rows = result.data
        # A ruleset keeps what is false; a check keeps every group, with its verdict and an error code where it fails.
        if "bool_var" in rows.columns:
            rows = rows[rows["bool_var"].eq(False).fillna(False)]
        identifiers = [name for name in result.get_identifiers_names() if name != "ruleid"]
        for row in rows.to_dict("records"):
            if row["errorcode"] is not None and row["errorcode"] == row["errorcode"]:
                found.setdefault(str(row["errorcode"]), []).append({name: str(row[name]) for name in identifiers})
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
