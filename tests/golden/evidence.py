#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The evidence commands as scripts use them, on the shipped packs and on spoilt ones.

    evidence.py PROGRAM
"""
import csv
import hashlib
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
    wild = as_json("estimate", "--agent", "crizotinib", "--variant", "WT")
    check(wild["gene"] == "ALK" and any("WT is taken" in p["what"] for p in wild["problems"]), "WT without a gene is said")
    run("estimate", "--agent", "nosuchib", "--variant", "G1202R", code=2)
    for none in ("I1171T/N/S", "G1202X1", "no variant", "G1202R+"):  # never taken for the wild type
        check("against" not in run("estimate", "--agent", "crizotinib", "--variant", none, code=2), none)
        run("rank", "--variant", none, code=2)
    fused = as_json("estimate", "--agent", "crizotinib", "--variant", "EML4-ALK v3")
    check(fused.get("variant") == "WT" and fused["ic50_nM"] == wild["ic50_nM"], "a fusion without a change is the wild type")
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


def spoilt_guide(folder, lines=(), edit=None):
    """The guide with more rows of measurements, its hashes mended; the problems that check finds."""
    shutil.copytree(KNOWLEDGE / "guide", folder)
    table = folder / "measurement.csv"
    text = table.read_text() + "".join(line + "\n" for line in lines)
    table.write_text(edit(text) if edit else text)
    manifest = json.loads((folder / "pack.json").read_text())
    manifest["tables"]["measurement.csv"] = {"sha256": hashlib.sha256(table.read_bytes()).hexdigest()}
    (folder / "pack.json").write_text(json.dumps(manifest))
    return as_json("check", str(folder), code=1)["problems"]


def hostile():
    def row(name, unit="nM", value="5", supersedes="", more=""):
        return (f"{name},,guide,crizotinib,ALK,G1202R,,unstated,unstated,IC50,=,5,{unit},{value},,,,,,,,yes,read,by hand,,"
                f"{supersedes},,{more}")

    cases = {
        "a column of another name": ([], lambda text: text.replace("value_nM", "valeur"), 'the column "value_nM" is missing', 1),
        "32 cells under a header of 28": ([row("X1", more=",a,b,c,d")], None, "32 cells under a header of 28", 1),
        "a destroyed micro sign": ([row("X1", "\ufffdM", "5000")], None, "no unit of concentration", 1),
        "an unknown unit": ([row("X1", "furlong")], None, '"furlong" is no unit of concentration', 1),
        "an id that stands twice": ([row("G01")], None, "before", 1),
        "rows that supersede each other": ([row("X1", supersedes="X2"), row("X2", supersedes="X3"), row("X3", supersedes="X1")],
                                           None, "supersedes itself", 3),
    }
    with tempfile.TemporaryDirectory() as scratch:
        for number, (title, (lines, edit, said, times)) in enumerate(cases.items()):
            problems = spoilt_guide(pathlib.Path(scratch) / str(number), lines, edit)
            found = [p for p in problems if p["severity"] == "error" and said in p["what"]]
            check(len(found) == times and all(p["fix"] and p["line"] for p in found), f"{title}: {problems}")
        every = [line for lines, edit, _, _ in cases.values() if edit is None for line in lines]
        problems = spoilt_guide(pathlib.Path(scratch) / "all", every)
        check(sum(p["severity"] == "error" for p in problems) >= 4, f"all of them at once: {problems}")
        export = pathlib.Path(scratch) / "civic.tsv"
        export.write_bytes(b"variant_id\tgene\n1\tALK\n")
        run("import", str(export), "--from", "civic", "--date", "2026-11-25", "-o", scratch + "/civic", code=1)


def validation():
    v = as_json("validate", "--pack", str(KNOWLEDGE / "literature"))
    groups = {s["group"]: s for s in v["scores"]}
    pairs = groups["pair printed elsewhere"]
    check(pairs["n"] == sum(x["geometric_mean_log10_nM"] is not None for x in v["values"]), "pairs that stand elsewhere")
    check(pairs["model"]["rmse_log10"] < pairs["geometric_mean"]["rmse_log10"], f"better than the geometric mean: {pairs}")
    check(groups["all values"]["n"] == len(v["values"]) and groups["all values"]["geometric_mean"]["rmse_log10"] is None, "all values")
    check(NOTICE in run("validate", "--pack", str(KNOWLEDGE / "literature")), "the notice of validate")


VCF = """##fileformat=VCFv4.2
##contig=<ID=2>
##INFO=<ID=CSQ,Number=.,Type=String,Description="Format: Allele|Consequence|SYMBOL|HGVSp|CANONICAL">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tcr
2\t29443613\t.\tC\tT\t50\tPASS\tCSQ=T|missense_variant|ALK|NP_004295.2:p.Gly1202Arg|YES\tGT:AD:DP\t0/1:70,50:120
2\t29443695\t.\tG\tT\t50\tPASS\tCSQ=T|missense_variant|ALK|NP_004295.2:p.Leu1196Met|YES\tGT:AD:DP\t0/0:150,0:150
2\t29445213\t.\tA\tG\t50\tPASS\tCSQ=G|missense_variant|ALK|NP_004295.2:p.Ile1171Thr|YES\tGT:AD:DP\t0/0:6,0:6
"""


def genotypes():
    with tempfile.TemporaryDirectory() as scratch:
        vcf = pathlib.Path(scratch) / "cr.vcf"
        vcf.write_text(VCF)
        found = {c["variant"]: c["found"] for c in as_json("genotype", str(vcf))["carried"]}
        check(found == {"G1202R": "present", "L1196M": "absent", "I1171T": "not_covered"}, f"a VCF: {found}")
        check("not known to be absent" in run("genotype", str(vcf)), "what is not listed is not absent")
        (pathlib.Path(scratch) / "bad.vcf").write_text("##fileformat=VCFv4.2\nnonsense\n")
        run("genotype", scratch + "/bad.vcf", code=1)


def study(*words, code=0):
    done = subprocess.run([PROGRAM, "study", *words], capture_output=True, text=True, timeout=300)
    if done.returncode != code:
        failures.append(f"study {' '.join(words)}: exit {done.returncode}, not {code}\n{done.stderr[:2000]}")
    return done.stdout + done.stderr


def in_a_study():
    example = KNOWLEDGE.parent / "examples" / "crizotinib"
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch) / "study"
        shutil.copytree(example, folder)
        (folder / "cr.vcf").write_text(VCF)
        text = (folder / "study.toml").read_text().replace("# [evidence]", "[evidence]").replace("# variants", "variants")
        (folder / "study.toml").write_text(text.replace('parental = "H3122"', 'parental = "H3122"\ngenotype_file = "cr.vcf"', 1))
        study("check", str(folder / "study.toml"))
        study("run", str(folder / "study.toml"), "-o", scratch + "/out")
        e = json.loads((pathlib.Path(scratch) / "out/results.json").read_text())["evidence"]
        check(e["notice"] == NOTICE and e["gene"] == "ALK", "the chapter in results.json")
        check({l["line"]: l["variant"] for l in e["lines"]} == {"H3122": "WT", "H3122-CR": "G1202R"}, f"genotypes: {e['lines']}")
        check(len(e["own"]) == 12 and all(c["agreement"] in ("agrees", "disagrees") for c in e["own"]), "own values beside the literature")
        one = e["own"][0]
        check(one["both_ic50_nM"]["value"] and one["literature_ic50_nM"]["value"] and one["plate_ic50_nM"]["value"], "plate, literature and both")
        check({(f["variant"], f["over"]) for f in e["folds"]} == {("G1202R", "WT")}, "folds over the parental genotype")
        check({r["variant"] for r in e["rankings"]} == {"WT", "G1202R", "L1196M"}, "rankings of the study's variants")
        page = (pathlib.Path(scratch) / "out/report.html").read_text()
        check(NOTICE in page and "Own plates beside the literature" in page, "the chapter on the page")
        for name in ("evidence_own", "evidence_folds", "evidence_table", "evidence_rankings"):
            check((pathlib.Path(scratch) / f"out/tables/{name}.csv").is_file(), name)
        spoilt = text.replace('genotype = "EML4::ALK v1"', 'genotype = "EML4::ALK v1; ALK A1202R"').replace('"L1196M"', '"L1196M", "Q1202W"')
        spoilt = spoilt.replace("[evidence]", '[evidence]\nagents = ["crizotinibb"]\npackz = 1')
        (folder / "study.toml").write_text(spoilt)
        said = study("check", str(folder / "study.toml"), code=1)
        check("packz" in said, f"an unknown key: {said}")
        (folder / "study.toml").write_text(spoilt.replace("packz = 1", ""))
        said = study("check", str(folder / "study.toml"), code=1)
        check("1202" in said and "crizotinib" in said and "Q1202W" in said, f"a residue, an agent and a variant that are not there: {said}")


for part in (estimates, rankings, conflicts, tables, packs, hostile, validation, genotypes, in_a_study):
    try:
        part()
    except Exception as error:  # a missing key is a failure like another
        failures.append(f"{part.__name__}: {error!r}")
for failure in failures:
    print("FAILED", failure)
sys.exit(1 if failures else 0)
