// SPDX-License-Identifier: Apache-2.0
#include "dose_response/curve.hpp"
