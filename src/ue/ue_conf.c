/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_conf.c - defaults, and identities from an IMSI [23.003 13]. */
#include "ue.h"

#include <stdio.h>
#include <string.h>

#define REG_AWAIT_AUTH_MS 240000
#define EXPIRES_S 600000
#define LEAVE_MS 8000

void ims_ue_conf_default(struct ims_ue_conf *c)
{
	*c = (struct ims_ue_conf){
		.offer = IMS_UE_OFFER_FIRST,
		.transport_register = IMS_UE_AUTO,
		.transport_other = IMS_UE_AUTO,
		.policy = ims_secagree_policy_default(),
		.expires = EXPIRES_S,
		.subscribe = true,
		.user_agent = "imsreg",
		.timers = ims_txn_timers_ims,
		.udp_max = IMS_TXN_UDP_MAX,
		.reg_await_auth_ms = REG_AWAIT_AUTH_MS,
		.leave_ms = LEAVE_MS,
	};
}

/* Countries whose networks all have three digits [ITU-T E.212]: North America
 * and its Caribbean neighbours, Honduras, Argentina, Colombia, the Falklands.
 * Where both lengths occur (India, Bermuda, Panama) the caller must know.
 */
/* clang-format off */
static const uint16_t three_digits[] = {
	302, 310, 311, 312, 313, 314, 315, 316, 330, 334, 338, 342, 344, 346,
	348, 352, 354, 356, 358, 360, 365, 366, 376, 708, 722, 732, 750,
};
/* clang-format on */

static int digits_of_mnc(unsigned mcc)
{
	for (size_t i = 0; i < sizeof three_digits / sizeof *three_digits; i++)
		if (three_digits[i] == mcc)
			return 3;
	return 2;
}

static unsigned number(struct ims_str digits, size_t from, size_t n)
{
	unsigned v = 0;

	for (size_t i = from; i < from + n; i++)
		v = 10 * v + (unsigned)(digits.p[i] - '0');
	return v;
}

int ims_ue_conf_imsi(struct ims_ue_conf *c, struct ims_str imsi, int mnc_len)
{
	unsigned mcc, mnc;
	uint64_t v;

	if (imsi.n < 6 || imsi.n > 15)
		return -IMS_E_LENGTH;
	if (ims_str_u64(imsi, UINT64_MAX, &v) ||
	    (mnc_len != 0 && mnc_len != 2 && mnc_len != 3))
		return -IMS_E_SYNTAX;
	mcc = number(imsi, 0, 3);
	mnc = number(imsi, 3, (size_t)(mnc_len ? mnc_len : digits_of_mnc(mcc)));
	snprintf(c->domain, sizeof c->domain,
		 "ims.mnc%03u.mcc%03u.3gppnetwork.org", mnc, mcc);
	snprintf(c->impi, sizeof c->impi,
		 "%.*s@ims.mnc%03u.mcc%03u."
		 "3gppnetwork.org",
		 IMS_STR_ARG(imsi), mnc, mcc);
	snprintf(c->impu, sizeof c->impu,
		 "sip:%.*s@ims.mnc%03u.mcc%03u."
		 "3gppnetwork.org",
		 IMS_STR_ARG(imsi), mnc, mcc);
	return 0;
}
