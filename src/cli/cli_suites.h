/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_suites.h - the algorithm pairs of a command, as its options say. */
#ifndef IMS_CLI_SUITES_H
#define IMS_CLI_SUITES_H

#include "cli_opt.h"
#include "secagree.h"

struct ims_cli_suites {
	char alg[128], ealg[128]; /* lists with commas; empty: all */
	bool allow_deprecated, require_encryption;
};

/* clang-format off */
#define IMS_CLI_SUITES_AT(conf, m, f) \
	offsetof(struct conf, m.f), sizeof((struct conf *)0)->m.f
#define IMS_CLI_SUITES_OPTS(conf, m) \
	{"alg", 0, IMS_OPT_TEXT, IMS_CLI_SUITES_AT(conf, m, alg), NULL, \
	 "ALG,...", "integrity, best first: hmac-sha-1-96, aes-gmac, null ..."}, \
	{"ealg", 0, IMS_OPT_TEXT, IMS_CLI_SUITES_AT(conf, m, ealg), NULL, \
	 "EALG,...", "encryption, best first: aes-cbc, aes-gcm, null ..."}, \
	{"allow-deprecated", 0, IMS_OPT_FLAG, \
	 IMS_CLI_SUITES_AT(conf, m, allow_deprecated), NULL, NULL, \
	 "also hmac-md5-96 and des-ede3-cbc"}, \
	{"require-encryption", 0, IMS_OPT_FLAG, \
	 IMS_CLI_SUITES_AT(conf, m, require_encryption), NULL, NULL, \
	 "refuse pairs that do not encrypt"}
/* clang-format on */

/* Every valid pair of the two lists, the first of alg before the second, and
 * so on; without lists the default order.  A deprecated name in a list needs
 * --allow-deprecated.  Returns 0 or the exit status of what was printed.
 */
int ims_cli_suites(const char *cmd, const struct ims_cli_suites *in,
		   struct ims_secagree_policy *out);

#endif
