# SPDX-License-Identifier: Apache-2.0
# The answers that tests/conformance/mixed_answers_test.cpp holds for the table of volumes as it
# lies in the reference data (rounded to 0.001 mm3; ref_mixed.csv was made from unrounded ones).
# Made with R 4.2.2, lme4 1.1-31, pbkrtest 0.5.2:  Rscript repdx.R FOLDER_OF_XENOGRAFT_CLINICAL
suppressMessages({library(lme4); library(pbkrtest)})
d <- read.csv(file.path(commandArgs(TRUE)[1], "pdx/repdx_lung_long.csv"))
for (p in c("P1", "P3", "P9")) {
  x <- d[d$patient.id == p & d$volume > 0, ]
  x$lv <- log(x$volume)
  x$arm <- factor(x$arm, levels = c("control", "treatment"))
  m <- lmer(lv ~ time * arm + (time | model.id), data = x, REML = TRUE,
            control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 1e6)))
  v <- as.data.frame(VarCorr(m))
  adjusted <- vcovAdj(m)
  df <- sapply(1:4, function(j) Lb_ddf(diag(4)[j, ], vcov(m), adjusted))
  cat(p, sprintf("%.12g", c(logLik(m), fixef(m), v$sdcor)), "\n")
  cat("  se, Kenward-Roger se, df:",
      sprintf("%.12g", c(sqrt(diag(as.matrix(vcov(m)))), sqrt(diag(as.matrix(adjusted))), df)), "\n")
}
# The three patients together: lines differ in level, rate and effect, mice lie within lines.
x <- d[d$volume > 0, ]
x$lv <- log(x$volume)
x$treated <- as.numeric(x$arm != "control")
m <- lmer(lv ~ time * treated + (time | patient.id) + (0 + time:treated | patient.id) + (time | model.id),
          data = x, REML = TRUE,
          control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 1e6)))
adjusted <- vcovAdj(m)
cat("all", sprintf("%.12g", c(logLik(m), fixef(m))), "\n  se, Kenward-Roger se, df:",
    sprintf("%.12g", c(sqrt(diag(as.matrix(vcov(m)))), sqrt(diag(as.matrix(adjusted))),
                       sapply(1:4, function(j) Lb_ddf(diag(4)[j, ], vcov(m), adjusted)))), "\n")
print(as.data.frame(VarCorr(m)), digits = 12)
