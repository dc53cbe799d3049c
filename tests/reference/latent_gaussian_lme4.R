# SPDX-License-Identifier: Apache-2.0
# Made with R 4.2.2, lme4 1.1-31. Writes the observations, the restricted likelihood fit and the
# predicted random effects that src/numeric/latent_gaussian_test.cpp and src/evidence hold ours to.
#   Rscript tests/reference/latent_gaussian_lme4.R tests/reference
suppressMessages(library(lme4))
folder <- commandArgs(TRUE)[1]
set.seed(20260101)
agents <- 6; variants <- 7; sources <- 9
d <- expand.grid(agent = 1:agents, variant = 1:variants, source = 1:sources)
d <- d[runif(nrow(d)) < 0.35, ]
a <- rnorm(agents, 0, 0.7); v <- rnorm(variants, 0, 0.6); s <- rnorm(sources, 0, 0.35)
av <- matrix(rnorm(agents * variants, 0, 0.4), agents)
d$assay <- as.integer(runif(nrow(d)) < 0.4)
d$y <- round(2 + a[d$agent] + v[d$variant] + s[d$source] + av[cbind(d$agent, d$variant)] - 0.5 * d$assay +
             rnorm(nrow(d), 0, 0.3), 4)
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 1e5), calc.derivs = FALSE)
fit <- lmer(y ~ assay + (1 | agent) + (1 | variant) + (1 | source) + (1 | agent:variant), d, REML = TRUE, control = tight)
write.csv(d[, c("agent", "variant", "source", "assay", "y")], file.path(folder, "latent_gaussian_lme4_data.csv"), row.names = FALSE, quote = FALSE)
vc <- as.data.frame(VarCorr(fit))
out <- data.frame(name = c("fixed_intercept", "fixed_assay", paste0("se_", c("intercept", "assay")), paste0("sd_", vc$grp), "reml"),
                  value = c(fixef(fit), sqrt(diag(vcov(fit))), vc$sdcor, as.numeric(logLik(fit))))
r <- ranef(fit)
for (g in names(r)) out <- rbind(out, data.frame(name = paste0("blup_", g, "_", rownames(r[[g]])), value = r[[g]][, 1]))
out$value <- trimws(format(out$value, digits = 12))
write.csv(out, file.path(folder, "latent_gaussian_lme4.csv"), row.names = FALSE, quote = FALSE)
