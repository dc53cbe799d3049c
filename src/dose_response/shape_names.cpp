// SPDX-License-Identifier: Apache-2.0
#include "dose_response/curve.hpp"

namespace kinescape::dose_response {

std::string_view name(Shape shape) {
  switch (shape) {
    case Shape::flat:
      return "flat";
    case Shape::log_logistic2:
      return "2-parameter log-logistic";
    case Shape::log_logistic3:
      return "3-parameter log-logistic (bottom 0)";
    case Shape::log_logistic3u:
      return "3-parameter log-logistic (top 1)";
    case Shape::log_logistic4:
      return "4-parameter log-logistic";
    case Shape::log_logistic5:
      return "5-parameter log-logistic";
    case Shape::weibull1:
      return "Weibull type 1";
    case Shape::weibull2:
      return "Weibull type 2";
    case Shape::log_normal:
      return "log-normal";
    case Shape::brain_cousens:
      return "Brain-Cousens hormesis";
    case Shape::biphasic:
      return "biphasic log-logistic";
  }
  return "unknown";
}

std::string_view key(Shape shape) {
  switch (shape) {
    case Shape::flat:
      return "flat";
    case Shape::log_logistic2:
      return "log_logistic2";
    case Shape::log_logistic3:
      return "log_logistic3";
    case Shape::log_logistic3u:
      return "log_logistic3u";
    case Shape::log_logistic4:
      return "log_logistic4";
    case Shape::log_logistic5:
      return "log_logistic5";
    case Shape::weibull1:
      return "weibull1";
    case Shape::weibull2:
      return "weibull2";
    case Shape::log_normal:
      return "log_normal";
    case Shape::brain_cousens:
      return "brain_cousens";
    case Shape::biphasic:
      return "biphasic";
  }
  return "unknown";
}

}  // namespace kinescape::dose_response
