#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The evidence commands as scripts use them, on the shipped packs and on spoilt ones.

    evidence.py PROGRAM
"""
import csv
import io
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())
KNOWLEDGE = pathlib.Path(__file__).resolve().parent.parent.parent / "knowledge"
NOTICE = "Research use only, not treatment advice"
failures = []


def run(*words, code=0):
    done = subprocess.run([PROGRAM, "evidence", *words], capture_output=True, text=True, timeout=300)
    if done.returncode != code:
        failures.append(f"{' '.join(words)}: exit {done.returncode}, not {code}\n{done.stderr[:2000]}")
    return done.stdout


def check(condition, what):
    if not condition:
        failures.append(what)


def as_json(*words, code=0):
    text = run(*words, "--json", code=code)
    try:
        result = json.loads(text)
    except ValueError:
        failures.append(f"{' '.join(words)}: no JSON")
        return {}
    check(list(result)[:3] == ["schema", "provenance", "problems"], f"{words[0]} opens with schema, provenance, problems")
    check(code or result.get("notice") == NOTICE, f"{words[0]} says that it is for research")
    return result


def estimates():
    one = as_json("estimate", "--agent", "Xalkori", "--variant", "NP_004295.2:p.Gly1202Arg", "--gene", "ALK")
    other = as_json("estimate", "--agent", "crizotinib", "--variant", "G1202R")
    check(one.get("ic50_nM") == other.get("ic50_nM"), "every spelling gives the same estimate")
    for key in ("ic50_nM", "ic50_predictive_nM", "fold_over_wild_type"):
        check(set(other[key]) >= {"value", "low", "high", "level", "relation", "status", "n", "method"}, key)
    check(other["ic50_predictive_nM"]["high"] > other["ic50_nM"]["high"], "the predictive interval is wider")
    rows = other["rows"]
    check(any(not r["used"] and r["read"] == "no" for r in rows), "unread rows are shown and left out")
    check(all(r["read"] == "yes" for r in rows if r["used"]), "only read rows weigh")
    unread = as_json("estimate", "--agent", "crizotinib", "--variant", "G1202R", "--include-unread")
    check(unread["unread_rows_weigh"], "unread rows are marked where they weigh")
    check(unread["ic50_nM"]["high"] / unread["ic50_nM"]["low"] < other["ic50_nM"]["high"] / other["ic50_nM"]["low"], "numbers narrow the interval")
    guide = as_json("estimate", "--agent", "crizotinib", "--variant", "G1202R", "--pack", str(KNOWLEDGE / "guide"))
    check(guide["ic50_nM"]["low"] < 560 < guide["ic50_nM"]["high"], "the guide's own 560 nM")
    nothing = as_json("estimate", "--agent", "imatinib", "--variant", "ALK:G1202R")
    check(nothing["ic50_nM"]["value"] is None and nothing["ic50_nM"]["status"] == "too_few_data", "no row, no number")
    check(NOTICE in run("estimate", "--agent", "crizotinib", "--variant", "G1202R"), "the notice in text")
    run("estimate", "--agent", "nosuchib", "--variant", "G1202R", code=2)
    run("estimate", "--agent", "crizotinib", "--variant", "A1202R", "--gene", "ALK", code=2)


def rankings():
    r = as_json("rank", "--variant", "G1202R", "--include-unread")
    ranked = [x for x in r["ranking"] if x["p_best"] is not None]
    check(abs(sum(x["p_best"] for x in ranked) - 1) < 1e-9, "P(best) adds up")
    check(all({"agent", "p_best", "p_cover_above_1", "tied_with"} <= set(x) for x in r["ranking"]), "the keys of a ranking")
    check(all(k in r for k in ("supported", "conflicting", "unmeasured", "out_of_scope", "would_change")), "four lists")
    check("brigatinib" in {x["agent"] for x in r["conflicting"]}, "brigatinib's rows contradict each other")
    again = as_json("rank", "--variant", "G1202R", "--include-unread")
    check(r["ranking"] == again["ranking"], "the same seed, the same ranking")


def conflicts():
    c = as_json("conflicts")["conflicts"]
    pairs = {(x["agent"], x["variant"]) for x in c if x["kind"] == "opposite_directions"}
    check({("crizotinib", "F1174L"), ("brigatinib", "G1202R"), ("alectinib", "I1171T")} <= pairs, "the known contradictions")
    doubts = {x["kind"] for x in c if x["pack"] == "guide"}
    check({"citation_cannot_hold", "same_bound_everywhere", "words_beside_numbers", "missing_cells", "in_vitro_among_clinical",
           "percent_without_counts", "unidentified_reference", "no_citation"} <= doubts, f"the guide's defects: {doubts}")


def tables():
    with tempfile.TemporaryDirectory() as scratch:
        run("table", "--gene", "ALK", "--variant", "G1202R", "--variant", "WT", "-o", scratch + "/t")
        html = (pathlib.Path(scratch) / "t/table.html").read_text()
        check(NOTICE in html and "title=" in html and "<script" not in html, "the HTML table")
        rows = list(csv.DictReader(io.StringIO((pathlib.Path(scratch) / "t/table.csv").read_text())))
        check({r["variant"] for r in rows} == {"WT", "G1202R"}, "the CSV table")


def packs():
    check(as_json("check")["packs"], "shipped packs")
    with tempfile.TemporaryDirectory() as scratch:
        spoilt = pathlib.Path(scratch) / "spoilt"
        shutil.copytree(KNOWLEDGE / "guide", spoilt)
        with open(spoilt / "measurement.csv", "a") as file:
            file.write("X,,guide,crizotinib,ALK,G1202R,,unstated,unstated,IC50,==,5,furlong,5\n")
        broken = as_json("check", str(spoilt), code=1)
        check(len(broken["problems"]) >= 3, "all problems at once")
        run("check", scratch + "/nowhere", code=1)
        run("diff", str(KNOWLEDGE / "guide"), str(KNOWLEDGE / "guide"))
        moved = as_json("diff", str(KNOWLEDGE / "guide"), str(KNOWLEDGE / "literature-unread"))
        check(moved["rows"], "rows that differ")
        table = pathlib.Path(scratch) / "mine.csv"
        table.write_text("Drug,Mutation,IC50\ncrizotinib,G1202R,0.7\ncrizotinib,WT,0.03\ncrizotinib,nonsense,1\n")
        run("import", str(table), "--from", "csv", "--map", "agent=Drug", "--map", "variant=Mutation", "--map", "value=IC50", "--unit", "uM",
            "--gene", "ALK", "--kind", "own_lab", "--source", "our lab", "--name", "mine", "--date", "2026-11-25", "-o", scratch + "/mine")
        both = as_json("estimate", "--agent", "crizotinib", "--variant", "G1202R", "--pack", str(KNOWLEDGE / "literature"), "--pack", scratch + "/mine")
        own = [r for r in both["rows"] if r["pack"] == "mine"]
        check(own and own[0]["value_nM"] == 700 and own[0]["source"]["kind"] == "own_lab" and own[0]["used"], "own values beside the literature")
        frequencies = as_json("frequencies")["mechanisms"]
        check(any(m["prior_agent"] == "crizotinib" for m in frequencies), "mechanism frequencies")


for part in (estimates, rankings, conflicts, tables, packs):
    try:
        part()
    except Exception as error:  # a missing key is a failure like another
        failures.append(f"{part.__name__}: {error!r}")
for failure in failures:
    print("FAILED", failure)
sys.exit(1 if failures else 0)
