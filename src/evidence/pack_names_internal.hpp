// SPDX-License-Identifier: Apache-2.0
/// \file The words of the pack's own vocabularies. Shared inside the room.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "evidence/pack.hpp"

namespace kinescape::evidence {

inline constexpr std::array<std::pair<std::string_view, Read>, 3> read_words{
    {{"yes", Read::yes}, {"quoted", Read::quoted}, {"no", Read::no}}};
inline constexpr std::array<std::pair<std::string_view, PrintedRelation>, 8> relation_words{
    {{"=", PrintedRelation::exact},
     {"~", PrintedRelation::about},
     {"<", PrintedRelation::below},
     {"<=", PrintedRelation::at_most},
     {">", PrintedRelation::above},
     {">=", PrintedRelation::at_least},
     {"interval", PrintedRelation::interval},
     {"missing", PrintedRelation::missing}}};
inline constexpr std::array<std::pair<std::string_view, Meaning>, 5> meaning_words{
    {{"sensitive", Meaning::sensitive},
     {"intermediate", Meaning::intermediate},
     {"resistant", Meaning::resistant},
     {"comparison", Meaning::comparison},
     {"unmeasured", Meaning::unmeasured}}};
inline constexpr std::array<std::pair<std::string_view, Readout>, 6> readout_words{
    {{"viability", Readout::viability},
     {"phosphorylation", Readout::phosphorylation},
     {"enzyme", Readout::enzyme},
     {"clinical", Readout::clinical},
     {"review", Readout::review},
     {"unclear", Readout::unclear}}};
inline constexpr std::array<std::pair<std::string_view, SystemKind>, 7> system_words{
    {{"engineered", SystemKind::engineered},
     {"engineered_parental", SystemKind::engineered_parental},
     {"cancer_line", SystemKind::cancer_line},
     {"patient", SystemKind::patient},
     {"animal", SystemKind::animal},
     {"cell_free", SystemKind::cell_free},
     {"unstated", SystemKind::unstated}}};

}  // namespace kinescape::evidence
