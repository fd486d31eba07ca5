"""Dagster: one asset a night, which runs the plan, and fails where an extract did.

dagster dev -f dagster_assets.py, with MIGSTAT_PLAN, MIGSTAT_EXTRACTS and MIGSTAT_OUTPUT in the environment.
"""

import os

import dagster as dg

import migstat as ms


@dg.asset(description="Tables of all extracts, harmonized, validated and protected; what has not changed is kept.")
def migration_tables(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Run the plan; a run that was stopped goes on, so that a retry costs only what is missing."""
    outcome = ms.run(
        os.environ["MIGSTAT_PLAN"],
        folder=os.environ["MIGSTAT_EXTRACTS"],
        into=os.environ["MIGSTAT_OUTPUT"],
        memory=os.environ.get("MIGSTAT_MEMORY"),
    )
    for extract in outcome.extracts:
        for finding in extract.findings:
            context.log.log(finding.severity.upper().replace("NOTE", "INFO"), f"{extract.name}: {finding}")
    if not outcome.ok:
        raise dg.Failure(f"{sum(not one.ok for one in outcome.extracts)} extracts have findings: see index.html")
    counts = {one.name: one["harmonize"].facts["records"]["rows"] for one in outcome.extracts}
    return dg.MaterializeResult(
        metadata={"records": counts, "page": dg.MetadataValue.path(str(outcome.into / "index.html"))}
    )


nightly = dg.ScheduleDefinition("nightly", target=migration_tables, cron_schedule="0 2 * * *")
defs = dg.Definitions(assets=[migration_tables], schedules=[nightly])
