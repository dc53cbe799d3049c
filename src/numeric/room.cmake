# SPDX-License-Identifier: Apache-2.0
kinescape_optimise(-O2 ${sources})
