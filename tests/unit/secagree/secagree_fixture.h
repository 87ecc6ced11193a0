/* SPDX-License-Identifier: BSD-2-Clause */
/* secagree_fixture.h - lists of mechanisms from text. */
#ifndef IMS_SECAGREE_FIXTURE_H
#define IMS_SECAGREE_FIXTURE_H

#include "secagree.h"

#include "test.h"

static inline size_t fix_list(const char *text, struct ims_sip_sec *list)
{
	struct ims_flaw flaw = {0};
	size_t n = 0;

	if (ims_sip_sec_list(ims_str(text), list, IMS_SIP_SEC_MAX, &n, &flaw))
		fail_msg("%s: %s", text, flaw.text);
	return n;
}

static inline struct ims_secagree_policy fix_policy(bool deprecated)
{
	struct ims_secagree_policy p = ims_secagree_policy_default();

	p.allow_deprecated = deprecated;
	return p;
}

#define FIX_NUMBERS ";spi-c=1001;spi-s=1002;port-c=31000;port-s=32000"

#endif
