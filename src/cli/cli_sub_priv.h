/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_sub_priv.h - what the files of `imsreg sub` share. */
#ifndef IMS_CLI_SUB_PRIV_H
#define IMS_CLI_SUB_PRIV_H

#include <stdio.h>

#include "cli_key.h"
#include "hss.h"

#define SUB_NO_ALGO UINT32_MAX /* --algo was not given */

struct sub_conf {
	char db[512];
	struct ims_cli_key key;
	char amf[32], sqn[32], msisdn[32];
	char impi[IMS_ID_MAX], domain[200];
	uint32_t mnc_len;
	bool fixed_sqn, barred, unbarred;
	bool json, keys;
	/* --impu, --barred-impu and --own-impu, in their order */
	char impu[IMS_ID_MAX], barred_impu[IMS_ID_MAX], own_impu[IMS_ID_MAX];
	/* (those for the help only) */
	const char *uri[IMS_IMPU_MAX];
	bool uri_barred[IMS_IMPU_MAX], uri_own[IMS_IMPU_MAX];
	size_t n_uris;
	/* not options */
	const char *imsi;
};

/* A new subscriber, or changes to one; 0, or the exit status of what was
 * printed.
 */
int ims_cli_sub_new(struct sub_conf *c, struct ims_sub *out);
int ims_cli_sub_change(struct sub_conf *c, struct ims_sub *sub);

void ims_cli_sub_line(const struct sub_conf *c, const struct ims_sub *sub);
void ims_cli_sub_page(const struct sub_conf *c, const struct ims_sub *sub);

#endif
