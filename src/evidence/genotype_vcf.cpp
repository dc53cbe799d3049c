// SPDX-License-Identifier: Apache-2.0
// VCF and BCF through HTSlib: alleles, genotypes and the consequences that annotators wrote.
#include <htslib/hts.h>
#include <htslib/hts_log.h>
#include <htslib/vcf.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>

#include "base/number.hpp"
#include "base/text.hpp"
#include "evidence/genotype_internal.hpp"

namespace kinescape::evidence {
namespace {

template <auto release>
struct Releases {
  template <class T>
  void operator()(T* p) const {
    release(p);
  }
};
using File = std::unique_ptr<htsFile, Releases<&hts_close>>;
using Header = std::unique_ptr<bcf_hdr_t, Releases<&bcf_hdr_destroy>>;
using Record = std::unique_ptr<bcf1_t, Releases<&bcf_destroy>>;

/// Memory that HTSlib grows: its getters take a pointer and a size, and free() ends it.
template <class T>
struct Grown {
  T* data = nullptr;
  int size = 0;
  Grown() = default;
  Grown(const Grown&) = delete;
  Grown& operator=(const Grown&) = delete;
  ~Grown() { std::free(data); }  // NOLINT: HTSlib allocates with malloc
};

std::vector<std::string> pieces_of(std::string_view text, char mark) {
  std::vector<std::string> out(1);
  for (const char c : text) {
    if (c == mark) {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

/// "%3D" -> "=": VEP escapes what VCF cannot hold.
std::string unescaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() &&
                        std::isxdigit(static_cast<unsigned char>(text[i + 1])) != 0 &&
                        std::isxdigit(static_cast<unsigned char>(text[i + 2])) != 0;
    if (escape) {
      out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// Where the fields of an annotation stand between its bars.
struct Annotation {
  const char* tag = nullptr;
  std::size_t allele = 0, gene = 0, change = 0;
  std::optional<std::size_t> number, pick, canonical, mane, effect, intron;
};

std::optional<Annotation> annotation_of(bcf_hdr_t* header) {
  for (const char* tag : {"CSQ", "ANN"}) {
    bcf_hrec_t* line = bcf_hdr_get_hrec(header, BCF_HL_INFO, "ID", tag, nullptr);
    const int at = line == nullptr ? -1 : bcf_hrec_find_key(line, "Description");
    if (at < 0 || line->vals[at] == nullptr) continue;
    if (std::string_view(tag) == "ANN")  // its fields are fixed (SnpEff 1.0 annotations)
      return Annotation{"ANN", 0, 3, 10, {}, {}, {}, {}, 1, 8};
    std::string fields(line->vals[at]);
    const auto format = fields.find("Format:");
    if (format == std::string::npos) continue;
    fields = fields.substr(format + 7);
    std::erase_if(fields, [](char c) { return c == '"' || c == ' '; });
    const auto names = pieces_of(fields, '|');
    const auto place = [&](const char* name) -> std::optional<std::size_t> {
      const auto found = std::find(names.begin(), names.end(), name);
      if (found == names.end()) return std::nullopt;
      return static_cast<std::size_t>(found - names.begin());
    };
    const auto allele = place("Allele"), gene = place("SYMBOL"), change = place("HGVSp");
    if (!allele || !gene || !change) continue;
    return Annotation{"CSQ",
                      *allele,
                      *gene,
                      *change,
                      place("ALLELE_NUM"),
                      place("PICK"),
                      place("CANONICAL"),
                      place("MANE_SELECT"),
                      place("Consequence"),
                      place("INTRON")};
  }
  return std::nullopt;
}

/// Whether an annotation's allele is that alternative: as written, or less the shared first base.
bool same_allele(const std::string& named, const std::string& alt, const std::string& ref) {
  if (named == alt) return true;
  if (alt.empty() || ref.empty() || alt[0] != ref[0]) return false;
  return named == (alt.size() == 1 ? "-" : alt.substr(1));
}

std::vector<Consequence> consequences_of(const Annotation& a,
                                         std::string_view text,
                                         const bcf1_t& record,
                                         int alt) {
  std::vector<Consequence> out;
  const std::string ref(record.d.allele[0]), written(record.d.allele[alt]);
  for (const auto& entry : pieces_of(text, ',')) {
    const auto fields = pieces_of(entry, '|');
    const auto field = [&](std::size_t at) {
      return at < fields.size() ? unescaped(fields[at]) : std::string();
    };
    const auto named = [&](const std::optional<std::size_t>& at) { return at ? field(*at) : ""; };
    const std::string number = named(a.number);
    const bool ours = record.n_allele == 2 ? true
                      : !number.empty()    ? number == std::to_string(alt)
                                           : same_allele(field(a.allele), written, ref);
    if (!ours) continue;
    const bool preferred =
        !named(a.mane).empty() || named(a.canonical) == "YES" || named(a.pick) == "1";
    out.push_back(
        {field(a.gene), field(a.change), named(a.effect), named(a.intron), preferred ? 0 : 1});
  }
  return out;
}

/// What one sample shows of each allele of a record.
struct Shown {
  bool called = false;     ///< A genotype stands there.
  std::vector<bool> has;   ///< By allele number.
  std::vector<int> reads;  ///< By allele number; empty: not told.
  int depth = -1;
  std::string phase_set;             ///< "": not phased.
  std::vector<unsigned> haplotypes;  ///< By allele number, where phased.
};

/// The set within which a phased genotype is phased: PS as a number or a word; without one all
/// phased genotypes of a chromosome are one set (VCF 4.2).
std::string phase_set_of(bcf_hdr_t* header, bcf1_t* record, int sample) {
  Grown<std::int32_t> number;
  const int samples = bcf_hdr_nsamples(header);
  std::string chromosome = std::to_string(record->rid) + ":";
  if (bcf_get_format_int32(header, record, "PS", &number.data, &number.size) == samples)
    return number.data[sample] < 0 ? "" : chromosome + std::to_string(number.data[sample]);
  Grown<char> word;
  const int n = bcf_get_format_char(header, record, "PS", &word.data, &word.size);
  if (n <= 0 || n % samples != 0) return chromosome;
  const auto each = static_cast<std::size_t>(n / samples);
  std::string text(word.data + static_cast<std::size_t>(sample) * each, each);
  text.erase(std::min(text.find('\0'), text.size()));
  return text == "." ? "" : chromosome + text;
}

Shown shown_in(bcf_hdr_t* header, bcf1_t* record, int sample) {
  Shown out;
  const int samples = bcf_hdr_nsamples(header);
  out.has.resize(record->n_allele, false);
  out.haplotypes.resize(record->n_allele, 0U);
  bool phased = true;
  Grown<std::int32_t> gt, ad, dp;
  const int n = bcf_get_genotypes(header, record, &gt.data, &gt.size);
  const int ploidy = n > 0 ? n / samples : 0;
  for (int i = 0; i < ploidy; ++i) {
    const std::int32_t g = gt.data[sample * ploidy + i];
    if (g == bcf_int32_vector_end) break;
    if (i > 0 && bcf_gt_is_phased(g) == 0) phased = false;
    if (bcf_gt_is_missing(g)) continue;
    out.called = true;
    const int allele = bcf_gt_allele(g);
    if (allele < 0 || allele >= record->n_allele) continue;
    out.has[static_cast<std::size_t>(allele)] = true;
    if (i < 32) out.haplotypes[static_cast<std::size_t>(allele)] |= 1U << static_cast<unsigned>(i);
  }
  if (phased && out.called && ploidy > 1) out.phase_set = phase_set_of(header, record, sample);
  const int na = bcf_get_format_int32(header, record, "AD", &ad.data, &ad.size);
  const int each = na > 0 ? na / samples : 0;
  int sum = 0;
  for (int i = 0; i < each && each == record->n_allele; ++i) {
    const std::int32_t reads = ad.data[sample * each + i];
    if (reads < 0) {  // missing or ended
      out.reads.clear();
      break;
    }
    out.reads.push_back(reads);
    sum += reads;
  }
  if (bcf_get_format_int32(header, record, "DP", &dp.data, &dp.size) == samples &&
      dp.data[sample] >= 0) {
    out.depth = dp.data[sample];
  } else if (!out.reads.empty()) {
    out.depth = sum;
  }
  return out;
}

/// Copies of a structural record: the sample's CN, else the record's; NaN where neither stands.
double copies_of(bcf_hdr_t* header, bcf1_t* record, int sample) {
  Grown<std::int32_t> whole;
  Grown<float> real;
  const int samples = bcf_hdr_nsamples(header);
  if (sample >= 0) {
    if (bcf_get_format_int32(header, record, "CN", &whole.data, &whole.size) == samples)
      return whole.data[sample] < 0 ? unknown : static_cast<double>(whole.data[sample]);
    if (bcf_get_format_float(header, record, "CN", &real.data, &real.size) == samples)
      return real.data[sample] >= 0 ? static_cast<double>(real.data[sample]) : unknown;
  }
  if (bcf_get_info_int32(header, record, "CN", &whole.data, &whole.size) == 1 && whole.data[0] >= 0)
    return static_cast<double>(whole.data[0]);
  if (bcf_get_info_float(header, record, "CN", &real.data, &real.size) == 1 && real.data[0] >= 0)
    return static_cast<double>(real.data[0]);
  return unknown;
}

/// Fusions and amplifications that the annotation of a structural allele names.
void add_structural(const Annotation& a,
                    std::string_view written,
                    double copies,
                    const Where& where,
                    GenotypeBuilder& builder) {
  bool told = false, gained = false;
  for (const auto& entry : pieces_of(written, ',')) {
    const auto fields = pieces_of(entry, '|');
    const auto field = [&](std::size_t at) { return at < fields.size() ? fields[at] : ""; };
    if (!a.effect || field(a.gene).empty()) continue;
    const std::string gene = unescaped(field(a.gene));
    const auto effects = pieces_of(field(*a.effect), '&');
    const auto says = [&](const char* effect) {
      return std::find(effects.begin(), effects.end(), effect) != effects.end();
    };
    const auto both = gene.find('&');
    if (says("gene_fusion") && both != std::string::npos) {
      builder.add_named(
          gene.substr(0, both) + "::" + gene.substr(both + 1), "", Found::present, gene, where);
      told = true;
    } else if (both == std::string::npos &&
               (says("transcript_amplification") || says("duplication"))) {
      gained = true;
      if (!(copies >= builder.amplified_copies())) continue;
      builder.add_named("amplification", gene, Found::present, rounded(copies) + " copies", where);
      told = true;
    }
  }
  if (told) return;
  if (gained) {
    return builder.pass_over(std::isnan(copies) ? "with a gain whose copies are not told"
                                                : "with a gain below amplification");
  }
  builder.pass_over("with a structural change that names no fusion and no gain of a gene");
}

/// "<DUP>", "]chr2:29446394]A": no sequence of bases.
bool structural(const char* allele) {
  const std::string_view text(allele);
  return text.starts_with('<') || text.find_first_of("[]") != std::string_view::npos;
}

bool filtered(bcf_hdr_t* header, const bcf1_t& record) {
  for (int i = 0; i < record.d.n_flt; ++i) {
    const std::string_view id = bcf_hdr_int2id(header, BCF_DT_ID, record.d.flt[i]);
    if (id != "PASS" && id != ".") return true;
  }
  return false;
}

void add_record(bcf_hdr_t* header,
                bcf1_t* record,
                const Annotation& annotation,
                int sample,
                const Where& where,
                GenotypeBuilder& builder) {
  if (filtered(header, *record)) return builder.pass_over("not passed by their filter");
  Grown<char> text;
  const int length = bcf_get_info_string(header, record, annotation.tag, &text.data, &text.size);
  if (length <= 0) return builder.pass_over("without an annotation");
  const std::string_view written(text.data, std::string_view(text.data).size());
  const Shown shown = sample < 0 ? Shown{} : shown_in(header, record, sample);
  for (int alt = 1; alt < record->n_allele; ++alt) {
    const auto at = static_cast<std::size_t>(alt);
    if (structural(record->d.allele[alt])) {
      if (sample >= 0 && shown.called && !shown.has[at]) {
        builder.pass_over("with a structural change that the sample does not have");
        continue;
      }
      add_structural(annotation, written, copies_of(header, record, sample), where, builder);
      continue;
    }
    Sighting seen;  // a list of variants without samples says what is there
    seen.depth = shown.depth;
    if (sample >= 0) {
      const bool reads = at < shown.reads.size();
      if (reads && shown.depth > 0)
        seen.allele_fraction = static_cast<double>(shown.reads[at]) / shown.depth;
      const bool has = shown.called ? shown.has[at] : reads && shown.reads[at] > 0;
      seen.found = has ? Found::present : builder.unseen(shown.called || reads ? shown.depth : -1);
      seen.phase_set = shown.phase_set;
      seen.haplotypes = shown.haplotypes[at];
    }
    builder.add(consequences_of(annotation, written, *record, alt), seen, where);
  }
}

int sample_number(const bcf_hdr_t* header,
                  const GenotypeOptions& options,
                  const std::string& path,
                  Checked<Genotype>& out) {
  const int n = bcf_hdr_nsamples(header);
  std::string list;
  for (int i = 0; i < n; ++i) {
    const std::string name(header->samples[i]);
    if (name == options.sample || (options.sample.empty() && n == 1)) {
      out.value.sample = name;
      return i;
    }
    if (list.size() < 300) list += (list.empty() ? "" : ", ") + printable(name);
  }
  if (n == 0 && options.sample.empty()) return -1;
  out.problems.push_back({{path, 0, 0, "sample", ""},
                          options.sample.empty()
                              ? "the file holds several samples"
                              : "the file holds no sample \"" + printable(options.sample) + "\"",
                          list.empty() ? "Leave the sample out." : "Name one of: " + list + "."});
  return -1;
}

}  // namespace

Checked<Genotype> read_genotype_vcf(const std::string& path,
                                    const ProteinSet& proteins,
                                    const GenotypeOptions& options) {
  Checked<Genotype> out;
  out.problems = options.check();
  const auto fail = [&](std::string what, std::string fix) {
    out.problems.push_back({{path, 0, 0, "", ""}, std::move(what), std::move(fix)});
    return out;
  };
  if (!out.ok()) return out;
  hts_set_log_level(HTS_LOG_OFF);  // problems are returned, never printed
  const File file(hts_open(path.c_str(), "r"));
  if (!file || hts_get_format(file.get())->category != variant_data)
    return fail("this is no VCF or BCF", "Export it again.");
  const Header header(bcf_hdr_read(file.get()));
  if (!header) return fail("the header of the VCF cannot be read", "Export it again.");
  const auto annotation = annotation_of(header.get());
  if (!annotation)
    return fail("the VCF has no protein consequences (no CSQ with SYMBOL and HGVSp, no ANN)",
                "Annotate it with VEP (--symbol --hgvs) or SnpEff.");
  const int sample = sample_number(header.get(), options, path, out);
  if (!out.ok()) return out;
  GenotypeBuilder builder(proteins, options);
  const Record record(bcf_init());
  for (std::size_t n = 1;; ++n) {
    const int end = bcf_read(file.get(), header.get(), record.get());
    if (end == -1) break;
    // HTSlib takes a word for position 0, which is before the first base.
    if (end < -1 || record->errcode != 0 || record->pos < 0 ||
        bcf_unpack(record.get(), BCF_UN_ALL) < 0) {
      return fail("record " + std::to_string(n) + " of the VCF is broken",
                  "Check it with bcftools view.");
    }
    const char* chromosome = bcf_hdr_id2name(header.get(), record->rid);
    const std::string place = std::string(chromosome == nullptr ? "?" : chromosome) + ":" +
                              std::to_string(record->pos + 1);
    add_record(header.get(), record.get(), *annotation, sample, {path, 0, 0, place, ""}, builder);
  }
  builder.finish(out, path);
  return out;
}

}  // namespace kinescape::evidence
