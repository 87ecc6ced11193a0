/* SPDX-License-Identifier: BSD-2-Clause */
/* sip_hdr.c - header names: find and spell.
 *
 * A name is looked up by its length, then compared with the few names that
 * have this length.  by_len stands here by hand because no macro can sort; the
 * unit test looks every name of the list up.
 */
#include "sip_hdr.h"

#include "sip_scan.h"

#define SAME_LEN 5
#define LONGEST 29

/* clang-format off */
static const uint8_t by_len[LONGEST + 1][SAME_LEN] = {
	[2] = {IMS_SIP_TO},
	[3] = {IMS_SIP_VIA},
	[4] = {IMS_SIP_FROM, IMS_SIP_CSEQ, IMS_SIP_PATH, IMS_SIP_DATE},
	[5] = {IMS_SIP_ROUTE, IMS_SIP_ALLOW, IMS_SIP_EVENT},
	[6] = {IMS_SIP_ACCEPT, IMS_SIP_SERVER, IMS_SIP_REASON},
	[7] = {IMS_SIP_CONTACT, IMS_SIP_CALL_ID, IMS_SIP_REQUIRE,
	       IMS_SIP_EXPIRES, IMS_SIP_WARNING},
	[9] = {IMS_SIP_SUPPORTED},
	[10] = {IMS_SIP_USER_AGENT, IMS_SIP_FLOW_TIMER},
	[11] = {IMS_SIP_MIN_EXPIRES, IMS_SIP_RETRY_AFTER, IMS_SIP_UNSUPPORTED},
	[12] = {IMS_SIP_MAX_FORWARDS, IMS_SIP_CONTENT_TYPE,
		IMS_SIP_RECORD_ROUTE, IMS_SIP_ALLOW_EVENTS},
	[13] = {IMS_SIP_PROXY_REQUIRE, IMS_SIP_AUTHORIZATION,
		IMS_SIP_SERVICE_ROUTE},
	[14] = {IMS_SIP_CONTENT_LENGTH},
	[15] = {IMS_SIP_SECURITY_CLIENT, IMS_SIP_SECURITY_VERIFY,
		IMS_SIP_SECURITY_SERVER},
	[16] = {IMS_SIP_WWW_AUTHENTICATE, IMS_SIP_P_ASSOCIATED_URI,
		IMS_SIP_CONTENT_ENCODING},
	[17] = {IMS_SIP_P_CHARGING_VECTOR, IMS_SIP_P_CALLED_PARTY_ID},
	[18] = {IMS_SIP_SUBSCRIPTION_STATE, IMS_SIP_PROXY_AUTHENTICATE},
	[19] = {IMS_SIP_P_ASSERTED_IDENTITY, IMS_SIP_AUTHENTICATION_INFO,
		IMS_SIP_PROXY_AUTHORIZATION},
	[20] = {IMS_SIP_P_VISITED_NETWORK_ID, IMS_SIP_P_PREFERRED_IDENTITY},
	[21] = {IMS_SIP_P_ACCESS_NETWORK_INFO},
	[29] = {IMS_SIP_P_CHARGING_FUNCTION_ADDRESSES},
};

static const uint8_t by_letter[26] = {
	['c' - 'a'] = IMS_SIP_CONTENT_TYPE,
	['e' - 'a'] = IMS_SIP_CONTENT_ENCODING,
	['f' - 'a'] = IMS_SIP_FROM,
	['i' - 'a'] = IMS_SIP_CALL_ID,
	['k' - 'a'] = IMS_SIP_SUPPORTED,
	['l' - 'a'] = IMS_SIP_CONTENT_LENGTH,
	['m' - 'a'] = IMS_SIP_CONTACT,
	['o' - 'a'] = IMS_SIP_EVENT,
	['t' - 'a'] = IMS_SIP_TO,
	['u' - 'a'] = IMS_SIP_ALLOW_EVENTS,
	['v' - 'a'] = IMS_SIP_VIA,
};

#define NAME_ROW(e, name, compact, kind) [IMS_SIP_##e] = (name),
static const char *const names[IMS_SIP_N_HDR_IDS] = {
	[IMS_SIP_OTHER] = "",
	IMS_SIP_HEADERS(NAME_ROW)
};

#define KIND_ROW(e, name, compact, kind) [IMS_SIP_##e] = IMS_SIP_##kind,
static const uint8_t kinds[IMS_SIP_N_HDR_IDS] = {
	[IMS_SIP_OTHER] = IMS_SIP_TEXT,
	IMS_SIP_HEADERS(KIND_ROW)
};
/* clang-format on */

/* How two times eight characters differ, case aside: 0x20 is the case of a
 * letter only (its 0x40 is set), and something else in a '-'.
 */
static uint64_t differ8(uint64_t a, uint64_t name)
{
	return (a ^ name) & ~((name & UINT64_C(0x4040404040404040)) >> 1);
}

/* Eight characters, or, of a name of two to seven, all of them: the halves
 * overlap.
 */
static uint64_t load8(const char *p, size_t n)
{
	size_t half = n >= 8 ? 8 : n >= 4 ? 4 : 2;
	uint64_t v;
	uint32_t lo, hi;
	uint16_t first, last;

	if (half == 8) {
		memcpy(&v, p, 8);
		return v;
	}
	if (half == 4) {
		memcpy(&lo, p, 4);
		memcpy(&hi, p + n - 4, 4);
		return (uint64_t)hi << 32 | lo;
	}
	memcpy(&first, p, 2);
	memcpy(&last, p + n - 2, 2);
	return (uint64_t)last << 32 | first;
}

/* Compares with the name of the same length without case. */
static bool same(const char *s, const char *name, size_t n)
{
	for (; n > 8; s += 8, name += 8, n -= 8) {
		if (differ8(load8(s, 8), load8(name, 8)))
			return false;
		if (n < 16) { /* the last eight overlap these */
			s -= 16 - n;
			name -= 16 - n;
			n = 16;
		}
	}
	return differ8(load8(s, n), load8(name, n)) == 0;
}

enum ims_sip_hdr_id ims_sip_hdr_find(struct ims_str name)
{
	const uint8_t *id;

	if (name.n == 1) {
		unsigned letter = ((unsigned char)name.p[0] | 0x20) - 'a';

		return letter < 26 ? by_letter[letter] : IMS_SIP_OTHER;
	}
	if (name.n < 2 || name.n > LONGEST)
		return IMS_SIP_OTHER;
	id = by_len[name.n];
	for (int i = 0; i < SAME_LEN && id[i]; i++)
		if (((name.p[0] ^ names[id[i]][0]) & 0xdf) == 0 &&
		    same(name.p, names[id[i]], name.n))
			return id[i];
	return IMS_SIP_OTHER;
}

const char *ims_sip_hdr_name(enum ims_sip_hdr_id id)
{
	return id < IMS_SIP_N_HDR_IDS ? names[id] : "";
}

enum ims_sip_hdr_kind ims_sip_hdr_kind(enum ims_sip_hdr_id id)
{
	return id < IMS_SIP_N_HDR_IDS ? kinds[id] : IMS_SIP_TEXT;
}
