// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "base/provenance.hpp"

int main() {
  std::puts(kinescape::version().c_str());
  return 0;
}
