#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A drawn gel through the program: its JSON against the schema, its boxes given back as a layout.

    immunoblot.py PROGRAM
"""
import json
import math
import pathlib
import struct
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    jsonschema = None

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
WIDTH, HEIGHT, LANES = 420, 200, 6
HEIGHTS = [9000, 4500, 6000, 3000, 7500, 1500]


def pixel(x, y):
    value = 500 + 0.3 * y + 11 * (((x * 7919 + y * 104729) % 97) / 48 - 1)
    for lane in range(LANES):
        middle = 50 + 64 * lane
        across = 1 / (1 + math.exp((abs(x - middle) - 24) / 1.5))
        for centre, share in ((70, 1.0), (130, 0.5)):
            z = (y - centre - 0.03 * (x - 210)) / 5
            value += HEIGHTS[lane] * share * across * math.exp(-z * z / 2)
    return int(value)


def tiff():
    data = b"".join(struct.pack("<H", pixel(x, y)) for y in range(HEIGHT) for x in range(WIDTH))
    tags = [(256, 4, WIDTH), (257, 4, HEIGHT), (258, 3, 16), (259, 3, 1), (262, 3, 1), (273, 4, 8),
            (277, 3, 1), (278, 4, HEIGHT), (279, 4, len(data))]
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + struct.pack("<H", len(tags)) + entries + b"\0" * 4


def run(program, *words, cwd):
    done = subprocess.run([program, "immunoblot", *words], cwd=cwd, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, (words, done.returncode, done.stderr)
    return done.stdout


def check(result, name):
    if jsonschema is None:
        print("python3-jsonschema is not installed: the schema was not checked")
        return
    schema = json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(result)


STUDY = """[study]
title = "A blot in a study"
virtual_data = true
[[line]]
name = "H3122"
aliases = ["h3122 wt"]
[[drug]]
name = "crizotinib"
[[immunoblot]]
files = "day*/gel.tif"
lanes = "lanes.csv"
ratios = ["pALK/ALK"]
"""


def check_study(program, folder):
    """Two pictures of one name: the upper band stands for the target, the lower for the total."""
    rows = ["image,strip,lane,band,sample,line,drug,dose_nM,antibody"]
    for day in (1, 2):
        (folder / f"day{day}").mkdir()
        (folder / f"day{day}" / "gel.tif").write_bytes((folder / "gel.tif").read_bytes())
        for lane in range(LANES):
            drug = "crizotinib,100" if lane % 2 else ",0"
            for band, antibody in ((1, "pALK"), (2, "ALK")):
                rows.append(f"day{day}/gel.tif,1,{lane + 1},{band},s{lane},h3122 WT,{drug},{antibody}")
    (folder / "lanes.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "study.toml").write_text(STUDY.replace("day*/", ""), encoding="utf-8")
    done = subprocess.run([program, "study", "run", "study.toml", "-o", "wrong"], cwd=folder,
                          capture_output=True, text=True)
    assert done.returncode == 1 and "day1/gel.tif" in done.stderr, (done.stdout, done.stderr)
    assert not (folder / "wrong").exists()
    text = STUDY.replace('"day*/gel.tif"', '["day1/gel.tif", "day2/gel.tif"]')
    (folder / "study.toml").write_text(text, encoding="utf-8")
    subprocess.run([program, "study", "run", "study.toml", "-o", "report", "--quiet"], cwd=folder, check=True)
    result = json.loads((folder / "report" / "results.json").read_text(encoding="utf-8"))
    check(result, "study-result")
    blots = result["immunoblot"]
    assert len(blots["bands"]) == 4 * LANES and len(blots["ratios"]) == 2 * LANES, blots["ratios"]
    fold = next(f for f in blots["folds"] if f["drug"] == "crizotinib")
    assert fold["line"] == "H3122" and fold["fold"]["low"] < 1 < fold["fold"]["high"], fold
    page = (folder / "report" / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") >= 2
    for name in ("gel.overlay.png", "gel-2.overlay.png", "gel-2.layout.toml"):
        assert (folder / "report" / name).is_file(), name


ESCAPE = """seed = 11
[image]
lane_px = 40
gap_px = 12
strip_px = 170
marker_lane = 1
marker_masses_kDa = [200, 150, 100, 75, 50, 37]
[[strip]]
antibody = "pT"
mass_kDa = 120
top_kDa = 250
bottom_kDa = 30
amounts = [1, 1, 1, 1, 0.12, 0.12, 0.12, 1, 1, 1, 0.12, 0.12, 0.12]
[[strip]]
antibody = "T"
amounts = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
[[strip]]
antibody = "pE"
amounts = [1, 1, 1, 1, 0.9, 0.9, 0.9, 1, 1, 1, 0.15, 0.15, 0.15]
[noise]
load_percent = 4
"""


def check_escape(program, folder):
    """Two lines whose target is off under the drug: in one the signal downstream is kept."""
    (folder / "escape.toml").write_text(ESCAPE, encoding="utf-8")
    run(program, "simulate", "escape.toml", "-o", "escape", cwd=folder)
    rows = ["lane,strip,role,sample,line,drug,dose_nM,antibody,mass_kDa", "1,,marker,,,,,,200 150 100 75 50 37"]
    for lane in range(2, 14):
        line = "R" if lane < 8 else "S"
        drug = "D,100" if (lane - 2) % 6 >= 3 else ",0"
        for strip, antibody, mass in ((1, "pT", "120"), (2, "T", ""), (3, "pE", "")):
            rows.append(f"{lane},{strip},,s{lane},{line},{drug},{antibody},{mass}")
    (folder / "escape.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    words = ("analyze", "escape/blot.tif", "--lanes", "escape.csv", "--ratio", "pT/T", "--downstream", "pE/T")
    result = json.loads(run(program, *words, "--json", cwd=folder))
    check(result, "immunoblot-result")
    assert not result["problems"], result["problems"]
    bands = [b for b in result["bands"] if b["strip"] == 1 and b["lane"] > 1]
    assert len(bands) == 12, len(bands)
    for band in bands:
        assert abs(math.log(band["mass_kDa"]["value"] / 120)) < 0.03, band["mass_kDa"]
    read = {r["line"]: r["mechanism"] for r in result["readings"]}
    assert read == {"R": "bypass_like", "S": "both_off"}, result["readings"]
    run(program, *words, "-o", "escaped", "--quiet", cwd=folder)
    page = (folder / "escaped" / "report.html").read_text(encoding="utf-8")
    assert "bypass-like" in page and "mass (kDa)" in page
    # The same with another mass declared is warned of.
    text = (folder / "escape.csv").read_text(encoding="utf-8").replace(",120", ",60")
    (folder / "escape.csv").write_text(text, encoding="utf-8")
    told = json.loads(run(program, *words, "--json", cwd=folder))["problems"]
    assert len(told) == 1 and "60 kDa is declared" in told[0]["what"], told


COURSE = """seed = 12
[image]
lane_px = 40
gap_px = 12
[[strip]]
antibody = "pT"
amounts = [1, 1, 0.3, 0.3, 0.1, 0.1, 0.15, 0.15, 0.9, 0.9]
[[strip]]
antibody = "T"
amounts = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
[noise]
load_percent = 4
"""


def check_course(program, folder):
    """A signal that goes within the first hour and is back after a day."""
    (folder / "course.toml").write_text(COURSE, encoding="utf-8")
    run(program, "simulate", "course.toml", "-o", "course", cwd=folder)
    rows = ["lane,strip,sample,line,drug,dose_nM,antibody,time_h"]
    for lane, hours in enumerate((0, 0, 1, 1, 4, 4, 8, 8, 24, 24), 1):
        for strip, antibody in ((1, "pT"), (2, "T")):
            drug = "D,100" if hours else ",0"
            rows.append(f"{lane},{strip},s{lane},L,{drug},{antibody},{hours}")
    (folder / "course.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    result = json.loads(run(program, "analyze", "course/blot.tif", "course.csv", "--json", cwd=folder))
    check(result, "immunoblot-result")
    course, = result["time_courses"]
    assert [p["time_h"] for p in course["points"]] == [1, 4, 8, 24], course
    assert 0.3 < course["half_life_h"]["value"] < 0.9, course["half_life_h"]
    assert 12 < course["return_h"]["value"] < 24, course["return_h"]
    run(program, "analyze", "course/blot.tif", "course.csv", "-o", "coursed", "--quiet", cwd=folder)
    assert (folder / "coursed" / "figures" / "immunoblot_courses.vl.json").is_file()


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        (folder / "gel.tif").write_bytes(tiff())
        result = json.loads(run(program, "analyze", "gel.tif", "--json", cwd=folder))
        check(result, "immunoblot-result")
        assert len(result["lanes"]) == LANES, len(result["lanes"])
        assert len(result["bands"]) == 2 * LANES, len(result["bands"])
        for band in result["bands"]:
            truth = HEIGHTS[band["lane"] - 1] * (1.0 if band["band"] == 1 else 0.5) * 48 * 5 * math.sqrt(2 * math.pi)
            off = math.log(band["volume"]["value"] / truth)
            assert abs(off) < 0.05, (band["lane"], band["band"], off)
        run(program, "analyze", "gel.tif", "-o", "out", "--quiet", cwd=folder)
        for name in ("gel.overlay.png", "gel.layout.toml", "report.html", "tables/immunoblot_bands.csv"):
            assert (folder / "out" / name).is_file(), name
        again = json.loads(run(program, "analyze", "gel.tif", "--layout", "out/gel.layout.toml", "--json", cwd=folder))
        for a, b in zip(result["bands"], again["bands"], strict=True):
            assert abs(math.log(a["volume"]["value"] / b["volume"]["value"])) < 0.01, (a, b)
        check_study(program, folder)
        check_escape(program, folder)
        check_course(program, folder)
        case = ROOT / "tests" / "golden" / "data" / "bca.csv"
        check(json.loads(run(program, "protein", str(case), "--load-ug", "20", "--json", cwd=folder)),
              "immunoblot-protein-result")
    print("a drawn gel is measured, and its boxes can be given back")


if __name__ == "__main__":
    main()
