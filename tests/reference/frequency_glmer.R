# SPDX-License-Identifier: Apache-2.0
# R 4.2.2, lme4 1.1-31: pooled logit and its spread for src/evidence/conflicts_test.cpp.
suppressMessages(library(lme4))
k <- c(4, 11, 4, 20, 3); n <- c(11, 55, 18, 40, 30); s <- factor(1:5)
fit <- glmer(cbind(k, n - k) ~ 1 + (1 | s), family = binomial, nAGQ = 25, control = glmerControl(optimizer = "bobyqa", tolPwrss = 1e-10))
print(c(mu = unname(fixef(fit)), tau = sqrt(unlist(VarCorr(fit)))), digits = 10)
print(binom.test(4, 11)$conf.int, digits = 8)
