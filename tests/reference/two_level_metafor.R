# SPDX-License-Identifier: Apache-2.0
# Random-effects meta-analysis by REML with known sampling variances, for
# src/numeric/latent_gaussian_test.cpp: the thirteen trials of BCG vaccination (Colditz 1994,
# doi:10.1001/jama.1994.03510260076038; metadat::dat.bcg), log risk ratios.
#   Rscript two_level_metafor.R > two_level_metafor.csv        (metafor 3.8-1, Debian 12)
suppressMessages(library(metafor))
dat <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
fit <- rma(yi, vi, data = dat, method = "REML", control = list(threshold = 1e-14, maxiter = 10000))
b <- blup(fit)
show <- function(x) formatC(x, digits = 15, format = "g")
cat("what,value,variance,blup\n")
for (i in seq_len(nrow(dat)))
  cat(paste0("trial", i), show(dat$yi[i]), show(dat$vi[i]), show(b$pred[i]), sep = ",", fill = TRUE)
cat("mean", show(fit$beta[1]), show(fit$se^2), "", sep = ",", fill = TRUE)
cat("tau2", show(fit$tau2), "", "", sep = ",", fill = TRUE)
