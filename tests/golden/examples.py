#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The shipped examples, as a newcomer runs them.

    examples.py PROGRAM

Virtual plates are made again byte for byte from their design and seed; the exports of five readers
give the potencies of the tidy table; a study gives the same bytes at
one thread and at two; a starter made by `study new` runs; nothing is left behind by a run that fails.
"""
import filecmp
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())


def run(*words, expect=0, cwd=None):
    done = subprocess.run([PROGRAM, *map(str, words)], cwd=cwd, capture_output=True, text=True, timeout=300)
    assert done.returncode == expect, f"{words}: exit {done.returncode}\n{done.stderr}"
    return done.stdout


def potencies(*words):
    """(line, drug) -> (relation, IC50 in nM) of an analysis."""
    curves = json.loads(run("viability", "analyze", *words, "--json", "--quiet"))["curves"]
    return {(c["line"], c["drug"]): (c["ic50_nM"]["relation"], c["ic50_nM"]["value"]) for c in curves}


def assert_same_potencies(got, want, what):
    assert set(got) == set(want) and len(want) == 12, f"{what}: other curves"
    for key, (relation, value) in want.items():
        # A reader's export holds three decimals; the tidy table holds six digits.
        assert got[key][0] == relation and abs(got[key][1] / value - 1) < 0.05, f"{what}: {key}: {got[key]}"


def same_tree(a, b):
    differing = []

    def walk(found):
        differing.extend(found.left_only + found.right_only + found.diff_files + found.funny_files)
        for below in found.subdirs.values():
            walk(below)

    walk(filecmp.dircmp(a, b))
    return differing


def main():
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        example = ROOT / "examples" / "crizotinib"
        run("viability", "simulate", example / "design.toml", "-o", scratch / "plates")
        assert same_tree(example / "plates", scratch / "plates") == [], "the shipped plates are not those of the design"

        tidy = potencies(scratch / "plates" / "plates.csv")
        for form in ("gen5", "softmax", "bmg", "envision", "tecan"):
            out = scratch / form
            run("viability", "simulate", example / "design.toml", "-o", out, "--format", form)
            export = next(p for p in out.iterdir() if p.name != "layout.toml")
            assert_same_potencies(potencies(export, "--layout", out / "layout.toml"), tidy, form)

        study = example / "study.toml"
        run("study", "check", study)
        for threads in (1, 2):
            run("study", "run", study, "-o", scratch / f"t{threads}", "--threads", threads, "--quiet")
        assert same_tree(scratch / "t1", scratch / "t2") == [], "results depend on the thread count"
        assert "virtual" in (scratch / "t1" / "report.html").read_text(encoding="utf-8").lower()

        run("study", "new", scratch / "mine")
        run("study", "run", scratch / "mine" / "study.toml", "-o", scratch / "mine" / "results")
        assert (scratch / "mine" / "results" / "report.html").is_file()
        run("study", "new", scratch / "mine", expect=2)

        pair = scratch / "pair"
        shutil.copytree(ROOT / "examples" / "combination", pair)
        run("combination", "simulate", pair / "design.toml", "-o", pair)
        result = json.loads(run("combination", "analyze", pair / "plates.csv", "--pair", "derived:parental",
                                "--json", "--quiet"))
        parental, derived = result["pairs"]
        assert [parental["line"], derived["line"]] == ["parental", "derived"]
        assert all(s["call"] == "additive_within_error" for s in parental["scores"].values()), parental["says"]
        for model in ("hsa", "bliss", "zip"):
            assert derived["scores"][model]["call"] == "synergy", derived["says"]
        for key, truth in (("alpha_12", 2), ("alpha_21", 4)):  # of the design
            got = derived["musyc"][key]
            assert got["low"] <= truth <= got["high"], f"{key}: {got}"
        run("study", "run", pair / "study.toml", "-o", pair / "results", "--quiet")
        study = json.loads((pair / "results" / "results.json").read_text(encoding="utf-8"))
        best = study["combination"]["pairs"][1]["best_pair"]["dose_nM"]
        assert best[0] <= 1000 and best[1] <= 3000, f"{best} is above the caps of the study"

        run("study", "run", ROOT / "examples" / "series" / "study.toml", "-o", scratch / "series", "--quiet")
        pooled = json.loads((scratch / "series" / "results.json").read_text(encoding="utf-8"))["clinical_pool"]["pooled"]
        assert [(p["responders"], p["n"]) for p in pooled] == [(17, 20), (7, 12), (5, 13), (2, 2)]
        assert all(0.0 < p["rate"]["low"] < p["rate"]["value"] <= p["rate"]["high"] for p in pooled)
        page = (scratch / "series" / "report.html").read_text(encoding="utf-8")
        assert "imatinib" in page, "rows without counts are named"

        (scratch / "bad.csv").write_text("line,drug,dose_nM,viability\nA,d,x,1\n", encoding="utf-8")
        run("viability", "analyze", scratch / "bad.csv", "-o", scratch / "none", expect=1)
        assert not (scratch / "none").exists(), "a failed run left results behind"
    print("the shipped examples run: 1 passed, 0 failed")


if __name__ == "__main__":
    main()
