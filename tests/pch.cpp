// SPDX-License-Identifier: Apache-2.0
// Holds the precompiled gtest header that every test program reuses.
int main() {
  return 0;
}
