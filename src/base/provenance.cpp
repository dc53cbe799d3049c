// SPDX-License-Identifier: Apache-2.0
#include "base/provenance.hpp"

namespace kinescape {

std::string version() {
  return KINESCAPE_VERSION;
}

}  // namespace kinescape
