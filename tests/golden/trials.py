#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Virtual mice and patients through the program: simulate, analyze, plan; every JSON against its schema,
every figure there.

    trials.py PROGRAM
"""
import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    jsonschema = None

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

MICE = """seed = 7
[[arm]]
name = "vehicle"
animals = 7
growth_rate_per_day = 0.09
[[arm]]
name = "treated"
animals = 7
growth_rate_per_day = 0.05
[design]
days = [0, 3, 6, 9, 12, 15, 18, 21]
volume_limit_mm3 = 900
take_rate = 0.8
stop_when_gone = 0.9
[truth]
sd_growth_rate_per_day = 0.015
"""
PATIENTS = """seed = 3
[[arm]]
name = "chemotherapy"
patients = 40
median_months = 6
[[arm]]
name = "inhibitor"
patients = 40
median_months = 12
[design]
scan_every_months = {scans}
"""


def run(program, *words, cwd):
    done = subprocess.run([program, *words], cwd=cwd, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, (words, done.returncode, done.stderr)
    return done.stdout


def valid(text, name):
    result = json.loads(text)
    assert list(result)[:3] == ["schema", "provenance", "problems"], name
    if jsonschema is None:
        print("python3-jsonschema is not installed: the schema was not checked")
    else:
        schema = json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator(schema).validate(result)
    return result


def mice(program, folder):
    (folder / "mice.toml").write_text(MICE, encoding="utf-8")
    run(program, "xenograft", "simulate", "mice.toml", "-o", "mice", cwd=folder)
    result = valid(run(program, "xenograft", "analyze", "mice/tumours.csv", "--json", "-o", "out", cwd=folder),
                   "xenograft-result")
    assert {"day", "arm[treated]", "day:arm[treated]"} < {c["name"] for c in result["model"]["coefficients"]}
    figures = {p.name for p in (folder / "out/figures").glob("*.vl.json")}
    for part in ("spider", "mean", "waterfall", "multiple"):
        assert any(part in name for name in figures), (part, figures)
    plan = valid(run(program, "xenograft", "plan", "mice.toml", "--studies", "60", "--every", "6", "--to", "12",
                     "--json", "--threads", "2", cwd=folder), "xenograft-plan-result")
    run(program, "xenograft", "plan", "mice.toml", "--studies", "60", "--to", "12", "-o", "plan", cwd=folder)
    valid((folder / "plan/results.json").read_text(encoding="utf-8"), "xenograft-plan-result")
    assert "as designed" in (folder / "plan/report.html").read_text(encoding="utf-8")
    assert (folder / "plan/figures/xenograft_plan_power.vl.json").is_file()
    assert len(plan["protocols"]) == 2 and sum(p["as_designed"] for p in plan["protocols"]) == 1
    again = run(program, "xenograft", "plan", "mice.toml", "--studies", "60", "--every", "6", "--to", "12",
                "--json", "--threads", "1", cwd=folder)
    assert json.loads(again)["protocols"] == plan["protocols"], "the same at any thread count"


def patients(program, folder):
    for scans in (0, 2):
        (folder / "trial.toml").write_text(PATIENTS.format(scans=scans), encoding="utf-8")
        run(program, "clinical", "simulate", "trial.toml", "-o", f"trial{scans}", cwd=folder)
        result = valid(run(program, "clinical", "analyze", f"trial{scans}/patients.csv", "--landmark", "6", "--json",
                           "-o", f"seen{scans}", cwd=folder), "clinical-result")
        median = result["arms"][0]["median"]
        assert median["low"] < median["value"] < median["high"], median
    plan = valid(run(program, "clinical", "plan", "trial.toml", "--looks", "2", "--spending", "pocock", "--trials",
                     "60", "--to", "80", "--json", cwd=folder), "clinical-plan-result")
    assert [look["information"] for look in plan["looks"]] == [0.5, 1]
    for row in plan["sizes"]:
        assert row["stopped_by"][-1] == row["power"] and row["expected_months"] <= row["planned_months"]


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        mice(program, folder)
        patients(program, folder)
    print("mice and patients: simulated, analysed, planned; all JSON holds to its schema")


if __name__ == "__main__":
    main()
