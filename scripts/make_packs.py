#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the four evidence packs of knowledge/, three from the reference tables beside the checkout.

  python3 scripts/make_packs.py [REFERENCE_FOLDER] [KNOWLEDGE_FOLDER]

The reference tables hold facts with their sources; the packs hold the same facts in Kinescape's own
columns and words (docs/rooms/evidence.md). Run again it writes the same bytes.
"""
import csv
import hashlib
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
REFERENCE = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared/data/evidence"
OUT = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "knowledge"
DATE = "2026-11-25"

COLUMNS = {
    "source": "source,kind,citation,year,doi,pmid,url",
    "agent": "agent,aliases,note",
    "variant": "gene,variant,aliases,note",
    "protein": "gene,accession,first,residues,origin",
    "system": "system,kind,note",
    "assay": "assay,readout,note",
    "word": "word,meaning,note",
    "measurement": "row,fact,source,agent,gene,variant,fusion,system,assay,endpoint,relation,as_printed,unit,"
                   "value_nM,high_nM,spread_nM,spread_kind,replicates,dose_low_nM,dose_high_nM,curve,read,"
                   "confidence,read_in,cites,supersedes,disputes,note",
    "fold": "row,fact,source,agent,gene,variant,over,fusion,system,assay,endpoint,relation,as_printed,fold,"
            "high_fold,read,confidence,read_in,cites,supersedes,disputes,note",
    "statement": "row,fact,source,agent,gene,variant,fusion,system,assay,word,as_printed,read,confidence,"
                 "read_in,cites,supersedes,disputes,note",
    "outcome": "row,source,regimen,mechanism,setting,phase,n,responders,orr_percent,pfs_months,as_printed,"
               "safety,read,confidence,read_in,cites,note",
    "mechanism": "row,source,setting,prior_agent,mechanism,class,positive,total,percent,as_printed,read,"
                 "confidence,read_in,cites,note",
    "exposure": "row,source,agent,regimen,cmax_ng_per_mL,ctrough_ng_per_mL,auc_ng_h_per_mL,tau_h,"
                "fraction_unbound,fraction_unbound_low,fraction_unbound_high,molar_mass_g_per_mol,read,"
                "confidence,read_in,note",
}
AA = dict(Ala="A", Arg="R", Asn="N", Asp="D", Cys="C", Gln="Q", Glu="E", Gly="G", His="H", Ile="I", Leu="L",
          Lys="K", Met="M", Phe="F", Pro="P", Ser="S", Thr="T", Trp="W", Tyr="Y", Val="V")


def rows(name, **options):
    with open(REFERENCE / name, encoding="utf-8", errors="replace", newline="") as file:
        return list(csv.DictReader(file, **options))


class Pack:
    def __init__(self, name, version, licence, description):
        self.name, self.meta = name, dict(name=name, version=version, date=DATE, schema=1, licence=licence,
                                          description=description)
        self.tables = {table: [] for table in COLUMNS}
        self.keys = {table: set() for table in COLUMNS}
        self.same_source = {}   # DOI, PubMed number or address -> key

    def add(self, table, once=None, **cells):
        columns = COLUMNS[table].split(",")
        unknown = set(cells) - set(columns)
        assert not unknown, unknown
        if once is not None:
            if once in self.keys[table]:
                return
            self.keys[table].add(once)
        self.tables[table].append([str(cells.get(c, "") if cells.get(c) is not None else "") for c in columns])

    def write(self):
        folder = OUT / self.name
        folder.mkdir(parents=True, exist_ok=True)
        listed = {}
        for table, lines in self.tables.items():
            path = folder / (table + ".csv")
            if not lines:
                path.unlink(missing_ok=True)
                continue
            with open(path, "w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(COLUMNS[table].split(","))
                writer.writerows(lines)
            listed[path.name] = dict(sha256=hashlib.sha256(path.read_bytes()).hexdigest(), rows=len(lines))
        (folder / "pack.json").write_text(json.dumps(dict(self.meta, tables=listed), indent=1) + "\n")


# ---------------------------------------------------------------- proteins
ALK_FROM_EXON_20 = (  # wild type; position of the first residue is found below from the known residues
    "RRKHQELQAMQMELQSPEYKLSKLRTSTIMTDYNPNYCFAGKTSSISDLKEVPRKNITLIRGLGHGAFGEVYEGQVSGMPNDPSPLQVAVKTLPEVC"
    "SEQDELDFLMEALIISKFNHQNIVRCIGVSLQSLPRFILLELMAGGDLKSFLRETRPRPSQPSSLAMLDLLHVARDIACGCQYLEENHFIHRDIAARN"
    "CLLTCPGPGRVAKIGDFGMARDIYRASYYRKGGCAMLPVKWMPPEAFMEGIFTSKTDTWSFGVLLWEIFSLGYMPYPSKSNQEVLEFVTSGGRMDPPK"
    "NCPGPVYRIMTQCWQHQPEDRPNFAIILERIEYCTQDPDVINTALPIEYGPLVEEEEKVPVRPKDPEGVPPLLVSQQAKREEERSPAAPPPLPTTSSG"
    "KAAKKPTAAEISVRVPRGPAVEGGHVNMAFSQSNPPSELHKVHGSRNKPTSLWNPTYGSWFTEKPTKKNNPIAKKEPHDRGNLGLEGSCTVPPNVATG"
    "RLPGASLLLEPSSLTANMKEVPLFRLRHFPCGNVNYGYQQQGLPLEAATAPGAGHYEDTILKSKNSMNQPGP")
EGFR_KINASE = (
    "RRRHIVRKRTLRRLLQERELVEPLTPSGEAPNQALLRILKETEFKKIKVLGSGAFGTVYKGLWIPEGEKVKIPVAIKELREATSPKANKEILDEAYVM"
    "ASVDNPHVCRLLGICLTSTVQLITQLMPFGCLLDYVREHKDNIGSQYLLNWCVQIAKGMNYLEDRRLVHRDLAARNVLVKTPQHVKITDFGLAKLLGA"
    "EEKEYHAEGGKVPIKWMALESILHRIYTHQSDVWSYGVTVWELMTFGSKPYDGIPASEISSILEKGERLPQPPICTIDVYMIMVKCWMIDADSRPKFR"
    "ELIIEFSKMARDPQRYLVIQGDERMHLPSPTDSNFYRALMDEEDMDDVVDADEYLIPQQGFFSSPSTSRTPLLSSLSATSN")
KIT_FROM_EXON_9 = (
    "DVGKTSAYFNFAFKGNNKEQIHPHTLFTPLLIGFVIVAGMMCIIVMILTYKYLQKPMYEVQWKVVEEINGNNYVYIDPTQLPYDHKWEFPRNRLSFGK"
    "TLGAGAFGKVVEATAYGLIKSDAAMTVAVKMLKPSAHLTEREALMSELKVLSYLGNHMNIVNLLGACTIGGPTLVITEYCCYGDLLNFLRRKRDSFIC"
    "SKQEDHAEAALYKNLLHSKESSCSDSTNEYMDMKPGVSYVVPTKADKRRSVRIGSYIERDVTPAIMEDDELALDLEDLLSFSYQVAKGMAFLASKNCI"
    "HRDLAARNILLTHGRITKICDFGLARDIKNDSNYVVKGNARLPVKWMAPESIFNCVYTFESDVWSYGIFLWELFSLGSSPYPGMPVDSKFYKMIKEGF"
    "RMLSPEHAPAEMYDIMKTCWDADPLKRPTFKQIVQLIEKQISESTNHIYSNLANCSPNRQKPVVDHSVRINSVGSTASSSQPLLVHDDV")


def known_residues():
    """(gene, accession) -> {position: residue} as the CIViC variant table gives them in HGVS."""
    found = {}
    for row in rows("civic_variants_2021-02.tsv", delimiter="\t"):
        for acc, three, at in re.findall(r"(NP_[0-9.]+):p\.\(?([A-Z][a-z]{2})(\d+)", row["hgvs_expressions"] or ""):
            if three in AA and re.search(r"\d", at):
                found.setdefault((row["gene"], acc), {}).setdefault(int(at), set()).add(AA[three])
    return {k: {p: next(iter(r)) for p, r in v.items() if len(r) == 1} for k, v in found.items()}


def place(residues, known):
    """Position of the first residue that agrees with the known residues; one name may be misprinted."""
    def agreeing(first):
        return sum(1 for p, aa in known.items() if first <= p < first + len(residues) and residues[p - first] == aa)

    first = max(range(1, 3000), key=agreeing)
    inside = sum(1 for p in known if first <= p < first + len(residues))
    assert agreeing(first) >= max(3, inside - 1), (first, agreeing(first), inside)
    return first


def add_proteins(pack):
    known = known_residues()
    for gene, acc, segment, origin in (
            ("ALK", "NP_004295.2", ALK_FROM_EXON_20, "human ALK from exon 20 (as in NPM1-ALK and EML4-ALK records)"),
            ("EGFR", "NP_005219.2", EGFR_KINASE, "human EGFR, UniProt P00533"),
            ("KIT", "NP_000213.1", KIT_FROM_EXON_9, "human KIT, UniProt P10721 isoform 1")):
        pack.add("protein", gene=gene, accession=acc, first=place(segment, known[gene, acc]), residues=segment,
                 origin=origin + "; placed by the residues of its HGVS names in CIViC 2021-02")
    met = {int(r["scan_position"]) + 1058 - (0 if int(r["scan_position"]) < 1000 else 1058): r["wt"]
           for r in rows("met_dms_effect.csv")}
    start, run = None, ""
    for p in range(min(met), max(met) + 2):
        if p in met:
            start, run = (p, met[p]) if not run else (start, run + met[p])
        elif run:
            pack.add("protein", gene="MET", accession="NP_000236.2", first=start, residues=run,
                     origin="MET kinase-domain scan, Estevam 2024, doi:10.7554/eLife.91619")
            run = ""
    for (gene, acc), residues in sorted(known.items()):
        if gene in ("ROS1", "RET") and acc in ("NP_002935.2", "NP_065681.1"):
            for p, aa in sorted(residues.items()):
                pack.add("protein", gene=gene, accession=acc, first=p, residues=aa, origin="CIViC 2021-02, HGVS name")


# ---------------------------------------------------------------- vocabulary
AGENTS = {  # aliases that papers use
    "crizotinib": "PF-02341066;Xalkori", "ceritinib": "LDK378;Zykadia", "alectinib": "CH5424802;Alecensa",
    "lorlatinib": "PF-06463922;Lorbrena", "brigatinib": "AP26113;Alunbrig", "ensartinib": "X-396",
    "TAE684": "NVP-TAE684", "tanespimycin": "17-AAG", "entrectinib": "RXDX-101;Rozlytrek",
    "gilteritinib": "ASP2215", "repotrectinib": "TPX-0005", "zotizalkib": "TPX-0131",
    "imatinib": "Gleevec;STI571", "sunitinib": "SU11248", "regorafenib": "", "ponatinib": "AP24534",
    "sorafenib": "", "erlotinib": "Tarceva", "gefitinib": "Iressa", "afatinib": "BIBW2992",
    "dacomitinib": "PF-00299804", "neratinib": "HKI-272", "canertinib": "CI-1033", "osimertinib": "AZD9291;Tagrisso",
    "lapatinib": "", "AEE788": "", "cabozantinib": "XL184", "foretinib": "XL880", "savolitinib": "AZD6094",
    "capmatinib": "INCB28060", "tepotinib": "", "vandetanib": "ZD6474", "selpercatinib": "LOXO-292;Retevmo",
    "motesanib": "AMG 706", "nintedanib": "", "agerafenib": "RXDX-105", "JAK2 Inhibitor AZD1480": "AZD1480",
    "vemurafenib": "", "onartuzumab": "", "ganetespib": "STA-9090", "retaspimycin": "IPI-504"}
VARIANT_ALIASES = {("ALK", "T1151dup"): "1151Tins", ("KIT", "A502_Y503dup"): "A502_Y503insAY",
                   ("EGFR", "E746_A750del"): "delE746-A750"}
WORDS = {  # what a printed word says about potency against the variant
    "sensitive": ("sensitive", ""), "resistant": ("resistant", ""), "resistance reported": ("resistant", ""),
    "moderately resistant": ("intermediate", ""),
    "sensitive at high dose": ("sensitive", "at doses above those that stop the wild type"),
    "less sensitive than R1275Q": ("comparison", "a comparison of two variants, not a level"),
    "sensitive (partial response 8 months)": ("sensitive", "a response in one patient"),
    "not determined": ("unmeasured", ""), "Highly Active": ("sensitive", "a low IC50"),
    "Potent Inhibitor": ("sensitive", "a low IC50"), "Sensitive": ("sensitive", ""),
    "High": ("resistant", "a high IC50"), "Resistance": ("resistant", ""), "Sensitivity/Response": ("sensitive", "")}
SYSTEMS = [  # (test, kind)
    (r"^enzymatic|recombinant", "cell_free"), (r"IL-3", "engineered_parental"), (r"Ba/F3|NIH3T3|CHO|engineered", "engineered"),
    (r"review|unstated", "unstated"), (r"^patient$", "patient"), (r".", "cancer_line")]
ASSAYS = {"viability": "viability", "pALK": "phosphorylation", "pEGFR": "phosphorylation", "pKIT": "phosphorylation",
          "enzymatic": "enzyme", "clinical": "clinical", "clinical+preclinical": "review", "unclear": "unclear"}


def system_kind(text):
    return next(kind for test, kind in SYSTEMS if re.search(test, text))


def source_key(citation):
    words = re.findall(r"[A-Za-z0-9]+", citation)
    year = next((w for w in words if re.fullmatch(r"(19|20)\d\d", w)), "")
    name = words[0] + ("-" + words[1] if len(words) > 1 and len(words[1]) == 1 else "")
    place_ = re.search(r"(19|20)\d\d\)?\s+(.*)$", citation)
    tail = "".join(w[0] for w in re.findall(r"[A-Za-z]+", place_.group(2))[:4]) if place_ else ""
    return f"{name}{year}{'-' + tail if tail else ''}"


def add_source(pack, citation, doi="", pmid="", kind="paper"):
    """The key of a source; one paper has one key however it is cited."""
    if doi.startswith("PMID "):
        doi, pmid = "", doi.removeprefix("PMID ")
    url, doi = (doi, "") if doi.startswith("http") else ("", "" if doi.startswith("NCT") else doi)
    key = source_key(citation) if not citation.startswith("PMID") else citation.replace(" ", "")
    for identity in (doi, pmid, url):
        if identity and identity in pack.same_source:
            return pack.same_source[identity]
    year = "" if citation.startswith("PMID") else (re.search(r"(19|20)\d\d", citation) or [""])[0]
    kind = "review" if "Table 2" in citation else "abstract" if "abstract" in citation else kind
    pack.add("source", once=key, source=key, kind=kind, citation=citation, year=year, doi=doi, pmid=pmid, url=url)
    for identity in (doi, pmid, url):
        if identity:
            pack.same_source[identity] = key
    return key


def add_agent(pack, agent):
    pack.add("agent", once=agent, agent=agent, aliases=AGENTS.get(agent, ""))


def add_variant(pack, gene, variant):
    spelled = next((v for (g, v), alias in VARIANT_ALIASES.items() if g == gene and variant in alias.split(";")), variant)
    variant = spelled
    if variant in ("WT", "parental"):
        return
    pack.add("variant", once=(gene, variant), gene=gene, variant=variant, aliases=VARIANT_ALIASES.get((gene, variant), ""))


def add_word(pack, word):
    meaning, note = WORDS[word]
    pack.add("word", once=word, word=word, meaning=meaning, note=note)


# ---------------------------------------------------------------- potency tables
PARENTAL_NOTE = "independent of the target: what is measured is the agent's general toxicity"
SUPERSEDES = {"P0024": "P0025"}      # one cell printed as 1.6 and 1.7 in two records of one paper


def potency_row(pack, r, gene):
    agent, variant, system = r["drug"], r["variant"].strip(), r["system"].strip()
    note = r["note"]
    independent = variant == "none (KIT-independent)" or system.startswith("ALK-WT neuroblastoma")
    if variant == "parental" or independent:
        gene, variant = "", "parental"
        if independent:
            note = "; ".join(filter(None, [note, PARENTAL_NOTE]))
    if variant.startswith("T790M lines"):
        variant = "T790M"
        note = "; ".join(filter(None, [note, "H1975 also carries L858R; H820 also an exon 19 deletion"]))
    variant = variant.replace("ALK del exon4-11", "exon4-11del")
    fusion = r.get("fusion", "")
    fusion = "" if fusion in ("none", "native ALK", "recombinant kinase domain", "ALK fusion") else fusion
    if r["assay"] == "enzymatic":
        system = "cell-free"
    if system == "review table":
        system = "unstated (review table)"
    if independent:
        kind = "engineered_parental"
    else:
        kind = system_kind(system) if system != "cell-free" else "cell_free"
    source = add_source(pack, r["source"], r.get("doi_or_url", ""), r["pmid"])
    add_agent(pack, agent)
    if gene:
        add_variant(pack, gene, variant)
    pack.add("system", once=system, system=system, kind=kind)
    pack.add("assay", once=r["assay"], assay=r["assay"], readout=ASSAYS[r["assay"]])
    read = "yes" if r["verified"] == "yes" else "no"
    common = dict(source=source, agent=agent, gene=gene, variant=variant, fusion=fusion, system=system,
                  assay=r["assay"], read=read, confidence=r.get("confidence", "") or "read", read_in=r["read_in"],
                  note=note)
    word, fold = r.get("qualitative", ""), r.get("fold_vs_wt", "")
    unit = "nM" if r.get("unit_stated", "nM") == "nM" and "unit absent" not in r["note"] else "not stated"
    value, relation = r["value_nM"], r["relation"]
    id_ = r["row_id"]
    fact = "|".join((source, agent, gene, variant, system, r["assay"], id_))
    if r.get("conflict_group") == "FRIB-CERI-WT":
        fact = "Friboulet2014-ceritinib-WT"
    if value:
        low, high = (value.split("-") + [""])[:2] if relation == "interval" else (value, "")
        printed = value if relation in ("=", "interval") else relation + value
        pack.add("measurement", row=id_, fact=fact, endpoint=r["endpoint"], relation=relation, as_printed=printed,
                 unit=unit, value_nM=low, high_nM=high, spread_nM=r["sd_nM"], spread_kind="unstated" if r["sd_nM"] else "",
                 curve="unstated", supersedes=SUPERSEDES.get(id_, ""), **common)
    if fold:
        low, high = (fold.split("-") + [""])[:2]
        pack.add("fold", row=id_ + "f", fact=fact + "f", over="WT", endpoint=r["endpoint"],
                 relation="interval" if high else "~" if "approximately" in r["note"] else "=", as_printed=fold, fold=low,
                 high_fold=high, **common)
    if word:
        add_word(pack, word)
        pack.add("statement", row=id_ + "s", fact=fact + "s", word=word, as_printed=word, **common)


def literature(read):
    pack = Pack("literature" if read == "yes" else "literature-unread", "1.0.0", "facts with their sources; CIViC content is CC0 1.0",
                "Published potencies and statements by kinase variant, read in the named place" if read == "yes" else
                "Published figures quoted without the paper at hand: loaded only on request, marked wherever they weigh")
    for r in rows("alk_potency.csv"):
        if r["verified"] == read:
            potency_row(pack, r, "ALK")
    for r in rows("other_kinase_potency.csv"):
        if r["verified"] == read:
            potency_row(pack, r, r["gene"])
    if read == "yes":
        add_proteins(pack)
        civic_statements(pack)
    for i, r in enumerate(rows("mechanism_frequencies.csv")):
        if r["verified"] == read:
            source = add_source(pack, r["source"], r["doi_or_pmid"])
            pack.add("mechanism", row=f"M{i + 1:03}", source=source, setting=r["setting"], prior_agent=r["prior_drug"],
                     mechanism=r["mechanism"].replace("kinase-domain ", ""), as_printed=r["mechanism"], **{"class": r["class"].replace("-", "_")}, positive=r["n_positive"],
                     total=r["n_total"], percent=r["percent"], read=read, confidence=r["confidence"], read_in=r["read_in"],
                     note=r["note"])
    for i, r in enumerate(rows("combination_trials.csv")):
        if r["verified"] == read:
            source = add_source(pack, r["source"], r["doi_or_pmid"]) if r["source"] != "memory" else add_source(
                pack, "No source named", "")
            pack.add("outcome", row=f"C{i + 1:03}", source=source, regimen=r["regimen"], mechanism=r["bypass_or_rationale"],
                     setting=r["setting"], phase=r["phase"], n=r["n"], responders=r["n_responders"],
                     orr_percent=r["orr_percent"], pfs_months=r["median_pfs_months"], safety=r["key_safety"], read=read,
                     confidence=r["confidence"], read_in=r["read_in"], note=r["note"])
    for i, r in enumerate(rows("clinical_exposure.csv")):
        if None in r:   # "US label, not re-read" stands unquoted there
            cells = list(r.values())
            cells = [c for c in cells if not isinstance(c, list)] + r[None]
            names = [k for k in r if k is not None]
            at = names.index("source")
            extra = len(cells) - len(names)
            cells[at:at + extra + 1] = [", ".join(c.strip() for c in cells[at:at + extra + 1])]
            r = dict(zip(names, cells))
        if r["verified"] == read:
            name = "US prescribing information, " + r["drug"]
            key = "label-" + r["drug"]
            pack.add("source", once=key, source=key, kind="label", citation=name)
            add_agent(pack, r["drug"])
            low, high = r["fu_plasma"], r["fu_plasma"]
            if r["drug"] == "alectinib":
                low, high = "0.002", "0.01"   # printed as "<1 %"
            if r["drug"] == "brigatinib":
                low, high = "0.09", "0.34"    # two labels disagree
            pack.add("exposure", row=f"X{i + 1:03}", source=key, agent=r["drug"], regimen=r["regimen"],
                     cmax_ng_per_mL=r["cmax_ss_ng_per_mL"], ctrough_ng_per_mL=r["ctrough_ng_per_mL"],
                     auc_ng_h_per_mL=r["auc_tau_ng_h_per_mL"], tau_h=r["tau_h"], fraction_unbound=r["fu_plasma"],
                     fraction_unbound_low=low, fraction_unbound_high=high, molar_mass_g_per_mol=r["mw_g_per_mol"], read=read,
                     confidence="read" if read == "yes" else "unread_medium",
                     read_in=r["source"] if read == "yes" else "", note=r["note"])
    pack.write()


def civic_statements(pack):
    """Directions for ROS1, MET and RET as CIViC curators read them: one agent, one protein-level variant."""
    changes = {"EXON 14 SKIPPING MUTATION": "exon14skip", "AMPLIFICATION": "amplification"}
    for r in rows("civic_evidence_2021-02.tsv", delimiter="\t"):
        if (r["gene"] not in ("ROS1", "MET", "RET") or r["evidence_type"] != "Predictive"
                or r["evidence_direction"] != "Supports" or "," in r["drugs"] or r["source_type"] != "PubMed"
                or r["clinical_significance"] not in WORDS):
            continue
        m = re.fullmatch(r"(?:([A-Z0-9]+-[A-Z0-9]+) )?([A-Z]\d+[A-Z])", r["variant"])
        variant = m.group(2) if m else changes.get(r["variant"])
        if not variant or r["drugs"] in ("Gefitinib", "Vemurafenib", "Onartuzumab", "Anti-EGFR Monoclonal Antibody"):
            continue   # a bypass of another target, or an antibody: not a potency against this protein
        agent = r["drugs"] if "AZD" in r["drugs"] else r["drugs"].lower()
        source = add_source(pack, r["citation"].replace("et al., ", "").strip(), "", r["citation_id"])
        add_agent(pack, agent)
        add_variant(pack, r["gene"], variant)
        add_word(pack, r["clinical_significance"])
        clinical = r["evidence_level"] in "ABC"
        system, assay = ("patient", "clinical") if clinical else ("unstated (cells)", "viability")
        pack.add("system", once=system, system=system, kind="patient" if clinical else "unstated")
        pack.add("assay", once=assay, assay=assay, readout=ASSAYS[assay])
        pack.add("statement", row="E" + r["evidence_id"], fact=f"{source}|{agent}|{r['gene']}|{variant}|E{r['evidence_id']}",
                 source=source, agent=agent, gene=r["gene"], variant=variant, fusion=m.group(1) or "" if m else "",
                 system=system, assay=assay, word=r["clinical_significance"], as_printed=r["clinical_significance"],
                 read="yes", confidence="read", read_in="CIViC EID" + r["evidence_id"])


# ---------------------------------------------------------------- panels of one laboratory
PANEL_VARIANTS = ("WT", "C1156Y", "F1174L", "L1196M", "L1152R", "T1151dup", "G1202R", "G1269A", "S1206Y", "parental")
PANEL_NM = {  # IC50 in Ba/F3 with EML4-ALK, 72 h MTS: ChEMBL document CHEMBL3745656
    "alectinib": ("2", "2", "3", "90", "169", "72", "207", "9", "2", ">1000"),
    "ceritinib": ("41", "164", "101", "64", "2747", "668", "444", "57", "33", "5512"),
    "crizotinib": ("56", "144", "81", "549", "645", "857", "328", "512", "65", "927")}


def panels():
    pack = Pack("panels", "1.0.0", "facts with their sources; ChEMBL is CC BY-SA 3.0",
                "Panels of one laboratory, several agents by several variants, read in ChEMBL")
    doi = "10.1021/acs.jmedchem.5b01136"
    source = "5b01136-JMC"   # ChEMBL names no author
    pack.add("source", source=source, kind="paper", citation="J Med Chem 2015, acs.jmedchem.5b01136", year="2015", doi=doi)
    pack.add("system", system="Ba/F3", kind="engineered")
    pack.add("system", system="Ba/F3 + IL-3", kind="engineered_parental")
    pack.add("assay", assay="viability", readout="viability", note="MTS, 72 h")
    for agent, printed in PANEL_NM.items():
        add_agent(pack, agent)
        for variant, text in zip(PANEL_VARIANTS, printed, strict=True):
            add_variant(pack, "ALK", variant)
            gene = "" if variant == "parental" else "ALK"
            system = "Ba/F3" if gene else "Ba/F3 + IL-3"
            row = f"PA{len(pack.tables['measurement']) + 1:03}"
            pack.add("measurement", row=row, fact="|".join((source, agent, gene, variant, system, "viability", row)),
                     source=source, agent=agent, gene=gene, variant=variant, fusion="EML4-ALK" if gene else "", system=system,
                     assay="viability", endpoint="IC50", relation=">" if text[0] == ">" else "=", as_printed=text,
                     unit="nM", value_nM=text.lstrip(">"), curve="unstated", read="yes", confidence="read",
                     read_in="ChEMBL CHEMBL3745656, copy in github chineseschrodingercat/condition-resolved-bioactivity",
                     note="the lowest value of the panel; may be its lowest dose" if text == "2" else "")
    pack.write()


# ---------------------------------------------------------------- the guide
def guide():
    pack = Pack("guide", "1.0.0", "facts of the guide", "Navigating Crizotinib Resistance (December 2025): its tables as printed")
    pack.add("source", source="guide", kind="guide", citation="Navigating Crizotinib Resistance, December 2025", year="2025")
    for r in rows("guide_references.csv"):
        pack.add("source", source=r["number"], kind="paper", citation=r["title_as_printed"], url=r["site_as_printed"])
    pack.add("system", system="unstated", kind="unstated", note="the guide names none")
    pack.add("assay", assay="unstated", readout="unclear", note="the guide names none")
    for i, r in enumerate(rows("guide_potency.csv")):
        status, agent, printed = r["alk_status"], r["drug"], r["ic50_nM_as_printed"]
        variant = "WT" if status.startswith("Wild-Type") else status.split(" ")[0]
        add_agent(pack, agent)
        add_variant(pack, "ALK", variant)
        common = dict(fact=f"guide|{agent}|{variant}", source="guide", agent=agent, gene="ALK", variant=variant, fusion="EML4-ALK",
                      system="unstated", assay="unstated", read="quoted", confidence="as_printed",
                      read_in="the guide, potency table", cites=r["citation_as_printed"])
        number = re.fullmatch(r"([<>]?)([0-9.]+)", printed)
        if number or printed == "-":
            pack.add("measurement", row=f"G{i + 1:02}", endpoint="IC50", relation=(number.group(1) or "=") if number else "missing",
                     as_printed=printed, unit="nM", value_nM=number.group(2) if number else "", curve="unstated",
                     note="printed as " + status if variant != status else "", **common)
        else:
            add_word(pack, printed)
            pack.add("statement", row=f"G{i + 1:02}", word=printed, as_printed=printed,
                     note="printed as " + status if variant != status else "", **common)
    for i, r in enumerate(rows("guide_combinations.csv")):
        text = r["result_as_printed"]
        orr, pfs = re.search(r"ORR: ([0-9.]+)%", text), re.search(r"Median PFS: ([0-9.]+) months", text)
        pack.add("outcome", row=f"GC{i + 1}", source="guide", regimen=r["combination"], mechanism=r["mechanism"],
                 setting=r["population"], orr_percent=orr.group(1) if orr else "", pfs_months=pfs.group(1) if pfs else "",
                 as_printed=text, read="quoted", confidence="as_printed", read_in="the guide, combination table",
                 cites=r["citation_as_printed"])
    pack.add("mechanism", row="GM1", source="guide", setting="patients", prior_agent="crizotinib", mechanism="any ALK mutation",
             **{"class": "on_target"}, percent="29", as_printed="about 29 %", read="quoted", confidence="as_printed",
             read_in="the guide, text", cites="3")
    pack.write()


guide()
literature("yes")
literature("no")
panels()
