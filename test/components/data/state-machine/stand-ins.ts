/** What an execution is to meet on its way; travels in the prefix, which every function and job is given. */
export interface Scenario {
  accepted?: number;
  rejected?: number;
  passed?: boolean;
  /** Whether an earlier run left something to be taken over into Iceberg tables. */
  behind?: boolean;
  /** Function that raises an error of its own. */
  raises?: string;
  /** Job whose runs exit with an error. */
  breaks?: string;
  /** Job whose runs take longer than anybody waits. */
  hangs?: string;
  /** Function that answers nothing. */
  silent?: string;
  /** How often publishing meets a pointer that moved. */
  stale?: number;
}

/** Python of every function: what the real ones answer, and what goes wrong where the scenario says so. */
export const functionCode = `
import json, os, tempfile
from lakehouse.errors import StaleBase

def lost_races(run_id):
    """Counts the calls of one run, in a file, since workers come and go."""
    path = os.path.join(tempfile.gettempdir(), "races-" + run_id)
    with open(path, "a+") as file:
        file.write(".")
        file.flush()
        return file.tell()

def handler(event, context):
    name = context.function_name
    scenario = json.loads(event["prefix"])
    if scenario.get("raises") == name:
        raise ValueError(name + " was told to fail")
    if scenario.get("silent") == name:
        return {}
    if name == "validate":
        counts = {"accepted": scenario.get("accepted", 1), "rejected": scenario.get("rejected", 0), "skipped": 0}
        return {**event, **counts, "behind": scenario.get("behind", False)}
    if name == "quality_gate":
        passed = scenario.get("passed", True)
        return {"passed": passed, "failedRules": [] if passed else ["IsUnique order_id"]}
    if name == "publish":
        if scenario.get("stale", 0) >= lost_races(event["runId"]):
            raise StaleBase("the pointer moved")
        return {"report": "s3://processed/_runs/" + event["runId"] + "/report.json"}
    return {"event": event}
`;

/** Python of every job. MiniStack hands arguments of jobs to it as variables named without their dashes. */
export const jobCode = (name: string): string => `
import json, os, sys, time

scenario = json.loads(os.environ["prefix"])
if not os.environ["run_id"] or not os.environ["mode"]:
    sys.exit("no run")
if scenario.get("hangs") == ${JSON.stringify(name)}:
    time.sleep(20)
if scenario.get("breaks") == ${JSON.stringify(name)}:
    sys.exit("was told to fail")
`;
